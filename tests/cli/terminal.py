# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program at a terminal of its own and types answers where their questions were seen.

The argument is JSON: command, columns, environment, and steps: the text to wait for, and what is typed after it. "HANGUP"
closes the terminal. The answer is JSON: what was shown, the exit code (negative: the signal), the steps that are left,
and whether the settings of the terminal are as before.
"""

import fcntl, json, os, pty, select, struct, subprocess, sys, termios, time

given = json.loads(sys.argv[1])
terminal, program_end = pty.openpty()
fcntl.ioctl(program_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, given["columns"], 0, 0))
before = termios.tcgetattr(program_end)


def lead():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


environment = {**os.environ, **given["environment"]}
child = subprocess.Popen(
    given["command"], stdin=program_end, stdout=program_end, stderr=program_end, preexec_fn=lead, env=environment
)
steps, seen, at, limit = given["steps"], "", 0, time.time() + 60
while time.time() < limit and terminal is not None:
    if select.select([terminal], [], [], 0.05)[0]:
        seen += os.read(terminal, 65536).decode(errors="replace")
    elif child.poll() is not None:
        break
    elif steps and steps[0][0] in seen[at:]:
        at += seen[at:].index(steps[0][0]) + len(steps[0][0])
        typed = steps.pop(0)[1]
        if typed == "HANGUP":
            os.close(terminal)
            terminal = None
        else:
            os.write(terminal, typed.encode())
code = child.wait(timeout=20) if child.poll() is None and terminal is None else child.poll()
if code is None:
    child.kill()
    child.wait()
same = terminal is None or termios.tcgetattr(program_end) == before
print(json.dumps({"seen": seen.replace("\r\n", "\n"), "code": code, "left": steps, "same": same}))
