# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of an installation by kickstart, as Anaconda has it: the first reading, %pre, the second reading with what those wrote,
disks, %pre-install, the system, %post. What goes wrong goes to %onerror. What it installs is the node environment that it runs in,
so that the last scripts have a root to work in; nothing boots from it.

    install.py RELEASE      `10.1`, as the tree says; the kickstart is /run/install/ks.cfg"""

import os
import shutil
import subprocess
import sys
import time

import carry_out
import plan as planning
import reading

KICKSTART = "/run/install/ks.cfg"
ROOT = "/mnt/sysroot"
LOG = "/tmp/anaconda.log"
HOLD = "/sys/firmware/qemu_fw_cfg/by_name/opt/hps/hold/raw"
HOLD_SECONDS = 600
# What scripts call in the installed system, and the node environment lacks: files beside this one.
PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
PLACES = ("bin", "sbin", "usr/bin", "usr/sbin")
# Files of it that scripts look for, whatever they hold.
FILES = ("etc/selinux/targeted/contexts/files/file_contexts",)


class GaveUp(Exception):
    """The sentence that ends the installation."""


ERRORS = (GaveUp, planning.Refused, carry_out.Failed)


def say(text):
    """To the log, Anaconda's log, and the consoles."""
    print(f"stand-in: {text}", flush=True)
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(text + "\n")
    with open("/sys/class/tty/console/active", encoding="ascii") as active:
        for name in active.read().split():
            with open(f"/dev/{name}", "w", encoding="utf-8") as console:
                console.write(f"stand-in: {text}\n")


def run_scripts(handler, kind, name):
    for number, script in enumerate(reading.scripts(handler, kind), 1):
        where = f"%{name} {number} (line {script.lineno})"
        root = ROOT if script.inChroot else ""
        file = f"/tmp/ks-script-{name}-{number}"
        with open(root + file, "w", encoding="utf-8") as out:
            out.write(script.script)
        os.chmod(root + file, 0o700)
        log = root + script.logfile if script.logfile else LOG
        os.makedirs(os.path.dirname(log), exist_ok=True)
        command = [script.interp, file]
        with open(log, "ab") as output:
            done = subprocess.run(["chroot", root, *command] if root else command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        os.unlink(root + file)
        say(f"{where} ended with {done.returncode}")
        if done.returncode and script.errorOnFail:
            raise GaveUp(f"the script {where} ended with {done.returncode}")


def lay_out(handler):
    disks = carry_out.disks()
    say(f"disks: {', '.join(disks)}")
    plan = planning.make(handler, disks, os.path.isdir("/sys/firmware/efi"))
    carry_out.partitions(plan)
    carry_out.stack(plan)
    carry_out.make_file_systems(plan, say)
    carry_out.mount(plan, ROOT)
    for piece in plan.formatted():
        say(f"made {piece.what} on {carry_out.device(piece)}")
    say(f"parsed, not carried out: {', '.join(name for name in reading.seen(handler) if name not in reading.STORAGE)}")
    return plan


def install_root():
    for path in ("etc/sudoers.d", "etc/ssh", "root", "tmp", "dev", "proc", "sys"):
        os.makedirs(f"{ROOT}/{path}", exist_ok=True)
    # `boot` is a file system of its own.
    carry_out.run("cp", "-a", "/bin", "/sbin", "/lib", "/lib64", "/usr", f"{ROOT}/")
    for path in ("dev", "proc", "sys"):
        carry_out.run("mount", "--bind", f"/{path}", f"{ROOT}/{path}")
    shutil.copy(KICKSTART, f"{ROOT}/root/anaconda-ks.cfg")
    for name in os.listdir(PROGRAMS):
        for place in PLACES:
            if os.path.lexists(f"{ROOT}/{place}/{name}"):
                os.unlink(f"{ROOT}/{place}/{name}")
        shutil.copy(f"{PROGRAMS}/{name}", f"{ROOT}/usr/bin/{name}")
    for path in FILES:
        os.makedirs(os.path.dirname(f"{ROOT}/{path}"), exist_ok=True)
        open(f"{ROOT}/{path}", "x", encoding="ascii").close()


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
        say("holding, so that the power can be cut")
        time.sleep(HOLD_SECONDS)
    elif asked == f"{place}-fail":
        raise GaveUp(f"told to give up at: {place}")


def left_behind():
    """Files of the installed system that hold the kickstart's token."""
    found = subprocess.run(["grep", "-rlF", "HPS_TOKEN=", f"{ROOT}/root", f"{ROOT}/etc", f"{ROOT}/tmp"], stdout=subprocess.PIPE, text=True, check=False)
    return found.stdout.split()


def install(release):
    handler = reading.first_pass(KICKSTART, release)
    run_scripts(handler, reading.PRE, "pre")
    handler = reading.second_pass(KICKSTART, release)
    say(f"read twice as {reading.handler_name(release)}")
    try:
        plan = lay_out(handler)
        hold("disks")
        run_scripts(handler, reading.PRE_INSTALL, "pre-install")
        hold("packages")
        install_root()
        run_scripts(handler, reading.POST, "post")
        if left_behind():
            raise GaveUp(f"the kickstart's token is left in the installed system: {' '.join(left_behind())}")
        carry_out.unmount(plan, ROOT)
    except ERRORS as error:
        say(str(error))
        run_scripts(handler, reading.ONERROR, "onerror")
        return 1
    say("complete")
    return 0


def main():
    try:
        return install(sys.argv[1])
    except (*ERRORS, reading.NotRead) as error:
        # Before the second reading Anaconda has no scripts to run then.
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
