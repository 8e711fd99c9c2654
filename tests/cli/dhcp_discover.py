# SPDX-License-Identifier: GPL-3.0-or-later
# One DHCP DISCOVER from a second interface of the namespace; prints the address and the boot file that are
# offered, and the host name to stderr.
import os, socket, struct, subprocess, sys

mac, arch, ipxe = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


if not os.path.exists("/sys/class/net/client"):
    ip("link", "add", "client", "type", "veth", "peer", "name", "port")
    ip("link", "set", "port", "master", "br0", "up")
ip("link", "set", "client", "down")
ip("link", "set", "client", "address", mac, "up")

hardware = bytes.fromhex(mac.replace(":", ""))
xid = os.urandom(4)
options = b"\x35\x01\x01" + b"\x5d\x02" + struct.pack("!H", arch)
options += b"\x3c\x20" + (b"HTTPClient" if arch in (16, 19) else b"PXEClient").ljust(32, b":")
options += b"\x37\x06\x01\x03\x06\x0c\x42\x43"
if ipxe:
    options += b"\xaf\x03\x13\x01\x01"
packet = struct.pack("!BBBB4sHH4s4s4s4s", 1, 1, 6, 0, xid, 0, 0x8000, *[b"\0" * 4] * 4)
packet += hardware.ljust(16, b"\0") + b"\0" * 192 + b"\x63\x82\x53\x63" + options + b"\xff"
udp = struct.pack("!HHHH", 68, 67, 8 + len(packet), 0) + packet


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\0" * 4, b"\xff" * 4)
header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
frame = b"\xff" * 6 + hardware + b"\x08\x00" + header + udp

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
raw.bind(("client", 0))
raw.settimeout(2)
for _ in range(5):
    raw.send(frame)
    try:
        while True:
            reply = raw.recv(2048)
            body = reply[14 + 20 + 8:]
            if len(body) > 240 and body[0] == 2 and body[4:8] == xid:
                break
    except TimeoutError:
        continue
    address = socket.inet_ntoa(body[16:20])
    boot_file = body[108:236].split(b"\0")[0].decode()
    rest = body[240:]
    while rest and rest[0] != 255:
        if rest[0] == 0:
            rest = rest[1:]
            continue
        code, length = rest[0], rest[1]
        if code == 12:
            print(rest[2:2 + length].decode(), file=sys.stderr)
        if code == 67:
            boot_file = rest[2:2 + length].split(b"\0")[0].decode()
        rest = rest[2 + length:]
    print(address, boot_file)
    sys.exit(0)
sys.exit("no offer")
