# SPDX-License-Identifier: GPL-3.0-or-later
# A DHCPDECLINE (RFC 2131, 4.4.4) of an address, as a machine sends it that found the address in use. It is sent from
# the interface that dhcp_discover.py made.
import os, socket, struct, sys

mac, address, server = sys.argv[1:4]
hardware = bytes.fromhex(mac.replace(":", ""))
options = b"\x35\x01\x04\x36\x04" + socket.inet_aton(server) + b"\x32\x04" + socket.inet_aton(address) + b"\xff"
body = struct.pack("!BBBB4sHH4s4s4s4s", 1, 1, 6, 0, os.urandom(4), 0, 0x8000, *[b"\0" * 4] * 4)
body += hardware.ljust(16, b"\0") + b"\0" * 192 + b"\x63\x82\x53\x63" + options
udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\0" * 4, b"\xff" * 4)
total = sum(struct.unpack("!10H", header))
total = (total & 0xFFFF) + (total >> 16)
header = header[:10] + struct.pack("!H", ~total & 0xFFFF) + header[12:]
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
raw.bind(("client", 0))
raw.send(b"\xff" * 6 + hardware + b"\x08\x00" + header + udp)
