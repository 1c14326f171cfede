# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import history
from pykickstart import version as ks


@pytest.mark.parametrize(
    ("command", "version", "removed"),
    [
        ("langsupport", ks.RHEL6, "RHEL6"),
        ("mouse", ks.RHEL9, "RHEL6"),
        ("interactive", ks.RHEL7, "RHEL7"),
        ("upgrade", ks.RHEL8, "RHEL8"),
        ("install", ks.RHEL8, None),
        ("install", ks.RHEL9, "RHEL9"),
        ("install", ks.RHEL10, "RHEL9"),
        ("install", ks.F42, "F34"),
        ("authconfig", ks.RHEL9, None),
        ("authconfig", ks.RHEL10, "RHEL10"),
        ("autostep", ks.RHEL10, "RHEL10"),
        # Never there, or not there yet, is not removed.
        ("timesource", ks.RHEL8, None),
        ("nonsense", ks.RHEL9, None),
    ],
)
def test_commands_are_removed_in(command: str, version: int, removed: str | None) -> None:
    assert history.removed_in(command, version) == removed


@pytest.mark.parametrize(
    ("command", "option", "version", "removed"),
    [
        ("part", "--active", ks.RHEL8, None),
        ("part", "--active", ks.RHEL9, "RHEL9"),
        ("timezone", "--isUtc", ks.RHEL10, "RHEL10"),
        ("repo", "--ignoregroups", ks.RHEL10, "RHEL10"),
        ("%packages", "--nobase", ks.RHEL8, "RHEL8"),
        ("%packages", "--instLangs", ks.RHEL10, "RHEL10"),
        ("%post", "--nochroot", ks.RHEL10, None),
        ("rootpw", "--lock", ks.RHEL5, None),
    ],
)
def test_options_are_removed_in(command: str, option: str, version: int, removed: str | None) -> None:
    assert history.removed_in(command, version, option) == removed


@pytest.mark.parametrize(
    ("command", "option", "version", "added"),
    [
        ("timesource", None, ks.RHEL8, "RHEL9"),
        ("rootpw", "--lock", ks.RHEL5, "RHEL6"),
        ("rdp", None, ks.RHEL9, "RHEL10"),
        ("install", None, ks.RHEL9, None),
        ("nonsense", None, ks.RHEL9, None),
    ],
)
def test_what_comes_later(command: str, option: str | None, version: int, added: str | None) -> None:
    assert history.added_in(command, version, option) == added


@pytest.mark.parametrize(
    ("command", "option", "version", "deprecated"),
    [
        ("install", None, ks.RHEL7, None),
        ("install", None, ks.RHEL8, "RHEL8"),
        ("btrfs", None, ks.RHEL9, "RHEL8"),
        ("vnc", None, ks.RHEL10, "RHEL10"),
        ("logging", "--level", ks.RHEL9, "RHEL9"),
        ("part", "--active", ks.RHEL8, "RHEL8"),
        ("part", "--size", ks.RHEL8, None),
    ],
)
def test_deprecated_since(command: str, option: str | None, version: int, deprecated: str | None) -> None:
    assert history.deprecated_in(command, version, option) == deprecated


def test_products_are_not_compared_with_each_other() -> None:
    """autostep is there in RHEL9 although Fedora's versions that came before RHEL10 have lost it."""
    assert history.removed_in("autostep", ks.RHEL9) is None
    assert history.removed_in("autostep", ks.F40) == "F40"


def test_successors_exist() -> None:
    """What is advised instead must be there in the newest version."""
    newest = max(history.COMMANDS)
    for what, instead in history.SUCCESSORS.items():
        command, _blank, option = what.partition(" ")
        for word in instead.replace(",", " ").replace(" or ", " ").split():
            word = word.partition("=")[0]
            owner = "timesource" if option and not instead.startswith("--") else command
            if not word.startswith("--"):
                assert history.command_state(word, newest) == "present", (what, word)
            elif command != "vnc":
                assert word in history.options(owner, newest), (what, word)


def test_instead() -> None:
    assert history.instead_of("authconfig") == "write authselect"
    assert history.instead_of("install") == "leave it out"


def test_options_of_what_is_not_there() -> None:
    assert history.options("nonsense", ks.RHEL9) == {}
    assert history.options("%nonsense", ks.RHEL9) == {}
    assert history.options("%addon", ks.RHEL9) == {}
