# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of an installation by kickstart, as Anaconda has it: the first reading, %pre, the second reading with what those wrote,
disks, %pre-install, the system, %post, and what is copied into the system behind it. Errors of Anaconda's own go to %onerror and %traceback; those of
scripts do not. What it installs is the node environment that it runs in, so that the last scripts have a root to work in; nothing boots from it.

What of Anaconda this takes for true, where its sources say it, and what would prove it wrong: docs/vm-tests.md.

    install.py RELEASE      `10.1`, as the tree says; the kickstart is /run/install/ks.cfg"""

import os
import subprocess
import sys
import time

import carry_out
import console
import plan as planning
import reading
import scripts
import target

KICKSTART = "/run/install/ks.cfg"
HOLD = "/sys/firmware/qemu_fw_cfg/by_name/opt/hps/hold/raw"
HOLD_SECONDS = 600
NOT_READ_SECONDS = 10


class GaveUp(Exception):
    """The sentence that ends the installation."""


# Those of the process that partitions, whose words are in a log of its own.
STORAGE_ERRORS = (planning.Refused, carry_out.Failed)
ERRORS = (GaveUp, *STORAGE_ERRORS)


def lay_out(handler):
    disks = carry_out.disks()
    console.say(f"disks: {', '.join(disks)}")
    plan = planning.make(handler, disks, os.path.isdir("/sys/firmware/efi"))
    carry_out.partitions(plan)
    carry_out.stack(plan)
    carry_out.make_file_systems(plan, console.say)
    carry_out.mount(plan, target.ROOT)
    for piece in plan.formatted():
        console.say(f"made {piece.what} on {carry_out.device(piece)}")
    console.say(f"parsed, not carried out: {', '.join(name for name in reading.seen(handler) if name not in reading.STORAGE)}")
    return plan


def hold(place):
    """Real disks and packages take minutes, in which power can fail. A test whose machine says so has the time to cut it at one of these
    places, or has the installer give up there."""
    subprocess.run(["modprobe", "-q", "qemu_fw_cfg"], check=False)
    try:
        with open(HOLD, encoding="ascii") as file:
            asked = file.read().strip()
    except FileNotFoundError:
        return
    if asked == place:
        # What is written is on the disks when the power goes, as it would be after minutes.
        os.sync()
        console.say("holding, so that the power can be cut")
        time.sleep(HOLD_SECONDS)
    elif asked == f"{place}-fail":
        raise (planning.Refused if place == "disks" else GaveUp)(f"told to give up at: {place}")


def give_up(handler, error, release):
    """The last line of anaconda.log is about what it does next, not about the error."""
    if isinstance(error, STORAGE_ERRORS):
        console.storage_error(str(error))
        error = "The following mandatory spokes are not completed:\nInstallation Destination"
    console.entry("CRT", "exception", "Traceback (most recent call last):\n\n  File \"anaconda\", line 1, in <module>\n\n"
                  f"pyanaconda.errors.NonInteractiveError: {error}\n")
    if release.startswith("9"):
        console.entry("INF", "core.util", "Running kickstart %%onerror script(s)")
    else:
        console.entry("DBG", "exception", "In the main thread, running exception handler")
    console.show(f"The installation was stopped due to an error. The exact error message is:\n\n{error}\n\nThe installer will now terminate.")
    scripts.run(handler, reading.ONERROR, "onerror")
    scripts.run(handler, reading.TRACEBACK, "traceback")


def install(release):
    handler = reading.first_pass(KICKSTART, release)
    with open(KICKSTART, encoding="utf-8") as file:
        text = file.read()
    held = target.secrets(text)
    scripts.run(handler, reading.PRE, "pre")
    handler = reading.second_pass(KICKSTART, release)
    console.say(f"read twice as {reading.handler_name(release)}")
    try:
        plan = lay_out(handler)
        hold("disks")
        scripts.run(handler, reading.PRE_INSTALL, "pre-install")
        hold("packages")
        target.install(plan)
        target.write_kickstart(text)
        scripts.run(handler, reading.POST, "post", target.ROOT)
        target.write_kickstart(text)
        target.copy_results(KICKSTART)
        wrong = target.faults(plan, held)
        carry_out.unmount(plan, target.ROOT)
    except ERRORS as error:
        console.say(str(error))
        give_up(handler, error, release)
        return 1
    for fault in wrong:
        console.say(f"WRONG in the installed system: {fault}")
    console.say("ended, and not as it should be" if wrong else "complete")
    return 0


def main():
    try:
        return install(sys.argv[1])
    except reading.NotRead as error:
        # No script is run, and nothing restarts the machine.
        console.show(f"\nAn error occurred during reading the kickstart file:\n{error}\n\nThe installer will now terminate.")
        time.sleep(NOT_READ_SECONDS)
        console.say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
