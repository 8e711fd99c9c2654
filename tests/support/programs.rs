// SPDX-License-Identifier: GPL-3.0-or-later
//! Stand-ins for programs. HPS calls programs by absolute paths, so a stand-in is mounted over the real one, for one command and what that
//! starts.

/// A script for `sh -c`, in a mount namespace of its own: a folder of stand-ins, and the command. Each has the name of what it stands for.
pub(crate) const WITH_PROGRAMS: &str = r#"
for program in "$1"/*; do
    place=
    for folder in /usr/sbin /usr/bin; do [ ! -e "$folder/${program##*/}" ] || place=$folder/${program##*/}; done
    mount --bind "$program" "${place:?${program##*/} is not installed}" || exit 99
done
shift
exec "$@""#;
