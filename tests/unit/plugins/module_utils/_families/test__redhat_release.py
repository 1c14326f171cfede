# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _redhat_release


def facts(name: str, version: str | None = None) -> dict[str, t.Any]:
    return _redhat_release.release_facts({"name": name, "version": version})


@pytest.mark.parametrize(
    ("name", "version", "kickstart", "level"),
    [
        ("rhel4", None, "RHEL4", 5),
        ("centos-5", None, "RHEL5", 5),
        ("centos-6", "6.10", "RHEL6", 6),
        ("centos-7-x86_64", None, "RHEL7", 7),
        ("ol8", None, "RHEL8", 8),
        ("rocky", "9.4", "RHEL9", 9),
        ("alma-10", None, "RHEL10", 10),
        ("rhel-11", None, "RHEL10", 10),
        ("anolis-23", None, "RHEL10", 10),
        ("scientificlinux-5", "5.6", "RHEL5", 5),
        ("fedora-14", None, "F14", 6),
        ("fedora-18", None, "F18", 7),
        ("fedora-27", None, "F27", 7),
        ("fedora-28", None, "F28", 8),
        ("fedora-33", None, "F33", 9),
        ("fedora-42", None, "F42", 10),
        ("fedora-99", None, "F46", 10),
    ],
)
def test_releases(name: str, version: str | None, kickstart: str, level: int) -> None:
    found = facts(name, version)
    assert (found["kickstart_version"], found["syntax"]["level"]) == (kickstart, level)


@pytest.mark.parametrize(
    ("name", "version", "end", "install", "on_error", "pre_install", "reqpart"),
    [
        ("centos-5", "5.11", False, True, "%traceback", False, False),
        ("centos-6", "6.8", True, True, "%traceback", False, False),
        ("centos-7", "7.1.1503", True, True, "%traceback", False, False),
        ("centos-7", "7.2", True, True, "%traceback", False, True),
        ("centos-7", "7.4", True, True, "%onerror", True, True),
        ("centos-7", "7.10", True, True, "%onerror", True, True),
        # Of which nobody knows the minor release: the last one.
        ("centos-7", None, True, True, "%onerror", True, True),
        ("rocky-8", "8.0", True, False, "%onerror", True, True),
        ("fedora-22", None, True, True, "%traceback", False, False),
        ("fedora-25", None, True, True, "%onerror", True, True),
        ("fedora-42", None, True, False, "%onerror", True, True),
    ],
)
def test_syntax(
    name: str, version: str | None, end: bool, install: bool, on_error: str, pre_install: bool, reqpart: bool
) -> None:
    syntax = facts(name, version)["syntax"]
    assert syntax == {
        "level": syntax["level"],
        "sections_end": end,
        "install_command": install,
        "on_error": on_error,
        "pre_install": pre_install,
        "reqpart": reqpart,
    }


def test_the_release_is_told() -> None:
    assert facts("fedora-42")["release"] == {"kind": "fedora", "number": 42}
    assert facts("centos-6", "6.8")["release"] == {"kind": "el", "number": 6}


def test_no_number() -> None:
    with pytest.raises(PxeError, match="'centos' has no number; write it in quotes"):
        facts("centos")


@pytest.mark.parametrize(("name", "version"), [("scientific-5", "56"), ("sl-511", None), ("centos", "610")])
def test_a_version_without_its_dot_is_no_release(name: str, version: str | None) -> None:
    """It was taken as something newer than RHEL 10."""
    with pytest.raises(
        PxeError, match="which is not a release of Enterprise Linux; write it in quotes and with its dot"
    ):
        facts(name, version)
