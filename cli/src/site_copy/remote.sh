# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What site-copy does on the host that holds the copies, by ssh and as root: sh -s -- TASK FOLDER ARGUMENT...
# FOLDER has the copies, the link `current` to the newest whole one, and `.new`, which becomes the next one.

set -e
task=$1 folder=$2
shift 2

# ask: exit code 20 where a copy is there, 0 where none is; 30 and 31 where none can be.
ask() {
    test -d "$folder" || exit 30
    command -v rsync > /dev/null || exit 31
    test ! -d "$folder/current/files" || exit 20
}

# prepare: what a run before this one has left is continued.
prepare() {
    # shellcheck disable=SC2174  # only root can enter $folder
    mkdir -p -m 0700 "$folder/.new/files"
}

# explain NAME NODE USER ADDRESS PATH...: what to do with the copy, beside it; and its paths for rsync, which must not change the folders
# above them.
explain() {
    name=$1 node=$2 user=$3 address=$4
    shift 4
    printf '%s\n' "$@" > "$folder/.new/PATHS"
    cat > "$folder/.new/RESTORE" << END
A copy of the provisioning node $node, begun $name. What lies below files/ belongs below / of the machine that takes its place.
Permissions to install are not in it. As root on a fresh Debian 12, with the address of the old one (docs/guide/disaster-recovery.md):

  apt-get install dnsmasq-base ipxe lighttpd rsync
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hps
  rsync --archive --recursive --no-implied-dirs --chown root:hps --rsync-path 'sudo rsync' \\
    --files-from :$folder/current/PATHS $user@$address:$folder/current/files/ /
  host-state list --state INSTALLING     each of them: host-state disarm HOST
  reload
END
}

# publish NAME KEEP: all of it is on the disk before the link names it. Older copies go when there are more than KEEP.
publish() {
    cd "$folder"
    sync -f .new
    mv -T .new "$1"
    ln -sfn "$1" .current.new
    mv -T .current.new current
    sync -f .
    kept=$(readlink current)
    # shellcheck disable=SC2012  # the names are times
    ls -1d 2[0-9]*Z | sort -r | tail -n +$(($2 + 2)) | while read -r old; do
        test "$old" = "$kept" || rm -rf -- "$old"
    done
}

case $task in
    ask) ask ;;
    prepare) prepare ;;
    explain) explain "$@" ;;
    publish) publish "$@" ;;
    *) exit 2 ;;
esac
