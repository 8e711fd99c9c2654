# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks of the machines: sparse raw files, which any tool can read.

# disk_blank FILE SIZE: a new disk of zeros.
disk_blank() {
    rm -f -- "$1"
    truncate -s "$2" "$1"
}

# disk_with_swap FILE SIZE: a disk with swap space in use.
disk_with_swap() {
    disk_blank "$1" "$2"
    chmod 0600 "$1"
    mkswap "$1" > /dev/null 2>&1 || die "mkswap failed on $1"
}

# disk_with_filesystem FILE SIZE: a used disk, without a partition table, with a file in it.
disk_with_filesystem() {
    local content=$1.content
    disk_blank "$1" "$2"
    mkdir -p "$content"
    printf 'the only copy\n' > "$content/precious"
    mkfs.ext4 -q -F -L precious -d "$content" "$1"
    rm -rf -- "$content"
}

# disk_digest FILE: of its size and of all non-zero parts with their places, so that the holes of a large one cost no
# time.
disk_digest() {
    python3 - "$1" << 'END'
import hashlib, os, sys

BLOCK = 1 << 16
disk = os.open(sys.argv[1], os.O_RDONLY)
end, at = os.fstat(disk).st_size, 0
digest = hashlib.sha256(b"%d\n" % end)
while at < end:
    try:
        data = os.lseek(disk, at, os.SEEK_DATA)
    except OSError:
        # Only a hole is left.
        break
    hole = os.lseek(disk, data, os.SEEK_HOLE)
    for at in range(max(at, data - data % BLOCK), hole, BLOCK):
        block = os.pread(disk, BLOCK, at)
        if block.count(0) < len(block):
            digest.update(b"%d\n" % at + block)
    at += BLOCK
print(digest.hexdigest())
END
}

# disk_mark FILE: the identifier of its partition table (GPT, sectors of 512 bytes), by which a retry recognises a disk.
disk_mark() {
    python3 - "$1" << 'END'
import sys, uuid

with open(sys.argv[1], "rb") as disk:
    disk.seek(512)
    header = disk.read(92)
print(str(uuid.UUID(bytes_le=header[56:72])).upper() if header[:8] == b"EFI PART" else "none")
END
}

# disk_layout FILE: its partitions (GPT, sectors of 512 bytes), one a line: MiB, type, and what blkid finds in it; for a
# member of an array its level, number of disks and name.
disk_layout() {
    python3 - "$1" << 'END'
import struct, subprocess, sys, uuid

NAMES = {"21686148": "biosboot", "c12a7328": "efi", "0657fd6d": "swap", "a19d880f": "raid", "e6d6d379": "pv", "0fc63daf": "linux", "6a898cc3": "zfs"}
with open(sys.argv[1], "rb") as disk:
    disk.seek(512)
    header = disk.read(92)
    if header[:8] != b"EFI PART":
        sys.exit(f"{sys.argv[1]} has no partition table")
    first, count, length = struct.unpack("<72xQII", header[:88])
    disk.seek(first * 512)
    entries = [disk.read(length) for _ in range(count)]
    for entry in entries:
        kind = str(uuid.UUID(bytes_le=entry[:16]))[:8]
        if kind == "00000000":
            continue
        start, last = struct.unpack("<QQ", entry[32:48])
        at, size = start * 512, (last - start + 1) * 512
        probe = ["blkid", "--probe", "--offset", str(at), "--size", str(size), "--match-tag", "TYPE", "--output", "value", sys.argv[1]]
        found = subprocess.run(probe, stdout=subprocess.PIPE, text=True, check=False).stdout.strip() or "-"
        if found == "linux_raid_member":
            # The superblock of metadata 1.2, or of 1.0, which is at the end.
            for place in (4096, (size // 512 - 16) // 8 * 4096):
                disk.seek(at + place)
                block = disk.read(96)
                if block[:4] == b"\xfc\x4e\x2b\xa9":
                    break
            found = "raid{} of {} {}".format(*struct.unpack("<i16xI", block[72:96]), block[32:64].rstrip(b"\0").decode())
        print(size >> 20, NAMES.get(kind, kind), found)
END
}
