# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket and the service, as systemd reads them, and what the rules for file names must not say."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

FOLDER = "/etc/systemd/system"
MAP = "/etc/netinstall-pxe/tftp-map"
NAMES = ("tftp-pxe.socket", "tftp-pxe.service")


def values(text: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{key}=")]


def test_it_listens_at_one_address(written: t.Any) -> None:
    assert values(written.texts["plain socket"], "ListenDatagram") == ["10.77.0.1:69"]


def test_packets_from_elsewhere_are_dropped(written: t.Any) -> None:
    for name in NAMES:
        text = written.texts[f"{FOLDER}/{name}"]
        assert values(text, "IPAddressDeny") == ["any"]
        assert values(text, "IPAddressAllow") == ["127.0.0.0/24"]
    assert values(written.texts["plain service"], "IPAddressDeny") == []


def test_no_rule_asks_for_the_clients_address(written: t.Any) -> None:
    """tftp-hpa 5.2 writes past its buffer then, and dies for some names and not for others."""
    assert "\\x" not in written.texts[MAP]


def test_it_keeps_no_capability_that_it_does_not_need(written: t.Any) -> None:
    (said,) = values(written.texts["plain service"], "CapabilityBoundingSet")
    assert said.split() == ["CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"]


@pytest.mark.skipif(
    not pathlib.Path("/usr/sbin/in.tftpd").exists(), reason="needs in.tftpd: apt-get install tftpd-hpa"
)
def test_systemd_understands_every_line(
    written: t.Any, systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]
) -> None:
    assert systemd_says({name: written.texts[f"{FOLDER}/{name}"] for name in NAMES}) == []
