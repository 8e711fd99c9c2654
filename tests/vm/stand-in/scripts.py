# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of a kickstart as Anaconda runs them."""

import os
import subprocess
import tempfile
import time

import console
import reading

QUESTION = ("There was an error running the kickstart script at line {line}.  This is a fatal error and installation will be aborted. "
            "Press ENTER to exit")


def run(handler, kind, name, target="/"):
    """All of one kind. `target` is where those that are not `--nochroot` run, for %post alone."""
    for number, script in enumerate(reading.scripts(handler, kind), 1):
        where = f"%{name} {number} (line {script.lineno})"
        status = _run(script, target if script.inChroot else "/")
        console.say(f"{where} ended with {status}")
        if status:
            console.entry("ERR", "kickstart.script", f"Error code {status} running the kickstart script at line {script.lineno}")
        if status and script.errorOnFail:
            ask(QUESTION.format(line=script.lineno))


def ask(question):
    """In cmdline mode too; no other script is run before or after, and nobody is there to press a key."""
    console.show(question)
    while True:
        time.sleep(3600)


def _run(script, root):
    """Its text is left in /tmp of where it runs. What it prints goes to its log, which begins anew, and to program.log, until nobody holds
    its output any more."""
    handle, path = tempfile.mkstemp("", "ks-script-", os.path.join(root, "tmp"))
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(script.script)
    os.chmod(path, 0o700)
    inside = f"/tmp/{os.path.basename(path)}"
    log = os.path.join(root, script.logfile.lstrip("/")) if script.logfile else f"{console.LOGS}/{os.path.basename(path)}.log"
    os.makedirs(os.path.dirname(log), exist_ok=True)
    command = [script.interp, inside]
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output, open(console.PROGRAM, "ab") as program:
        with subprocess.Popen(["chroot", root, *command] if root != "/" else command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as process:
            for line in process.stdout:
                for file in (output, program):
                    file.write(line)
                    file.flush()
    return process.returncode
