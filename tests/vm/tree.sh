# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A tree to install from, as a site gets one: an ISO on a mirror, signed with a key of the tests, is found, proven and published by
# check-and-download-rocky. In its initrd is the stand-in for Anaconda.

# shellcheck source=stand-in/initrd.sh
. "${BASH_SOURCE[0]%/*}/stand-in/initrd.sh"

LINE=x86_64-linux-rockylinux-10
TREE=$LINE.1
MIRROR=''
# A folder with the files of EFI/BOOT in the tree; none without one.
TREE_EFI=''

# tree_publish: and the mirror is gone again. There are no local packages, whatever another test has added.
tree_publish() {
    rm -rf "$LAB_DIR/site/srv/hps-resources/packages/$LINE"
    trap 'mirror_stop; case_stop' INT TERM HUP
    trap mirror_stop EXIT
    mirror_start "$(site_installer_kernel "$DEBIAN")"
    publish
    mirror_stop
}

# mirror_start KERNEL: an initrd with the stand-in, and a mirror that has both in an ISO.
mirror_start() {
    local folder=$LAB_DIR/mirror kernel=$1 programs deadline
    rm -rf "$folder"
    mkdir -p "$folder"
    stand_in_initrd "${kernel%/*}/initrd.img" "$folder" || case_fail "there is no initrd with the stand-in"
    # The program of a test build, which believes the key that a variable names.
    programs=$(as_owner cargo test --quiet --locked -p hps-cli --test serve-mirror --no-run --message-format json |
        python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable"):
        print(message["target"]["name"], message["executable"], sep="\t")') || case_fail "the mirror was not built"
    SERVE=$(sed -n 's/^serve-mirror\t//p' <<< "$programs")
    FETCH=$(sed -n 's/^check-and-download-rocky\t//p' <<< "$programs")
    mkfifo "$folder/stop"
    # It ends when its standard input does, and that never ends while it holds both ends of it.
    { exec "$SERVE" "$kernel" "$folder/initrd.img" "$folder" ${TREE_EFI:+"$TREE_EFI"} <> "$folder/stop" > "$LAB_DIR/log/$CASE-mirror.log" 2>&1 9>&-; } &
    MIRROR=$!
    deadline=$(($(now) + 60))
    until [[ -e $folder/url ]]; do
        if ! kill -0 "$MIRROR" 2> /dev/null || (($(now) >= deadline)); then
            case_fail "the mirror did not start: see $LAB_DIR/log/$CASE-mirror.log"
        fi
        sleep 0.2
    done
}

mirror_stop() {
    [[ -n $MIRROR ]] || return 0
    kill "$MIRROR" 2> /dev/null || true
    wait "$MIRROR" 2> /dev/null || true
    MIRROR=''
}

# fetch OPTION...: asks that mirror, with that key pinned.
fetch() {
    HPS_CONFIG=$(site_config) HPS_TEST_KEY=$LAB_DIR/mirror/pinned.asc "$FETCH" "$@" 9>&-
}

publish() {
    local said mirror
    mirror=$(< "$LAB_DIR/mirror/url")
    # Of an earlier run.
    [[ ! -e $LAB_DIR/site/srv/hps-resources/distros/$TREE ]] || fetch --remove "$TREE" > /dev/null
    said=$(fetch --mirror "$mirror" --release 10 2>&1) || case_fail "nothing was published: $said"
    expect_equal "the tree is found, proven and published" "$TREE published" "$said"
    expect_equal "and not again" '' "$(fetch --mirror "$mirror" --release 10 2>&1)"
}
