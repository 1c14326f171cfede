# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import struct
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp_servers as servers
from hypothesis import given
from hypothesis import strategies as st

MAC = "52:54:00:aa:00:01"
SERVER_MAC = "52:54:00:aa:00:fe"
XID = 0xFFFFFFFF
OFFER = dhcp.Message(
    2,
    XID,
    MAC,
    {dhcp.MESSAGE_TYPE: bytes((dhcp.OFFER,)), dhcp.SERVER_ID: bytes((10, 77, 0, 254))},
    yiaddr="10.77.0.142",
)


def reply(source: str = "10.77.0.253", **changes: t.Any) -> bytes:
    """An offer as a server's frame."""
    frame = dhcp.frame(dhcp.build(dataclasses.replace(OFFER, **changes)), SERVER_MAC, source)
    return frame[:34] + struct.pack("!HH", 67, 68) + frame[38:]


def sent(secs: int = 4) -> list[dhcp.Message]:
    """The questions, read back; they go from a client to servers."""
    frames = servers.questions(MAC, XID, secs)
    return [dhcp.parse(frame[42:]) for frame in frames]


def test_a_system_and_firmware_ask_and_servers_cannot_tell_them_apart_by_an_identifier() -> None:
    system, firmware = sent()
    assert [system.xid, firmware.xid] == [XID, 0]
    assert dhcp.VENDOR_CLASS not in system.options
    assert firmware.options[dhcp.VENDOR_CLASS].startswith(b"PXEClient:Arch:00000:")
    for message in (system, firmware):
        assert (message.kind, message.mac, message.secs) == (dhcp.DISCOVER, MAC, 4)
        assert dhcp.CLIENT_ID not in message.options
        # Nobody has the address that is offered: only a broadcast arrives.
        assert message.flags == dhcp.BROADCAST


def test_the_last_round_has_waited_longer_than_standby_servers_want() -> None:
    assert max(servers.ROUNDS) >= 60
    assert list(servers.ROUNDS) == sorted(servers.ROUNDS)


ANSWERS: list[tuple[dict[str, t.Any], dict[str, t.Any]]] = [
    ({}, {"address": "10.77.0.254", "offers": "10.77.0.142", "relay": None, "boot_file": None}),
    ({"xid": 0}, {"address": "10.77.0.254"}),
    ({"options": {}}, {"address": "10.77.0.253"}),
    ({"yiaddr": "0.0.0.0"}, {"address": "10.77.0.254", "offers": None}),
    ({"giaddr": "10.77.0.9"}, {"relay": "10.77.0.9"}),
    (
        {"file": b"pxelinux.0", "siaddr": "10.77.0.8"},
        {"boot_file": "pxelinux.0", "boot_server": "10.77.0.8"},
    ),
]


@pytest.mark.parametrize(("changes", "wanted"), ANSWERS)
def test_what_a_server_says(changes: dict[str, t.Any], wanted: dict[str, t.Any]) -> None:
    found = servers.answer(reply(**changes), XID)
    assert found is not None
    assert found["mac"] == SERVER_MAC
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    "frame",
    [
        reply(xid=7),
        reply(op=1),
        reply(options={dhcp.MESSAGE_TYPE: bytes((dhcp.NAK,))}),
        reply(options={dhcp.SERVER_ID: b"\x0a\x4d"}),
        reply()[:200],
        servers.questions(MAC, XID, 0)[0],
    ],
    ids=["other client", "a request", "a refusal", "half an address", "cut off", "a question"],
)
def test_what_is_no_answer_to_us(frame: bytes) -> None:
    assert servers.answer(frame, XID) is None


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_stop_it(noise: bytes, at: int) -> None:
    """Whatever is on the network, and whatever is in a datagram to us."""
    frame = reply()
    for data in (noise, frame[:at] + noise + frame[at + len(noise) :]):
        found = servers.answer(data, XID)
        assert found is None or set(found) == set(servers.answer(frame, XID) or ())


def test_a_server_that_answers_often_is_one() -> None:
    first, second = servers.answer(reply(), XID), servers.answer(reply(file=b"a.efi"), XID)
    other = servers.answer(reply(options={}, yiaddr="0.0.0.0"), XID)
    assert first
    assert second
    assert other
    found = servers.collected([first, other, second, other])
    assert [server["address"] for server in found] == ["10.77.0.254", "10.77.0.253"]
    assert (found[0]["boot_file"], found[0]["offers"]) == ("a.efi", "10.77.0.142")
    assert first["boot_file"] is None
