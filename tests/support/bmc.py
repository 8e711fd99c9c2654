#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A BMC for tests: one system, by Redfish over TLS.

    bmc.py --listen 10.99.0.1:8443 --state DIR [--certificate PEM] [--program PROGRAM]

DIR has one word in each file: `power` (on or off), `boot` (what the next boot is), `faults` (words, see below; read at each
request), `sessions` (how many are open), and `log`, a line for each request. PROGRAM is called with what happens to the
machine: on, off, soft, pxe-bios, pxe-uefi or pxe; `status` prints on or off. Such a machine has used a boot setting for one
boot once it is switched on. Without a program the machine is the word in `power`.

Faults: hang, lie, drop-boot, conflict, conflict-once, task, task-fails, no-sessions, elsewhere, large, two-systems, info,
no-force, forbidden, garbage.
"""

import argparse
import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time

USER, PASSWORD = "ADMIN", "geheim 7#"
ROOT = "/redfish/v1/"
SYSTEM = "/redfish/v1/Systems/437XR1138R2"
LOCK = threading.Lock()


class Machine:
    """The machine behind the BMC, in the files of a folder."""

    def __init__(self, folder, program):
        self.folder = pathlib.Path(folder)
        self.program = program
        self.tokens = {}
        self.tasks = {}
        self.version = 1
        self.conflicts = 0
        for name, word in [("power", "off"), ("boot", "None"), ("faults", ""), ("log", "")]:
            if not (self.folder / name).exists():
                self.write(name, word)
        self.write("sessions", "0")

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8").strip()

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def log(self, line):
        with LOCK, (self.folder / "log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def has(self, fault):
        return fault in self.read("faults").split()

    def call(self, word):
        if self.program:
            done = subprocess.run([self.program, word], check=True, capture_output=True, text=True)
            return done.stdout.strip()
        return self.read("power")

    def power(self):
        return self.call("status")

    def switch(self, reset_type):
        if self.has("lie"):
            return
        on = reset_type in ("On", "ForceOn")
        if self.program:
            self.call({"On": "on", "ForceOff": "off", "GracefulShutdown": "soft"}[reset_type])
            if on and "Once" in self.read("boot").split():
                self.write("boot", "None")
        else:
            self.write("power", "on" if on else "off")
        self.version += 1

    def set_boot(self, boot):
        if self.has("drop-boot"):
            return
        mode = boot.get("BootSourceOverrideMode", "")
        self.write("boot", " ".join([boot["BootSourceOverrideTarget"], boot["BootSourceOverrideEnabled"], mode]).strip())
        if self.program and boot["BootSourceOverrideTarget"] == "Pxe":
            self.call({"UEFI": "pxe-uefi", "Legacy": "pxe-bios", "": "pxe"}[mode])
        self.version += 1

    def boot(self):
        words = self.read("boot").split()
        return {
            "BootSourceOverrideTarget": words[0],
            "BootSourceOverrideEnabled": words[1] if len(words) > 1 else "Disabled",
            "BootSourceOverrideMode": words[2] if len(words) > 2 else "UEFI",
            "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Hdd"],
        }


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    machine = None
    timeout = 60

    def log_message(self, *_):
        pass

    def answer(self, status, document=None, headers=()):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, message):
        self.answer(status, {"error": {"code": "Base.1.0.GeneralError", "message": "see @Message.ExtendedInfo",
                                       "@Message.ExtendedInfo": [{"MessageId": "Base.1.0.GeneralError", "Message": message}]}})

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def is_known(self):
        token = self.headers.get("X-Auth-Token")
        if token in self.machine.tokens.values():
            return True
        both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {both}"

    def handle_any(self, method):
        machine, body = self.machine, self.body()
        machine.log(f"{method} {self.path}")
        if machine.has("hang"):
            time.sleep(30)
            return
        if machine.has("garbage"):
            return self.answer(200, [{"x": "\u001b[31m"}])
        if machine.has("elsewhere") and self.path == ROOT:
            return self.answer(302, None, [("Location", "https://10.99.0.77/redfish/v1/")])
        if machine.has("large"):
            return self.answer(200, {"RedfishVersion": "1.6.0", "x": "x" * (3 << 20)})
        if (method, self.path) == ("GET", ROOT):
            return self.answer(200, {"RedfishVersion": "1.6.0", "Systems": {"@odata.id": "/redfish/v1/Systems"},
                                     "Links": {"Sessions": {"@odata.id": "/redfish/v1/SessionService/Sessions"}}})
        if self.path.startswith("/redfish/v1/SessionService/Sessions"):
            return self.sessions(method, body)
        if not self.is_known():
            return self.refuse(401, "The user or the password is wrong.")
        if machine.has("forbidden"):
            return self.refuse(403, "The user has no right to do this.")
        return self.system(method, body)

    def sessions(self, method, body):
        machine = self.machine
        if machine.has("no-sessions"):
            return self.refuse(404, "There is no such resource.")
        if method == "POST":
            given = json.loads(body)
            if (given.get("UserName"), given.get("Password")) != (USER, PASSWORD):
                # As some do, it repeats what it was sent.
                return self.refuse(401, f"The password {given.get('Password')} is wrong.")
            with LOCK:
                number = str(len(machine.tokens) + 1)
                machine.tokens[number] = f"token-{number}-{time.time()}"
                machine.write("sessions", str(len(machine.tokens)))
            where = f"/redfish/v1/SessionService/Sessions/{number}"
            return self.answer(201, {"@odata.id": where}, [("X-Auth-Token", machine.tokens[number]), ("Location", where)])
        if method == "DELETE" and self.is_known():
            with LOCK:
                machine.tokens.pop(self.path.rsplit("/", 1)[1], None)
                machine.write("sessions", str(len(machine.tokens)))
            return self.answer(204)
        return self.refuse(405, "Not allowed.")

    def system(self, method, body):
        machine = self.machine
        if (method, self.path) == ("GET", "/redfish/v1/Systems"):
            members = [SYSTEM] + (["/redfish/v1/Systems/other"] if machine.has("two-systems") else [])
            return self.answer(200, {"Members": [{"@odata.id": path} for path in members]})
        etag = f'W/"{machine.version}"'
        if (method, self.path) == ("GET", SYSTEM):
            types = ["On", "GracefulShutdown"] + ([] if machine.has("no-force") else ["ForceOff"])
            reset = {"target": f"{SYSTEM}/Actions/ComputerSystem.Reset"}
            if machine.has("info"):
                reset["@Redfish.ActionInfo"] = f"{SYSTEM}/ResetActionInfo"
            else:
                reset["ResetType@Redfish.AllowableValues"] = types
            return self.answer(200, {"Id": SYSTEM.rsplit("/", 1)[1], "PowerState": machine.power().capitalize(),
                                     "Boot": machine.boot(), "Actions": {"#ComputerSystem.Reset": reset}}, [("ETag", etag)])
        if (method, self.path) == ("GET", f"{SYSTEM}/ResetActionInfo"):
            return self.answer(200, {"Parameters": [{"Name": "ResetType", "AllowableValues": ["On", "ForceOff"]}]})
        if (method, self.path) == ("PATCH", SYSTEM):
            return self.patch(json.loads(body), etag)
        if (method, self.path) == ("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset"):
            return self.reset(json.loads(body)["ResetType"])
        if self.path.startswith("/redfish/v1/TaskService/Tasks/"):
            return self.task()
        return self.refuse(404, "There is no such resource.")

    def patch(self, given, etag):
        machine = self.machine
        machine.conflicts += 1
        if machine.has("conflict") or (machine.has("conflict-once") and machine.conflicts == 1):
            return self.refuse(412, "The resource has changed.")
        if self.headers.get("If-Match") != etag:
            return self.refuse(428, "If-Match is missing or old.")
        machine.log(f"boot {json.dumps(given['Boot'], sort_keys=True)}")
        machine.set_boot(given["Boot"])
        return self.answer(200, {"Boot": machine.boot()})

    def reset(self, reset_type):
        machine = self.machine
        machine.log(f"reset {reset_type}")
        if machine.has("task") or machine.has("task-fails"):
            number = str(len(machine.tasks) + 1)
            machine.tasks[number] = [2, reset_type]
            return self.answer(202, {"TaskState": "New"}, [("Location", f"/redfish/v1/TaskService/Tasks/{number}/Monitor")])
        machine.switch(reset_type)
        return self.answer(204)

    def task(self):
        machine = self.machine
        task = machine.tasks[self.path.split("/")[5]]
        task[0] -= 1
        if task[0] > 0:
            return self.answer(202, {"TaskState": "Running"}, [("Retry-After", "1")])
        if machine.has("task-fails"):
            return self.answer(200, {"TaskState": "Exception", "Messages": [{"Message": "The power supply is missing."}]})
        machine.switch(task[1])
        return self.answer(200, {"TaskState": "Completed", "TaskStatus": "OK"})

    def do_GET(self):
        self.handle_any("GET")

    def do_POST(self):
        self.handle_any("POST")

    def do_PATCH(self):
        self.handle_any("PATCH")

    def do_DELETE(self):
        self.handle_any("DELETE")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--program")
    arguments = parser.parse_args()
    host, port = arguments.listen.rsplit(":", 1)
    Handler.machine = Machine(arguments.state, arguments.program)
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate)
        # In the thread of the request: a client that says nothing stops no other.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Handler.machine.write("ready", "yes")
    server.serve_forever()


if __name__ == "__main__":
    main()
