# SPDX-License-Identifier: GPL-3.0-or-later
# One DHCP DISCOVER from a second interface of the namespace; prints the address and the boot file that are
# offered, and the host name to stderr. With the argument "request" a REQUEST follows, so that there is a lease, and two
# more arguments are what the client calls itself: a host name (option 12) and a whole name (option 81).
import os, socket, struct, subprocess, sys

mac, arch, ipxe = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes"
request = sys.argv[4:5] == ["request"]
host_name, whole_name = (sys.argv[5:] + ["", ""])[:2]


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


if all(name != "client" for _, name in socket.if_nameindex()):
    ip("link", "add", "client", "type", "veth", "peer", "name", "port")
    ip("link", "set", "port", "master", "br0", "up")
ip("link", "set", "client", "down")
ip("link", "set", "client", "address", mac, "up")

hardware = bytes.fromhex(mac.replace(":", ""))
xid = os.urandom(4)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(kind, more):
    options = b"\x35\x01" + bytes([kind]) + b"\x5d\x02" + struct.pack("!H", arch) + more
    options += b"\x3c\x20" + (b"HTTPClient" if arch in (16, 19) else b"PXEClient").ljust(32, b":")
    options += b"\x37\x08\x01\x03\x06\x0c\x0f\x2a\x42\x43"
    if ipxe:
        options += b"\xaf\x03\x13\x01\x01"
    if host_name:
        options += b"\x0c" + bytes([len(host_name)]) + host_name.encode()
    if whole_name:
        # Both flags: the name is encoded as in DNS, and the server should publish it (RFC 4702).
        labels = b"".join(bytes([len(label)]) + label.encode() for label in whole_name.split(".")) + b"\0"
        options += b"\x51" + bytes([3 + len(labels)]) + b"\x05\0\0" + labels
    body = struct.pack("!BBBB4sHH4s4s4s4s", 1, 1, 6, 0, xid, 0, 0x8000, *[b"\0" * 4] * 4)
    body += hardware.ljust(16, b"\0") + b"\0" * 192 + b"\x63\x82\x53\x63" + options + b"\xff"
    udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\0" * 4, b"\xff" * 4)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return b"\xff" * 6 + hardware + b"\x08\x00" + header + udp


raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
raw.bind(("client", 0))
raw.settimeout(2)


def exchange(frame, kinds):
    for _ in range(5):
        raw.send(frame)
        try:
            while True:
                body = raw.recv(2048)[14 + 20 + 8:]
                # An offer of a question before may come late.
                if len(body) > 240 and body[0] == 2 and body[4:8] == xid and options_of(body).get(53) in kinds:
                    return body
        except TimeoutError:
            continue
    sys.exit("no answer")


def options_of(body):
    found, rest = {}, body[240:]
    while rest and rest[0] != 255:
        if rest[0] == 0:
            rest = rest[1:]
            continue
        found[rest[0]] = rest[2:2 + rest[1]]
        rest = rest[2 + rest[1]:]
    return found


body = exchange(packet(1, b""), [b"\x02"])
options = options_of(body)
if request:
    body = exchange(packet(3, b"\x36\x04" + options[54] + b"\x32\x04" + body[16:20]), [b"\x05", b"\x06"])
    options = options_of(body)
    if options[53] != b"\x05":
        sys.exit("no acknowledgement")
if 12 in options:
    print(options[12].decode(), file=sys.stderr)
boot_file = options.get(67, body[108:236]).split(b"\0")[0].decode()
print(socket.inet_ntoa(body[16:20]), boot_file)
