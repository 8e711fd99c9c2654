# SPDX-License-Identifier: GPL-3.0-or-later
# Asks a name server for A or PTR records (RFC 1035). Each argument behind the server is a name, or an address for its
# PTR record. Prints a line for each: the records in order, or the name of the error.
import socket, struct, sys

ERRORS = {2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def name_at(reply, at):
    labels = []
    while reply[at]:
        if reply[at] & 0xC0:
            return labels + name_at(reply, (reply[at] & 0x3F) << 8 | reply[at + 1])
        labels.append(reply[at + 1:at + 1 + reply[at]].decode())
        at += 1 + reply[at]
    return labels


def after_name(reply, at):
    while reply[at]:
        if reply[at] & 0xC0:
            return at + 2
        at += 1 + reply[at]
    return at + 1


def ask(server, name):
    kind = 1
    if name.replace(".", "").isdigit():
        name, kind = ".".join(reversed(name.split("."))) + ".in-addr.arpa", 12
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    query = struct.pack("!6H", 77, 0x100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(5)
    client.sendto(query, (server, 53))
    reply = client.recv(4096)
    error, answers = reply[3] & 15, struct.unpack("!H", reply[6:8])[0]
    if error:
        return ERRORS.get(error, str(error))
    at = after_name(reply, 12) + 4
    found = []
    for _ in range(answers):
        at = after_name(reply, at)
        record, _, _, length = struct.unpack("!HHIH", reply[at:at + 10])
        at += 10
        if record == kind:
            found.append(socket.inet_ntoa(reply[at:at + 4]) if kind == 1 else ".".join(name_at(reply, at)))
        at += length
    return ",".join(sorted(found)) or "NODATA"


for name in sys.argv[2:]:
    print(ask(sys.argv[1], name))
