#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the steps of a Dockerfile's last stage in a root, without an engine: dockerfile.py ROOT CONTEXT STAGES

ROOT is a root of the base's release. CONTEXT is the checkout. STAGES/NAME/PATH is what another stage would have made.
The stage that the last one begins with is run before it. An instruction that is not known here is an error.
Prints the words of CMD, one a line.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT, CONTEXT, STAGES = (Path(word) for word in sys.argv[1:4])
# What says something to the engine alone.
PASSED_OVER = {"LABEL", "STOPSIGNAL", "HEALTHCHECK"}


def instructions() -> list[tuple[str, str]]:
    text = (CONTEXT / "Dockerfile").read_text()
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n", " ", lines)
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def stages() -> dict[str, list[tuple[str, str]]]:
    """By name; the last one is named `last`. The first instruction of each is FROM."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for word, rest in instructions():
        if word == "FROM":
            name = rest.split()[2] if " AS " in rest else "last"
            found[name] = []
        if name:
            found[name].append((word, rest))
    return found


def copy(source: Path, target: str) -> Path:
    place = ROOT / target.lstrip("/")
    if target.endswith("/"):
        place = place / source.name
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)
    return place


class Stage:
    def __init__(self) -> None:
        self.shell = ["/bin/sh", "-c"]
        self.arguments: dict[str, str] = {}
        self.command: list[str] = []

    def run(self, rest: str) -> None:
        mounted = []
        while found := re.match(r"--mount=(\S+)\s+", rest):
            mount = dict(pair.split("=", 1) for pair in found[1].split(","))
            assert mount["type"] == "bind", found[1]
            mounted.append(copy(STAGES / mount["from"] / mount["source"].lstrip("/"), mount["target"]))
            rest = rest[found.end() :]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"} | self.arguments
        subprocess.run(["chroot", ROOT, *self.shell, rest], check=True, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        for place in mounted:
            place.unlink()

    def copy(self, rest: str) -> None:
        words = shlex.split(rest)
        folder = CONTEXT
        if words[0].startswith("--from="):
            folder = STAGES / words.pop(0).removeprefix("--from=")
        for source in words[:-1]:
            copy(folder / source.lstrip("/"), words[-1])

    def argument(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.arguments[name] = os.environ.get(name, "".join(shlex.split(value)))

    def steps(self, of_stage: list[tuple[str, str]], others: dict[str, list[tuple[str, str]]]) -> None:
        for word, rest in of_stage:
            if word == "FROM":
                name = rest.split()[0]
                if name in others:
                    self.steps(others[name], others)
                    self.arguments = {}
            elif word == "SHELL":
                self.shell = json.loads(rest)
            elif word == "ARG":
                self.argument(rest)
            elif word == "RUN":
                self.run(rest)
            elif word == "COPY":
                self.copy(rest)
            elif word == "CMD":
                self.command = json.loads(rest)
            elif word not in PASSED_OVER:
                sys.exit(f"dockerfile.py: {word} is not known here")


all_stages = stages()
stage = Stage()
stage.steps(all_stages["last"], all_stages)
print("\n".join(stage.command))
