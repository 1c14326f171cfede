# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Releases of Enterprise Linux and Fedora, and what the kickstarts of each are written like.

Read from pykickstart's handlers and from anaconda's branches rhel5-branch to rhel-10.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# The releases that pykickstart has names for.
_NEWEST = {"el": 10, "fedora": 46}
_OLDEST = {"el": 3, "fedora": 7}
# From here on it is a version without its dot, as Scientific Linux 5.6 says 56.
_NO_ENTERPRISE_LINUX = 30
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
ARCHITECTURES = re.compile(
    r"x86[_-]64|amd64|i[3-6]86|aarch64|arm64|armhfp|ppc64le|ppc64|ppc|s390x|riscv64|ia64"
)
# From which Fedora on kickstarts are written as for which Enterprise Linux.
_LIKE = ((40, 10), (33, 9), (28, 8), (18, 7), (0, 6))
_NEWEST_MINOR = 99


class Release(t.NamedTuple):
    """``kind`` is ``el`` or ``fedora``, ``number`` the major release."""

    kind: str
    number: int


def without_architecture(text: str) -> str:
    """A text whose numbers are not those of an architecture."""
    return ARCHITECTURES.sub("", text)


def release_kind(name: str) -> str:
    """``fedora`` for ``fedora-42`` and ``f42``, else ``el``."""
    return "fedora" if re.match(r"fedora|f\d", name.lower()) else "el"


def release_of(distribution: dict[str, t.Any]) -> Release:
    """Which installer a distribution of the plan has.

    :param distribution: ``{name, version}``; the number is in the version, else in the name.
    :raises PxeError: there is no number in either, or one that no release has.
    """
    number = _number(distribution)
    if number is None:
        raise PxeError(
            f"is missing, and the name {distribution['name']!r} has no number; write it in quotes, such as '9.4'"
        )
    release = Release(release_kind(distribution["name"]), int(number.partition(".")[0]))
    if release.kind == "el" and release.number >= _NO_ENTERPRISE_LINUX:
        raise PxeError(
            f"of {distribution['name']!r} is {number}, which is not a release of Enterprise Linux; "
            "write it in quotes and with its dot, such as '5.6'"
        )
    return release


def _number(distribution: dict[str, t.Any]) -> str | None:
    name = without_architecture(distribution["name"].lower())
    number = _NUMBER.search(distribution.get("version") or "") or _NUMBER.search(name)
    return number[0] if number else None


def kickstart_version(distribution: dict[str, t.Any]) -> str:
    """pykickstart's name of the syntax: ``RHEL5`` to ``RHEL10``, ``F42``; the newest one for a newer release."""
    kind, number = release_of(distribution)
    number = max(_OLDEST[kind], min(_NEWEST[kind], number))
    return f"{'RHEL' if kind == 'el' else 'F'}{number}"


def release_facts(distribution: dict[str, t.Any]) -> dict[str, t.Any]:
    """What a template of a kickstart must know of the release.

    :returns: ``release`` (``{kind, number}``), ``kickstart_version`` (``RHEL9``) and ``syntax``:

        ``level``: the number of the Enterprise Linux whose kickstarts look the same, 5 to 10;
        ``sections_end``: sections end by %end (EL 5 does not know it);
        ``install_command``: the command ``install`` is expected;
        ``on_error``: the section that is run when the installer fails: %onerror came with EL 7.4, before there is
        %traceback for errors of the installer itself;
        ``pre_install``: the section %pre-install is known (EL 7.4);
        ``reqpart``: the command is known (EL 7.2), which makes the partitions that the firmware needs.

    A distribution of which only the major release is known counts as its last minor release.
    """
    release = release_of(distribution)
    level = _level(release)
    scripts, reqpart = _reached(distribution, (7, 4), 25), _reached(distribution, (7, 2), 23)
    return {
        "release": release._asdict(),
        "kickstart_version": kickstart_version(distribution),
        "syntax": {
            "level": level,
            "sections_end": level >= 6,
            "install_command": level <= 7,
            "on_error": "%onerror" if scripts else "%traceback",
            "pre_install": scripts,
            "reqpart": reqpart,
        },
    }


def _level(release: Release) -> int:
    if release.kind == "el":
        return max(5, min(10, release.number))
    return next(level for fedora, level in _LIKE if release.number >= fedora)


def _reached(distribution: dict[str, t.Any], el: tuple[int, int], fedora: int) -> bool:
    """Whether a distribution is at least this release, or this one of Fedora."""
    release = release_of(distribution)
    if release.kind == "fedora":
        return release.number >= fedora
    return (release.number, _minor(distribution)) >= el


def _minor(distribution: dict[str, t.Any]) -> int:
    """4 for ``7.4`` and for ``7.4.1708``."""
    parts = (_number(distribution) or "").split(".")
    return int(parts[1]) if len(parts) > 1 else _NEWEST_MINOR
