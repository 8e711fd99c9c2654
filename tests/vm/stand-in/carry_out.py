# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan on real disks: cleared, partitioned, stacked, formatted and mounted."""

import glob
import os
import subprocess
import time

import plan as planning

DEVICE_SECONDS = 300
# What a new array or partition holds is of an earlier life, and must not be found again.
WIPE = ["wipefs", "--quiet", "--all", "--force"]


class Failed(Exception):
    """A program that ended badly, and what it said."""


def run(*command, give=None):
    done = subprocess.run(command, input=give, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.stdout.strip():
        print(done.stdout.strip(), flush=True)
    if done.returncode:
        words = done.stdout.strip().splitlines()
        raise Failed(f"`{' '.join(command)}` ended with {done.returncode}{': ' + words[-1] if words else ''}")
    return done.stdout


def disks():
    """All that the machine has, as Anaconda lists them: removable ones too, but none that cannot be written."""
    found = {}
    groups = _groups()
    for sys in sorted(glob.glob("/sys/block/*")):
        name = os.path.basename(sys)
        if not os.path.exists(f"{sys}/device") or name.startswith(("sr", "fd")) or _read(f"{sys}/ro") != "0":
            continue
        here = tuple(group for device, group in groups if device == f"/dev/{name}" or os.path.exists(f"{sys}/{device[5:]}"))
        found[name] = planning.Disk(name, int(_read(f"{sys}/size")) * 512, here, _label(name), len(glob.glob(f"{sys}/{name}*/partition")))
    return found


def _label(name):
    """The kind of its partition table; empty where it has none, or cannot be read."""
    probe = ["blkid", "--probe", "--match-tag", "PTTYPE", "--output", "value", f"/dev/{name}"]
    return subprocess.run(probe, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()


def _groups():
    """Device and volume group of each physical volume that is on a disk itself."""
    lines = run("lvm", "pvs", "--noheadings", "--options", "pv_name,vg_name").splitlines()
    return [line.split() for line in lines if len(line.split()) == 2]


def _read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def partitions(plan):
    """On disks that are cleared in a new table, which gets an identifier of its own, else in the one that is there."""
    for name in plan.clear:
        nodes = sorted(glob.glob(f"/dev/{name}p[0-9]*" if name[-1].isdigit() else f"/dev/{name}[0-9]*"))
        run(*WIPE, *nodes, f"/dev/{name}")
        run("sfdisk", "--quiet", "--wipe=always", f"/dev/{name}", give="label: gpt\n")
    for name in dict.fromkeys(piece.disk for piece in plan.partitions):
        pieces = [piece for piece in plan.partitions if piece.disk == name]
        lines = [f"start={piece.start}MiB, size={piece.size}MiB, type={planning.TYPES[piece.kind]}\n" for piece in pieces]
        run("sfdisk", "--quiet", "--append", "--wipe=never", "--wipe-partitions=always", f"/dev/{name}", give="".join(lines))
    for piece in plan.partitions:
        _wait(device(piece))


def device(piece):
    if piece.group:
        return f"/dev/{piece.group}/{piece.name}"
    if piece.level:
        return f"/dev/md/{piece.name}"
    return f"/dev/{piece.disk}{'p' if piece.disk[-1].isdigit() else ''}{piece.number}"


def _wait(node):
    give_up = time.monotonic() + DEVICE_SECONDS
    while not os.path.exists(node):
        if time.monotonic() > give_up:
            raise Failed(f"{node} does not appear")
        time.sleep(0.1)


def stack(plan):
    for array in plan.arrays:
        members = [device(piece) for piece in array.members]
        subprocess.run(["modprobe", "-a", "-q", "md_mod", "raid1", "raid10", "raid456"], check=False)
        # The installed system's work.
        with open("/proc/sys/dev/raid/speed_limit_max", "w", encoding="ascii") as limit:
            limit.write("1000")
        run("mdadm", "--create", device(array), "--run", "--quiet", f"--level={array.level.removeprefix('RAID')}",
            f"--raid-devices={len(members)}", f"--metadata={'1.0' if array.kind == 'efi' else '1.2'}", f"--name={array.name}", "--homehost=any", *members)
        _wait(device(array))
        run(*WIPE, device(array))
    for name, pieces in plan.groups.items():
        devices = [device(piece) for piece in pieces]
        run("lvm", "pvcreate", "--quiet", "--yes", *devices)
        run("lvm", "vgcreate", "--quiet", name, *devices)
    for piece in plan.volumes:
        run("lvm", "lvcreate", "--quiet", "--yes", "--wipesignatures=y", f"--name={piece.name}", f"--size={piece.size}m", piece.group)


def make_file_systems(plan, say):
    for piece in plan.formatted():
        node = device(piece)
        if piece.kind == "efi":
            run("mkfs.fat", node)
        elif piece.what == "swap":
            run("mkswap", node)
        elif piece.kind == "fs":
            kind = piece.fstype
            if kind == "xfs":
                say(f"{piece.what}: ext4 in the place of xfs, whose mkfs is not here")
                kind = "ext4"
            if kind == "vfat":
                run("mkfs.fat", node)
            else:
                run("mke2fs", "-q", "-F", "-t", kind, "-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1", node)


def mount(plan, root):
    """Shorter paths first, so that each has its place to lie in."""
    subprocess.run(["modprobe", "-a", "-q", "ext4", "vfat"], check=False)
    for piece in sorted(plan.formatted(), key=lambda piece: piece.what):
        if piece.what.startswith("/"):
            os.makedirs(root + piece.what, exist_ok=True)
            run("mount", "-o", "noatime", device(piece), root + piece.what)


def unmount(plan, root):
    for path in ("/dev", "/proc", "/sys"):
        run("umount", root + path)
    for piece in sorted(plan.formatted(), key=lambda piece: piece.what, reverse=True):
        if piece.what.startswith("/"):
            run("umount", (root + piece.what).rstrip("/"))
    for name in plan.groups:
        run("lvm", "vgchange", "--quiet", "--activate", "n", name)
    for array in plan.arrays:
        run("mdadm", "--quiet", "--stop", device(array))
