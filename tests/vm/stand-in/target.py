# SPDX-License-Identifier: GPL-3.0-or-later
"""The new system: what stands in for its packages, what Anaconda writes into it before and behind the last script, and what must not be
found in it then."""

import glob
import os
import re
import shutil
import subprocess

import carry_out
import console

ROOT = "/mnt/sysroot"
# What scripts call in the installed system, and the node environment lacks: files beside this one.
PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
PLACES = ("bin", "sbin", "usr/bin", "usr/sbin")
# Files of it that scripts look for, whatever they hold.
FILES = ("etc/selinux/targeted/contexts/files/file_contexts",)
MDADM = f"{ROOT}/etc/mdadm.conf"
# What is copied by name; the log of a script that has none of its own is `ks-script-*.log`.
COPIED = ("anaconda", "syslog", "program", "packaging", "storage", "lvm", "dnf.librepo", "hawkey", "dbus")


def nosave():
    """The words of `inst.nosave=` on the kernel's command line: what does not come into the new system."""
    with open("/proc/cmdline", encoding="ascii") as cmdline:
        words = re.findall(r"(?:^|\s)inst\.nosave=(\S+)", cmdline.read())
    given = set(",".join(words).split(","))
    every = {"all": {"input_ks", "output_ks", "logs"}, "all_ks": {"input_ks", "output_ks"}}
    return given.union(*(every.get(word, set()) for word in given))


def install(plan):
    for path in ("etc/sudoers.d", "etc/ssh", "root", "tmp", "dev", "proc", "sys", "var/log"):
        os.makedirs(f"{ROOT}/{path}", exist_ok=True)
    # `boot` is a file system of its own.
    carry_out.run("cp", "-a", "/bin", "/sbin", "/lib", "/lib64", "/usr", f"{ROOT}/")
    for path in ("dev", "proc", "sys"):
        carry_out.run("mount", "--bind", f"/{path}", f"{ROOT}/{path}")
    for name in os.listdir(PROGRAMS):
        for place in PLACES:
            if os.path.lexists(f"{ROOT}/{place}/{name}"):
                os.unlink(f"{ROOT}/{place}/{name}")
        shutil.copy(f"{PROGRAMS}/{name}", f"{ROOT}/usr/bin/{name}")
    for path in FILES:
        os.makedirs(os.path.dirname(f"{ROOT}/{path}"), exist_ok=True)
        open(f"{ROOT}/{path}", "x", encoding="ascii").close()
    _name_arrays(plan)


def _uuid(array):
    said = carry_out.run("mdadm", "--detail", "--export", carry_out.device(array))
    return re.search(r"^MD_UUID=(\S+)$", said, re.MULTILINE).group(1)


def _name_arrays(plan):
    """In mdadm.conf: what is mounted or swap, and no other."""
    named = [array for array in plan.arrays if array.what == "swap" or array.what.startswith("/")]
    if named:
        with open(MDADM, "w", encoding="ascii") as conf:
            conf.write("# mdadm.conf written out by anaconda\nMAILADDR root\nAUTO +imsm +1.x -all\n")
            for array in named:
                level = array.level.lower()
                conf.write(f"ARRAY /dev/md/{array.name} level={level} num-devices={len(array.members)} UUID={_uuid(array)}\n")


def write_kickstart(text):
    """Anaconda writes what it has in memory, with all scripts; before %post or behind it, by its version, so here both."""
    if "output_ks" not in nosave():
        with open(f"{ROOT}/root/anaconda-ks.cfg", "w", encoding="utf-8") as file:
            file.write(text)


def copy_results(kickstart):
    """Behind the last script."""
    kept = nosave()
    if "logs" not in kept:
        os.makedirs(f"{ROOT}/var/log/anaconda", exist_ok=True)
        for path in [f"{console.LOGS}/{name}.log" for name in COPIED] + glob.glob(f"{console.LOGS}/ks-script*.log"):
            if os.path.exists(path):
                shutil.copyfile(path, f"{ROOT}/var/log/anaconda/{os.path.basename(path)}")
        with open(f"{ROOT}/var/log/anaconda/journal.log", "wb") as journal:
            subprocess.run(["journalctl", "-b"], stdout=journal, check=True)
    if "input_ks" not in kept and os.path.exists(kickstart):
        shutil.copyfile(kickstart, f"{ROOT}/root/original-ks.cfg")


def secrets(text):
    """What of this kickstart, and of the kernel's command line, opens a door, or is a text that only the kickstart has."""
    found = re.findall(r"HPS_TOKEN='([^']+)'", text)
    with open("/proc/cmdline", encoding="ascii") as file:
        found += re.findall(r"ticket=([^&\s]+)", file.read())
    return sorted({*found, "HPS_TOKEN=", "hps_put() {", "# end of the kickstart of HPS"})


def faults(plan, held):
    """What is wrong with the new system: places of these secrets, and arrays of the plan without a name."""
    wrong = []
    for folder in ("root", "etc", "tmp", "var", "home"):
        for path in glob.glob(f"{ROOT}/{folder}/**", recursive=True, include_hidden=True):
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
                wrong += [f"{path.removeprefix(ROOT)} holds the kickstart's {secret[:16]}" for secret in held if secret in text]
    named = ""
    if os.path.exists(MDADM):
        with open(MDADM, encoding="utf-8") as file:
            named = file.read()
    for array in plan.arrays if plan else ():
        if not re.search(rf"^ARRAY /dev/md/{re.escape(array.name)} .*UUID={_uuid(array)}$", named, re.MULTILINE):
            wrong.append(f"the array {array.name} has no name in mdadm.conf")
    return wrong
