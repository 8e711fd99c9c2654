# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The initrd of the stand-in for Anaconda: the node environment's, and behind it an archive with the stand-in, Debian's Python and
# pykickstart, of which only the modules that are loaded go in, compiled.

STAND_IN=${BASH_SOURCE[0]%/*}
# Debian's own, which needs few libraries.
STAND_IN_PYTHON=/usr/bin/python3

# stand_in_pykickstart: the folder that scripts/setup installed it in.
stand_in_pykickstart() {
    local folder
    for folder in "$REPOSITORY"/target/venv/lib/python3*/site-packages; do
        [[ -e $folder/pykickstart/parser.py ]] && printf '%s\n' "$folder" && return
    done
    printf 'pykickstart is missing: run scripts/setup test\n' >&2
    return 1
}

# stand_in_initrd BASE FOLDER: makes FOLDER/initrd.img.
stand_in_initrd() {
    local root=$2/more pykickstart
    pykickstart=$(stand_in_pykickstart) || return 1
    rm -rf "$root"
    mkdir -p "$root/hps/stand-in" "$root/usr/bin"
    cp "$STAND_IN/installer" "$root/hps/rescue"
    cp -R "$STAND_IN/programs" "$root/hps/stand-in/"
    stand_in_programs "$root" || return 1
    stand_in_modules "$root" "$pykickstart" || return 1
    cp "$1" "$2/initrd.img"
    # A second archive behind the first replaces files of it (the kernel's Documentation/driver-api/early-userspace).
    truncate -s %4 "$2/initrd.img"
    (cd "$root" && find . | cpio --quiet --create --format=newc --owner=0:0) | zstd --quiet -9 >> "$2/initrd.img"
}

# stand_in_programs ROOT: the interpreter with its libraries, and a program that installers have and the node environment does not, which is
# linked to no more than lsblk is.
stand_in_programs() {
    local program library
    program=$(readlink -f "$STAND_IN_PYTHON") || return 1
    cp "$program" "$1/usr/bin/python3"
    cp "$(PATH=$PATH:/usr/sbin:/sbin type -P partx)" "$1/usr/bin/"
    mkdir -p "$1/usr/lib/x86_64-linux-gnu"
    ldd "$program" | sed -n 's/^[^/]*=> \(\/[^ ]*\) (.*/\1/p' | while read -r library; do
        # The node environment has the C library already, of the same Debian.
        [[ ${library##*/} == libc.so.6 || ${library##*/} == libm.so.6 ]] || cp -L "$library" "$1/usr/lib/x86_64-linux-gnu/"
    done
}

# stand_in_modules ROOT PYKICKSTART: what the stand-in loads, as Python itself says, at the places where it looks for it.
stand_in_modules() {
    "$STAND_IN_PYTHON" -S -E -B - "$STAND_IN" "$@" << 'END'
import os, py_compile, shutil, sys

here, root, pykickstart = map(os.path.abspath, sys.argv[1:])
sys.path[:0] = [here, pykickstart]
import encodings.ascii
import install, reading
# Rocky and AlmaLinux have these; pykickstart itself would load the commands of every Fedora since 2003.
handlers = ("__init__", "control", "rhel9", "rhel10")
for release in ("9.0", "10.0"):
    reading.second_pass(os.devnull, release)
library = os.path.dirname(os.__file__)
own = root + "/hps/stand-in"
places = ((here, own), (pykickstart, own), (library, f"{root}/usr/lib/{os.path.basename(library)}"))
for name, module in list(sys.modules.items()):
    file = getattr(module, "__file__", None)
    if not file or name == "__main__":
        continue
    start, target = next((place for place in places if file.startswith(place[0] + "/")), (None, None))
    if start is None:
        sys.exit(f"the stand-in loads {file}, which is in no place that is known")
    path = os.path.join(target, os.path.relpath(file, start))
    folder, base = os.path.split(path)
    if "/pykickstart/handlers/" in file and base.removesuffix(".py") not in handlers:
        continue
    os.makedirs(folder, exist_ok=True)
    shutil.copy(file, path)
    if file.endswith(".py"):
        # Its source is never looked at, whatever the clock of the machine says.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(path, dfile=os.path.relpath(file, start), doraise=True, invalidation_mode=mode)
END
}
