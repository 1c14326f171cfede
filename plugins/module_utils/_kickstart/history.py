# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which version of the kickstart syntax removed, deprecated or added a command, an option or a section's option.

All of it is computed from pykickstart's own tables: ``versionMap`` (names and numbers of versions), ``commandMap``
(the class that handles a command in a version) and the option parsers of these classes. Versions are pykickstart's
numbers here, such as 34100 for RHEL9. A version is compared with those of its own product, RHEL or Fedora.
"""

from __future__ import annotations

import functools
import types
import typing as t

try:
    from pykickstart import base, sections
    from pykickstart import version as ks_version
    from pykickstart.handlers import control
except ImportError:
    control = None

#: The commands of each version, and the class that handles each.
COMMANDS: dict[int, dict[str, t.Any]] = control.commandMap if control else {}

#: What to write instead of what was removed or deprecated. Whatever is not here has no successor.
SUCCESSORS = {
    "auth": "authselect",
    "authconfig": "authselect",
    "method": "url, nfs, cdrom or harddrive",
    "vnc": "rdp",
    "timezone --isUtc": "--utc",
    "timezone --ntpservers": "timesource --ntp-server=…",
    "timezone --nontp": "timesource --ntp-disable",
    "vnc --connect": "--host=… --port=…",
    "%packages --instLangs": "--inst-langs",
    "%packages --excludeWeakdeps": "--exclude-weakdeps",
}

Options = t.Mapping[str, t.Any]


def name_of(version: int) -> str:
    """``RHEL9`` of 34100."""
    return str(ks_version.versionToString(version, skipDevel=True))


@functools.cache
def _product(version: int) -> tuple[int, ...]:
    """All versions of the product that this is a version of, oldest first."""
    rhel = "RHEL" in name_of(version)
    versions = {number for name, number in ks_version.versionMap.items() if name != "DEVEL"}
    return tuple(sorted(number for number in versions if ("RHEL" in name_of(number)) == rhel))


def command_state(command: str, version: int) -> str:
    """``present``, ``deprecated``, ``removed``, or ``""`` for a command that this version has never heard of."""
    found = COMMANDS.get(version, {}).get(command)
    if found is None:
        return ""
    if issubclass(found, base.RemovedCommand):
        return "removed"
    return "deprecated" if issubclass(found, base.DeprecatedCommand) else "present"


@functools.cache
def options(command: str, version: int) -> Options:
    """The options of a command, or of a section such as ``%post``, and how argparse handles each."""
    try:
        parser = section_parser(command, version) if command[:1] == "%" else _command_parser(command, version)
    except Exception:  # some classes of old versions cannot be made without a file that they handle
        return {}
    return dict(getattr(parser, "_option_string_actions", {}))


def _command_parser(command: str, version: int) -> t.Any:
    return getattr(COMMANDS[version][command](), "op", None)


@functools.cache
def section_parser(name: str, version: int) -> t.Any:
    """The parser of a section's first line, if it has one. It remembers nothing but the number of the last line."""
    handler = types.SimpleNamespace(version=version)
    for found in vars(sections).values():
        if isinstance(found, type) and getattr(found, "sectionOpen", "") == name:
            section = found(handler)
            parser = section._getParser() if hasattr(section, "_getParser") else None
            return _with_old_options(parser, name, version)
    return None


def _with_old_options(parser: t.Any, name: str, version: int) -> t.Any:
    """With --nobase, which old installers took: pykickstart 3 says that it came with EL 6, but that of EL 5 has it."""
    if name == "%packages" and version < ks_version.RHEL6 and "--nobase" not in parser._option_string_actions:
        parser.add_argument("--nobase", action="store_true", default=False, version=version, help="")
    return parser


def _commands_has(command: str) -> t.Callable[[int], bool]:
    return lambda version: command_state(command, version) in ("present", "deprecated")


def _options_has(command: str, option: str) -> t.Callable[[int], bool]:
    return lambda version: option in options(command, version)


def _lost_in(has: t.Callable[[int], bool], version: int) -> str | None:
    """The version, at most this one, in which something was lost that is not back in this version."""
    lost, had = None, False
    for each in (number for number in _product(version) if number <= version):
        if has(each):
            lost, had = None, True
        elif had and lost is None:
            lost = each
    return name_of(lost) if lost else None


def removed_in(command: str, version: int, option: str | None = None) -> str | None:
    """The version that removed a command or one of its options; ``None`` if it is there, or never was."""
    return _lost_in(_options_has(command, option) if option else _commands_has(command), version)


def added_in(command: str, version: int, option: str | None = None) -> str | None:
    """The later version that brings a command or one of its options; ``None`` if none does."""
    has = _options_has(command, option) if option else _commands_has(command)
    found = next((each for each in _product(version) if each > version and has(each)), None)
    return name_of(found) if found else None


def deprecated_in(command: str, version: int, option: str | None = None) -> str | None:
    """The version from which on a command or one of its options is deprecated; ``None`` if it is not."""

    def is_alive(each: int) -> bool:
        if option:
            action = options(command, each).get(option)
            return action is not None and not getattr(action, "deprecated", False)
        return command_state(command, each) == "present"

    return _lost_in(is_alive, version)


def instead_of(what: str) -> str:
    """``write rdp`` for ``vnc``, ``leave it out`` for what has no successor."""
    return f"write {SUCCESSORS[what]}" if what in SUCCESSORS else "leave it out"
