# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import os
import typing as t

import pytest

FACTS = {"os_family": "Debian", "service_mgr": "systemd"}
GOOD: dict[str, t.Any] = {
    "nfs_exports_folders": [{"path": "/usr/share", "mounted": True}],
    "nfs_exports_subnets": ["10.77.0.0/24"],
}
TABLE: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({"nfs_exports_subnets": []}, ["nfs_exports_subnets: name at least one network"]),
    ({"nfs_exports_subnets": ["*"]}, ['"*" is not a network']),
    ({"nfs_exports_folders": [{"path": "/srv/is-not-here"}]}, ["has no folder /srv/is-not-here"]),
    ({"nfs_exports_folders": [{"path": "/srv/a b"}]}, ['"/srv/a b" is not an absolute path']),
    ({"nfs_exports_extra_options": ["rw)"]}, ["nfs_exports_extra_options"]),
    ({"nfs_exports_extra_options": ["insecure", "no_wdelay"]}, []),
    *(
        ({"nfs_exports_extra_options": [option]}, [f'"{option}" is not for exports that nobody may write to'])
        for option in ("rw", "no_root_squash", "no_all_squash", "anonuid=0", "anongid=0", "fsid=0")
    ),
    ({"nfs_exports_subnets": ["0.0.0.0/0"]}, ['"0.0.0.0/0" is not a network']),
    ({"nfs_exports_folders": [{"path": "/usr/../etc"}]}, ['"/usr/../etc" is not an absolute path']),
    ({"nfs_exports_folders": [{"path": "/usr/share/.."}]}, ['"/usr/share/.." is not an absolute path']),
    ({"nfs_exports_folders": [{"path": "/usr/lib/.build-id"}]}, ["has no folder"]),
    ({"nfs_exports_mountd_port": 65536}, ["nfs_exports_mountd_port"]),
]


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    said = refusals("nfs_exports", "preflight", FACTS, [{**GOOD, **change} for change, _wanted in TABLE])
    for message, (change, wanted) in zip(said, TABLE, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("nfs_exports").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]


# What only exportfs notices: told with its reason, the file, the line and what that was made from.
CHECKED: list[tuple[dict[str, t.Any], list[str]]] = [
    (
        {"nfs_exports_extra_options": ["insecur"]},
        [
            "is unchanged",
            "/etc/exports.d/netinstall-pxe.exports:",
            'unknown keyword "insecur"',
            "(from nfs_exports_extra_options)",
        ],
    ),
]


@pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/usr/sbin/exportfs"),
    reason="needs root, and apt-get install nfs-kernel-server",
)
def test_exportfs_checks_the_exports_before_they_are_written(refusals: t.Callable[..., list[str]]) -> None:
    there = {
        "__nfs_exports_program": {"stat": {"exists": True}},
        "__nfs_exports_found": {"results": [{"stat": {"exists": True}}]},
    }
    cases = [{**GOOD, **there, **change} for change, _wanted in CHECKED]
    said = refusals("nfs_exports", "configure", FACTS, cases, "--check")
    for message, (change, wanted) in zip(said, CHECKED, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)
