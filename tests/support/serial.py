#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The serial line of a machine, for ipmi_sim and for programs of a site.

    serial.py ADDRESS:PORT FOLDER

It writes `tick` every 0.3 seconds, each byte that is typed as `[hex]`, and what is in FOLDER/say, once. What was typed is in
FOLDER/typed.
"""

import pathlib
import socket
import sys
import threading
import time

host, port = sys.argv[1].rsplit(":", 1)
folder = pathlib.Path(sys.argv[2])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((host, int(port)))
listener.listen(5)
(folder / "serial-ready").touch()


def write(connection):
    say = folder / "say"
    try:
        while True:
            connection.sendall(b"tick\r\n")
            if say.exists():
                connection.sendall(say.read_bytes())
                say.unlink()
            time.sleep(0.3)
    except OSError:
        pass


while True:
    connection, _ = listener.accept()
    threading.Thread(target=write, args=(connection,), daemon=True).start()
    try:
        while data := connection.recv(100):
            with (folder / "typed").open("ab") as typed:
                typed.write(data)
            connection.sendall(b"".join(b"[%02x]" % byte for byte in data))
    except OSError:
        pass
