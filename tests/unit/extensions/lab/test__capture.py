# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packet reader, on packets made up here."""

from __future__ import annotations

import struct

import _capture
import pytest
from hypothesis import given
from hypothesis import strategies as st

CLIENT, SERVER = "10.77.0.11", "10.77.0.1"


def pcap(*frames: tuple[float, bytes], order: str = "<", cut: int = 65535) -> bytes:
    """A classic pcap file of (time, frame), each frame cut off after `cut` bytes."""
    data = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, cut, 1)
    for time, frame in frames:
        captured = frame[:cut]
        head = (int(time), round(time % 1 * 1_000_000), len(captured), len(frame))
        data += struct.pack(order + "IIII", *head) + captured
    return data


def ethernet(source: str, target: str, protocol: int, body: bytes, fragment: int = 0) -> bytes:
    """A frame with an IPv4 packet."""
    addresses = bytes(map(int, (source + "." + target).split(".")))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, fragment, 64, protocol, 0)
    return bytes(12) + b"\x08\x00" + head + addresses + body


def udp(source: str, sport: int, target: str, dport: int, payload: bytes) -> bytes:
    return ethernet(source, target, 17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload)


def tcp(source: str, sport: int, target: str, dport: int, payload: bytes, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    head = struct.pack(">HHIIBBHHH", sport, dport, 0, 0, words << 4, 0x18, 1024, 0, 0)
    return ethernet(source, target, 6, head + options + payload)


def dhcp(kind: int) -> bytes:
    """A DHCP message of a type, after a pad and another option."""
    message = bytes(236) + b"\x63\x82\x53\x63" + b"\x00" + bytes([12, 2]) + b"ab" + bytes([53, 1, kind, 255])
    return udp("0.0.0.0", 68, "255.255.255.255", 67, message)


def get(path: str, agent: str, method: str = "GET") -> bytes:
    text = f"{method} {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\n\r\n"
    return tcp(CLIENT, 5000, SERVER, 80, text.encode(), options=bytes(12))


def boot() -> list[tuple[float, bytes]]:
    """A boot as it happens: DHCP, loader by TFTP, script, kernel, installer."""
    return [
        (100.0, dhcp(1)),
        (100.5, dhcp(3)),
        (101.0, udp(CLIENT, 2000, SERVER, 69, b"\x00\x01snponly.efi\x00octet\x00")),
        (101.5, udp(SERVER, 3000, CLIENT, 2000, b"\x00\x06blksize\x001468\x00")),
        (102.0, udp(SERVER, 3000, CLIENT, 2000, b"\x00\x03\x00\x01" + bytes(500))),
        (102.1, udp(CLIENT, 2000, SERVER, 3000, b"\x00\x04\x00\x01")),
        (103.0, get("/boot/boot.ipxe", "iPXE/1.0.0")),
        (103.1, tcp(SERVER, 80, CLIENT, 5000, b"HTTP/1.1 200 OK\r\n\r\n")),
        (104.0, get("/trees/debian-13/install.amd/vmlinuz?x=1", "iPXE/1.0.0")),
        (104.5, tcp(SERVER, 80, CLIENT, 5000, bytes(1448))),
        (109.25, get("/answers/10.77.0.11/t/preseed.cfg", "debian-installer")),
        (110.0, get("/events/10.77.0.11/t/started", "Wget/1.25.0", method="PUT")),
    ]


def test_summary_of_a_boot() -> None:
    found = _capture.summary(pcap(*boot()))
    assert found["started"] == 100.0
    assert found["seconds"] == {"tftp": 2.0, "http": 3.0, "kernel": 4.0, "installer": 9.25}
    assert found["bytes"] == {"tftp": 500, "http": 19 + 1448}
    assert found["requests"][0] == [3.0, "GET", "/boot/boot.ipxe"]
    assert [method for _time, method, _path in found["requests"]] == ["GET", "GET", "GET", "PUT"]


def test_sizes_are_true_although_packets_are_cut_off() -> None:
    assert _capture.summary(pcap(*boot(), cut=320))["bytes"] == {"tftp": 500, "http": 19 + 1448}


def test_own_frames_that_come_back_count_once() -> None:
    twice = [(time + delay, frame) for time, frame in boot() for delay in (0, 0.0002)]
    assert _capture.summary(pcap(*twice)) == _capture.summary(pcap(*boot()))


def test_the_same_request_later_is_another_request() -> None:
    frame = get("/answers/x", "iPXE/1.0.0")
    assert len(_capture.summary(pcap((1.0, frame), (31.0, frame)))["requests"]) == 2


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(order: str) -> None:
    assert _capture.summary(pcap(*boot(), order=order))["seconds"]["kernel"] == 4.0


def test_stages_that_did_not_happen_are_absent() -> None:
    found = _capture.summary(pcap((5.0, dhcp(1))))
    assert found["seconds"] == {}
    assert found["bytes"] == {"tftp": 0, "http": 0}


def test_nothing_at_all() -> None:
    assert _capture.summary(b"")["requests"] == []
    assert _capture.summary(pcap())["started"] == 0.0


def test_a_request_is_no_discover() -> None:
    assert _capture.summary(pcap((1.0, dhcp(3)), (2.0, dhcp(1))))["started"] == 2.0


def test_half_a_packet_at_the_end_is_left_out() -> None:
    whole = pcap(*boot())
    assert len(_capture.summary(whole[:-10])["requests"]) == 3


def test_fragments_and_other_protocols_are_passed_over() -> None:
    frames = [
        (1.0, ethernet(SERVER, CLIENT, 17, bytes(100), fragment=185)),
        (1.0, ethernet(SERVER, CLIENT, 1, bytes(100))),
        (1.0, bytes(12) + b"\x08\x06" + bytes(60)),
    ]
    assert list(_capture.packets(pcap(*frames))) == []


@pytest.mark.parametrize("port", [53, 67, 68, 4011, 123])
def test_other_udp_is_not_tftp(port: int) -> None:
    frame = udp(SERVER, port, CLIENT, 2000, b"\x00\x03\x00\x01data")
    assert _capture.summary(pcap((1.0, frame)))["bytes"]["tftp"] == 0


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/trees/d/install.amd/vmlinuz", True),
        ("/linux", True),
        ("/trees/e/images/pxeboot/vmlinuz?a=/b", True),
        ("/vmlinuz/other", False),
        ("/initrd.gz", False),
        ("/answers/vmlinuz.cfg", False),
    ],
)
def test_is_kernel(path: str, expected: bool) -> None:
    assert _capture.is_kernel(path) is expected


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="pcap"):
        list(_capture.frames(b"\x0a\x0d\x0d\x0a" + bytes(40)))


@given(st.binary(max_size=200))
def test_no_frame_breaks_the_reader(frame: bytes) -> None:
    _capture.summary(pcap((1.0, frame), (2.0, b"x" * 12 + b"\x08\x00" + frame)))


@given(st.binary(max_size=400))
def test_no_dhcp_message_breaks_the_reader(options: bytes) -> None:
    _capture.dhcp_option(bytes(236) + b"\x63\x82\x53\x63" + options, 53)
