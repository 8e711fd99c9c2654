# SPDX-License-Identifier: GPL-3.0-or-later
"""What the storage commands of a kickstart ask for, on the disks that are there: partitions with their places, arrays, volume groups
and volumes; or why not. Nothing is touched here. It refuses what Anaconda refuses, as far as kickstarts of HPS could come to it, and
whatever it does not know: a command that is passed over would be one that is tested by nothing. Sizes are in MiB.

A partition table that is there is kept, with its identifier, unless `clearpart` has it made anew; then the identifier is a random one.
As in Anaconda, `clearpart --all` does that with or without `--initlabel`, and `--initlabel` alone does it to disks without partitions.
`part` needs a table. Anaconda would also add to a table that has partitions; this refuses it."""

from dataclasses import dataclass, field

import reading
from pykickstart.constants import CLEARPART_TYPE_ALL, CLEARPART_TYPE_NONE

# The first partition begins behind the table, and the copy of the table ends the disk.
EDGE = 1
TYPES = {
    "biosboot": "21686148-6449-6E6F-744E-656564454649",
    "efi": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
    "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
    "raid": "A19D880F-05FC-4D3B-A006-743F0F84911E",
    "pv": "E6D6D379-F507-44C2-A23C-238F2A3DF928",
    "fs": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
}
FILE_SYSTEMS = ("ext2", "ext3", "ext4", "vfat", "xfs")
# The least members, and how many of them are lost to redundancy.
LEVELS = {"RAID0": (2, 0), "RAID1": (2, None), "RAID4": (3, 1), "RAID5": (3, 1), "RAID6": (4, 2), "RAID10": (2, None)}


class Refused(Exception):
    """Why nothing is written."""


@dataclass
class Disk:
    """One that the machine has; `groups` are the volume groups that are on it now, `label` is the kind of its partition table, and
    `count` how many partitions that has."""

    name: str
    bytes: int
    groups: tuple = ()
    label: str = ""
    count: int = 0


@dataclass
class Piece:
    """A partition, an array or a volume. `what` is its mount point, or `swap`, `raid.1`, `pv.pool`, `biosboot`."""

    what: str
    fstype: str = ""
    disk: str = ""
    number: int = 0
    start: int = 0
    size: int = 0
    grow: bool = False
    most: int = 0
    name: str = ""
    level: str = ""
    members: list = field(default_factory=list)
    group: str = ""

    @property
    def disks(self):
        """The disks that it lies on; nothing for a volume."""
        return {self.disk} if self.disk else {member.disk for member in self.members}

    @property
    def kind(self):
        """A key of TYPES."""
        # A kickstart may call a second one by another word, since only one can have each.
        if self.fstype == "biosboot":
            return "biosboot"
        word = self.what.split(".")[0]
        if self.what == "/boot/efi":
            return "efi"
        return word if word in TYPES else "fs"


@dataclass
class Plan:
    """`clear` are the disks that get a new table; partitions on others are added to the one that is there."""

    clear: list
    partitions: list
    arrays: list
    groups: dict
    volumes: list

    def formatted(self):
        return self.partitions + self.arrays + self.volumes


def make(handler, disks, efi):
    """The plan of a kickstart on these disks, by name. `efi`: the firmware is UEFI."""
    unknown = [name for name in reading.seen(handler) if name in reading.UNKNOWN_STORAGE]
    if unknown:
        raise Refused(f"the stand-in cannot carry out: {', '.join(unknown)}")
    usable = _usable(handler, disks)
    clear = _cleared(handler, disks, usable)
    boot = _boot_drive(handler, usable)
    partitions = _partitions(handler, usable, clear)
    if handler.reqpart.seen and handler.reqpart.reqpart:
        _add_to(usable[boot], clear, "reqpart")
        partitions.insert(0, _required(boot, efi))
    arrays = _arrays(handler, partitions)
    groups = _groups(handler, partitions + arrays, disks, clear)
    volumes = _volumes(handler, groups)
    plan = Plan(clear, partitions, arrays, groups, volumes)
    _names(plan, disks, clear)
    _places(plan, boot, efi)
    for name, disk in usable.items():
        _lay(disk, [piece for piece in partitions if piece.disk == name])
    _volumes_fit(plan)
    return plan


def _known(names, disks, command):
    for name in names:
        if name not in disks:
            raise Refused(f"{command}: there is no disk {name}, or it may not be used")


def _usable(handler, disks):
    """The disks that the kickstart leaves to the installer."""
    command = handler.ignoredisk
    _known(command.onlyuse, disks, "ignoredisk --only-use")
    _known(command.ignoredisk, disks, "ignoredisk --drives")
    names = command.onlyuse or [name for name in disks if name not in command.ignoredisk]
    return {name: disks[name] for name in names}


def _cleared(handler, disks, usable):
    """The disks that get a new table."""
    command = handler.clearpart
    if not command.seen:
        return []
    if command.type not in (CLEARPART_TYPE_ALL, CLEARPART_TYPE_NONE) or command.disklabel != "gpt" or command.devices or command.cdl:
        raise Refused("clearpart: the stand-in knows only --all, --none, --initlabel, --disklabel=gpt and --drives")
    _known(command.drives, disks, "clearpart --drives")
    _known(command.drives, usable, "clearpart --drives")
    names = list(command.drives or usable)
    if command.type == CLEARPART_TYPE_ALL:
        return names
    return [name for name in names if command.initAll and not usable[name].count]


def _boot_drive(handler, usable):
    command = handler.bootloader
    if not command.seen or command.disabled or not command.bootDrive:
        raise Refused("bootloader: no --boot-drive, so Anaconda would take the first disk by its name")
    _known([command.bootDrive], usable, "bootloader --boot-drive")
    return command.bootDrive


def _required(boot, efi):
    return Piece("/boot/efi", "efi", boot, size=200, grow=True, most=600) if efi else Piece("biosboot", "biosboot", boot, size=1)


def _partitions(handler, usable, clear):
    pieces = []
    for data in handler.partition.partitions:
        what, where = data.mountpoint, f"part {data.mountpoint}"
        if data.onPart or data.onbiosdisk or data.resize or data.recommended or data.hibernation or data.encrypted or not data.format:
            raise Refused(f"{where}: the stand-in knows only new partitions of a given size that are formatted")
        if not data.disk:
            raise Refused(f"{where}: no --ondisk, so it could be on any disk")
        _known([data.disk], usable, f"{where} --ondisk")
        _add_to(usable[data.disk], clear, where)
        if not data.size:
            raise Refused(f"{where}: no --size")
        piece = Piece(what, data.fstype, data.disk, size=data.size, grow=data.grow, most=data.maxSizeMB)
        _check_file_system(piece, where)
        pieces.append(piece)
    return pieces


def _add_to(disk, clear, where):
    """There is a table to add a partition to, and room in it."""
    if disk.name in clear:
        return
    if disk.label != "gpt":
        raise Refused(f"{where}: disk {disk.name} is not partitioned, and no clearpart makes a table on it")
    if disk.count:
        raise Refused(f"{where}: disk {disk.name} is not cleared, so it has no room")


def _check_file_system(piece, where):
    """Anaconda has defaults for some of it; a kickstart of HPS relies on none."""
    if piece.kind == "fs" and not piece.what.startswith("/"):
        raise Refused(f"{where}: that is no mount point")
    known = {"fs": FILE_SYSTEMS, "efi": ("efi",), "swap": ("swap",)}.get(piece.kind)
    if known and piece.fstype not in known:
        raise Refused(f"{where}: the file system is missing or unknown: {piece.fstype or 'no --fstype'}")


def _take(members, pieces, kind, where, used):
    """The pieces that are named, each of which can be taken once."""
    found = []
    for name in members:
        piece = next((piece for piece in pieces if piece.what == name and piece.kind == kind), None)
        if piece is None:
            raise Refused(f"{where}: there is no {name}")
        if name in used:
            raise Refused(f"{where}: {name} is taken already")
        used.add(name)
        found.append(piece)
    return found


def _arrays(handler, partitions):
    arrays, used = [], set()
    for data in handler.raid.raidList:
        where = f"raid {data.mountpoint}"
        level = str(data.level).upper()
        if level not in LEVELS or data.preexist or data.spares or data.encrypted or not data.format or not data.device:
            raise Refused(f"{where}: the stand-in knows only new arrays with a name, a level and no spares")
        members = _take(data.members, partitions, "raid", where, used)
        least, lost = LEVELS[level]
        if len(members) < least:
            raise Refused(f"{where}: {level} needs at least {least} members, and has {len(members)}")
        if len({piece.disk for piece in members}) < len(members):
            raise Refused(f"{where}: two members are on one disk")
        piece = Piece(data.mountpoint, data.fstype, name=data.device.removeprefix("/dev/md/"), level=level, members=members)
        _check_file_system(piece, where)
        arrays.append(piece)
    return arrays


def _groups(handler, pieces, disks, clear):
    groups, used = {}, set()
    for data in handler.volgroup.vgList:
        where = f"volgroup {data.vgname}"
        if data.preexist:
            raise Refused(f"{where}: the stand-in knows only new ones")
        for disk in disks.values():
            if data.vgname in disk.groups and disk.name not in clear:
                raise Refused(f"{where}: disk {disk.name}, which is not cleared, has a volume group of that name")
        if data.vgname in groups:
            raise Refused(f"{where}: given twice")
        groups[data.vgname] = _take(data.physvols, pieces, "pv", where, used)
    return groups


def _volumes(handler, groups):
    volumes = []
    for data in handler.logvol.lvList:
        where = f"logvol {data.mountpoint} --name={data.name}"
        if data.vgname not in groups:
            raise Refused(f"{where}: there is no volume group {data.vgname}")
        if data.preexist or data.thin_pool or data.thin_volume or data.percent or data.recommended or data.encrypted or not data.format:
            raise Refused(f"{where}: the stand-in knows only new volumes of a given size")
        if not data.name or not data.size:
            raise Refused(f"{where}: no --name or no --size")
        piece = Piece(data.mountpoint, data.fstype, size=data.size, grow=data.grow, most=data.maxSizeMB, name=data.name, group=data.vgname)
        _check_file_system(piece, where)
        volumes.append(piece)
    return volumes


def _names(plan, disks, clear):
    """What has a name has it alone: mount points, identifiers, and devices. An array and a volume group are devices both."""
    whats = [piece.what for piece in plan.formatted() if piece.kind not in ("swap", "biosboot")]
    devices = list(disks) + [piece.name for piece in plan.arrays] + list(plan.groups)
    devices += [f"{piece.group}-{piece.name}" for piece in plan.volumes]
    for names, of in ((whats, "partitions, arrays and volumes"), (devices, "devices")):
        for name in names:
            if names.count(name) > 1:
                raise Refused(f"the name {name} is used by two {of}")


def _places(plan, boot, efi):
    """There is a system, and the boot drive can start it."""
    mounted = {piece.what: piece for piece in plan.formatted()}
    if "/" not in mounted:
        raise Refused("nothing is mounted on /")
    starts = [piece for piece in plan.formatted() if piece.kind == ("efi" if efi else "biosboot")]
    if not any(boot in piece.disks for piece in starts):
        raise Refused(f"the boot drive {boot} has no {'EFI system partition' if efi else 'biosboot partition'}")
    kernels = mounted.get("/boot", mounted["/"])
    if kernels.group or kernels.level not in ("", "RAID1"):
        raise Refused(f"the boot loader cannot read the kernels from {kernels.what}")


def _lay(disk, pieces):
    """Gives each its number, place and size: what grows shares what is left, in the ratio of what it asked for."""
    room = disk.bytes // 2**20 - 2 * EDGE
    left = room - sum(piece.size for piece in pieces)
    if left < 0:
        raise Refused(f"{-left} MiB are missing on disk {disk.name}: {room} MiB for {', '.join(piece.what for piece in pieces)}")
    _grow(pieces, left)
    start = EDGE
    for number, piece in enumerate(pieces, 1):
        piece.number, piece.start = number, start
        start += piece.size


def _grow(pieces, left):
    growing = [piece for piece in pieces if piece.grow]
    while left > 0 and growing:
        asked, given = sum(piece.size for piece in growing), 0
        for piece in growing:
            more = left * piece.size // asked
            if piece.most:
                more = min(more, piece.most - piece.size)
            piece.size += more
            given += more
        growing = [piece for piece in growing if not piece.most or piece.size < piece.most]
        # What cannot be shared out any more.
        if given < len(growing) + 1:
            break
        left -= given


def array_size(array):
    """Of its contents, at most."""
    least, lost = min(piece.size for piece in array.members), LEVELS[array.level][1]
    if array.level == "RAID1":
        return least
    return least * len(array.members) // 2 if array.level == "RAID10" else least * (len(array.members) - lost)


def _volumes_fit(plan):
    """Extents are of 4 MiB, and the first one of each device is the group's."""
    for name, devices in plan.groups.items():
        room = sum((piece.size or array_size(piece)) // 4 * 4 - 4 for piece in devices)
        volumes = [piece for piece in plan.volumes if piece.group == name]
        for piece in volumes:
            piece.size = -(-piece.size // 4) * 4
        left = room - sum(piece.size for piece in volumes)
        if left < 0:
            raise Refused(f"{-left} MiB are missing in the volume group {name}")
        _grow(volumes, left)
        for piece in volumes:
            piece.size = piece.size // 4 * 4
