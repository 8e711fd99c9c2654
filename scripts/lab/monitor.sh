# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A running machine's QEMU monitor, its serial console, and the keys that are pressed on it. All keys of a lab go
# through console_key and console_line, which count them; keys that a person types on the same console are not counted.

# monitor NAME COMMAND: one command of QEMU's human monitor.
monitor() {
    printf '%s\n' "$2" | socat -t 1 - "UNIX-CONNECT:$LAB_DIR/machines/$1/monitor" > /dev/null
}

machine_reset() { monitor "$1" system_reset; }

# console_key NAME KEY: presses one key, a character, on the serial console.
console_key() {
    ((${#2} == 1)) || die "not one key: $2"
    console_send "$1" "$2"
}

# console_line NAME TEXT: types a line and the Enter key.
console_line() { console_send "$1" "$2"$'\r'; }

# console_send NAME TEXT: TEXT as keys, each counted. QEMU accepts them as fast as the machine reads, and drops the rest
# when the connection ends. So the connection stays open until all are read.
console_send() {
    local dir=$LAB_DIR/machines/$1 text=$2
    python3 - "$dir/console" "$text" << 'END' || die "nothing can be typed on the console of $1"
import array, fcntl, socket, sys, termios, time
console = socket.socket(socket.AF_UNIX)
console.connect(sys.argv[1])
console.sendall(sys.argv[2].encode())
left, give_up = array.array("i", [1]), time.monotonic() + 600
while left[0]:
    if time.monotonic() > give_up:
        sys.exit("the machine does not read its console")
    time.sleep(0.05)
    fcntl.ioctl(console, termios.TIOCOUTQ, left)
END
    # One character a line, Enter as `\r`.
    while [[ -n $text ]]; do
        printf '%q\n' "${text:0:1}"
        text=${text:1}
    done >> "$dir/keys"
}

# machine_keys NAME: how many were pressed since the machine was made.
machine_keys() {
    if [[ -e $LAB_DIR/machines/$1/keys ]]; then wc -l < "$LAB_DIR/machines/$1/keys"; else printf '0\n'; fi
}

# console_mark NAME: from now on console_has and console_wait see only later text.
console_mark() {
    stat -c %s "$LAB_DIR/machines/$1/console.log" > "$LAB_DIR/machines/$1/console.mark"
}

# console_text NAME: the text of its console since it was powered on, or since the mark, without codes that only move
# the cursor or set colours.
console_text() {
    local dir=$LAB_DIR/machines/$1 mark=0
    [[ ! -e $dir/console.mark ]] || read -r mark < "$dir/console.mark"
    tail -c "+$((mark + 1))" "$dir/console.log" 2> /dev/null | tr -d '\r\000' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g'
}

# console_has NAME TEXT: whether TEXT is in it.
console_has() {
    # Not grep -q: it leaves at the first match, and then pipefail reports the writer's broken pipe.
    console_text "$1" | grep -aF -- "$2" > /dev/null
}

# console_wait NAME TEXT: until it is there, by the rules of alive.sh.
console_wait() { machine_until "$1" "\"$2\" on the console of $1" console_has "$1" "$2"; }

# console_answer NAME TEXT KEY: waits for TEXT, then presses KEY.
console_answer() {
    console_wait "$1" "$2" && console_key "$1" "$3"
}

# console_command NAME COMMAND TEXT: types COMMAND at a shell's prompt, and waits for TEXT in the answer. The command is
# echoed, so TEXT must not be in it.
console_command() {
    [[ $2 != *"$3"* ]] || die "the command holds the text that is waited for: $2"
    console_mark "$1"
    console_line "$1" "$2"
    console_wait "$1" "$3"
}
