# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the stand-in writes: the consoles, and Anaconda's logs in Anaconda's forms."""

import time

LOGS = "/tmp"
MAIN, STORAGE, PROGRAM, PACKAGING = (f"{LOGS}/{name}.log" for name in ("anaconda", "storage", "program", "packaging"))


def say(text):
    """To the log of this machine, Anaconda's log, and the consoles."""
    print(f"stand-in: {text}", flush=True)
    entry("INF", "stand-in", text)
    show(f"stand-in: {text}")


def show(text):
    with open("/sys/class/tty/console/active", encoding="ascii") as active:
        for name in active.read().split():
            with open(f"/dev/{name}", "w", encoding="utf-8") as console:
                console.write(text + "\n")


def entry(level, who, text):
    """In anaconda.log: `12:34:56,789 ERR script: text`, and what is left of a text of several lines below it."""
    now = time.time()
    append(MAIN, f"{time.strftime('%H:%M:%S', time.localtime(now))},{int(now % 1 * 1000):03d} {level} {who}: {text}")


def storage_error(text):
    """In storage.log, to which the process that partitions writes."""
    append(STORAGE, f"ERROR:anaconda.modules.storage.partitioning:{text}")


def append(path, text):
    with open(path, "a", encoding="utf-8", errors="replace") as log:
        log.write(text + "\n")
