# SPDX-License-Identifier: GPL-3.0-or-later
"""A kickstart as pykickstart reads it: twice, as Anaconda does. At first only its %pre scripts are looked at, since what they write
is included; then all of it, and whatever pykickstart does not know is an error."""

from pykickstart.constants import KS_SCRIPT_ONERROR, KS_SCRIPT_POST, KS_SCRIPT_PRE, KS_SCRIPT_PREINSTALL, KS_SCRIPT_TRACEBACK
from pykickstart.errors import KickstartError
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

PRE, PRE_INSTALL, POST = KS_SCRIPT_PRE, KS_SCRIPT_PREINSTALL, KS_SCRIPT_POST
ONERROR, TRACEBACK = KS_SCRIPT_ONERROR, KS_SCRIPT_TRACEBACK
# What is carried out, and what Anaconda alone could. Every other command is about the system inside the partitions.
STORAGE = ("bootloader", "clearpart", "ignoredisk", "logvol", "part", "partition", "raid", "reqpart", "volgroup")
UNKNOWN_STORAGE = ("autopart", "btrfs", "fcoe", "iscsi", "iscsiname", "mount", "multipath", "nvdimm", "snapshot", "zfcp", "zipl")


class NotRead(Exception):
    """The kickstart is none."""


class _FirstPass(KickstartParser):
    """Sees sections alone: the included files, and so the commands, are not whole yet."""

    def handleCommand(self, lineno, args):
        return None


def handler_name(release):
    """`RHEL10` for a tree of the release `10.1`."""
    return f"RHEL{release.split('.')[0]}"


def _read(parser, path):
    try:
        parser.readKickstart(path)
    except KickstartError as error:
        raise NotRead(f"{path}: {' '.join(str(error).split())}") from error
    return parser.handler


def first_pass(path, release):
    """The handler, of which only the scripts count."""
    return _read(_FirstPass(makeVersion(handler_name(release)), missingIncludeIsFatal=False), path)


def second_pass(path, release):
    """The handler with all commands and packages."""
    return _read(KickstartParser(makeVersion(handler_name(release))), path)


def scripts(handler, kind):
    return [script for script in handler.scripts if script.type == kind]


def seen(handler):
    """The names of the commands that the kickstart has."""
    return sorted(name for name, command in handler.commands.items() if command and command.seen)
