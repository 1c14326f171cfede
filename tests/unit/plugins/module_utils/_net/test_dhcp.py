# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import dataclasses
import struct

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp import DhcpError, Message
from hypothesis import given
from hypothesis import strategies as st

MAC = "52:54:00:aa:00:01"

macs = st.binary(min_size=6, max_size=6).map(lambda value: value.hex(":"))
addresses = st.ip_addresses(v=4).map(str)
# Option 52 says that other fields hold options: it has tests of its own.
codes = st.integers(1, 254).filter(lambda code: code != dhcp.OVERLOAD)
options = st.dictionaries(codes, st.binary(max_size=700), max_size=8)
names = st.binary(max_size=64).map(lambda value: value.replace(b"\0", b"x"))
messages = st.builds(
    Message,
    op=st.sampled_from((1, 2)),
    xid=st.integers(0, 2**32 - 1),
    mac=macs,
    options=options,
    flags=st.sampled_from((0, dhcp.BROADCAST)),
    secs=st.integers(0, 2**16 - 1),
    hops=st.integers(0, 255),
    ciaddr=addresses,
    yiaddr=addresses,
    siaddr=addresses,
    giaddr=addresses,
    sname=names,
    file=names,
)


@given(messages)
def test_a_message_survives_the_way_there_and_back(message: Message) -> None:
    assert dhcp.parse(dhcp.build(message)) == message


@given(options)
def test_options_survive_the_way_there_and_back(value: dict[int, bytes]) -> None:
    data = dhcp.encode_options(value)
    assert dhcp.decode_options(data) == value
    assert dhcp.decode_options(b"\0\0" + data + b"\xff\x01garbage") == value


@given(st.binary(max_size=800))
def test_any_bytes_are_a_message_or_an_error(data: bytes) -> None:
    with contextlib.suppress(DhcpError):
        dhcp.parse(data)


@given(messages, st.data())
def test_a_damaged_message_is_a_message_or_an_error(message: Message, data: st.DataObject) -> None:
    whole = bytearray(dhcp.build(message))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    shortened = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(DhcpError):
        dhcp.parse(shortened)


@given(st.binary(max_size=600), macs)
def test_a_frame_holds_its_datagram(payload: bytes, mac: str) -> None:
    data = bytearray(dhcp.frame(payload, mac))
    assert dhcp.unframe(bytes(data)) is None, "it goes to a server"
    data[34:38] = struct.pack("!HH", 67, 68)
    assert dhcp.unframe(bytes(data)) == payload
    assert dhcp.unframe(bytes(data) + b"Ethernet's padding") == payload


@given(st.binary(max_size=80))
def test_any_frame_is_read_or_passed_over(data: bytes) -> None:
    result = dhcp.unframe(data)
    assert result is None or isinstance(result, bytes)


def sum16(data: bytes) -> int:
    """All 16-bit words, carries added: 0xffff if the checksum among them is right (RFC 1071)."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return (total & 0xFFFF) + (total >> 16)


@given(st.binary(max_size=200))
def test_a_frame_has_the_checksums_that_kernels_demand(payload: bytes) -> None:
    data = dhcp.frame(payload, MAC)
    assert sum16(data[14:34]) == 0xFFFF
    udp = data[34:]
    pseudo = data[26:34] + struct.pack("!HH", 17, len(udp))
    assert sum16(pseudo + udp + b"\0" * (len(udp) % 2)) % 0xFFFF == 0


def test_a_message_is_what_the_rfc_says() -> None:
    data = dhcp.build(Message(1, 0x3903F326, MAC, {53: b"\x01"}, flags=dhcp.BROADCAST))
    assert data[:12].hex() == "010106003903f32600008000"
    assert data[28:34].hex(":") == MAC
    assert data[236:244] == b"\x63\x82\x53\x63\x35\x01\x01\xff"
    assert len(data) == 300


def test_a_long_option_is_written_in_pieces() -> None:
    data = dhcp.encode_options({43: b"x" * 256})
    assert data == b"\x2b\xff" + b"x" * 255 + b"\x2b\x01x"


@pytest.mark.parametrize(
    ("which", "file", "sname", "boot"),
    [
        (1, b"\x43\x04\x61\x62\x63\x64\xff", b"srv", "abcd"),
        (2, b"undionly.kpxe", b"\x0c\x01h\xff", "undionly.kpxe"),
        (3, b"\x43\x02ab\xff", b"\x43\x02cd\xff", "abcd"),
    ],
)
def test_fields_that_hold_options_are_read_as_such(which: int, file: bytes, sname: bytes, boot: str) -> None:
    sent = Message(2, 1, MAC, {53: b"\x02", 52: bytes((which,))}, siaddr="10.77.0.1", file=file, sname=sname)
    message = dhcp.parse(dhcp.build(sent))
    assert dhcp.boot(message) == dhcp.Boot(boot, "10.77.0.1")
    assert message.file == (b"" if which & 1 else file)
    assert message.sname == (b"" if which & 2 else sname)


@pytest.mark.parametrize(
    ("message", "boot"),
    [
        (Message(2, 1, MAC), None),
        (Message(2, 1, MAC, siaddr="10.77.0.1"), None),
        (Message(2, 1, MAC, siaddr="10.77.0.1", file=b"a"), ("a", "10.77.0.1")),
        # dnsmasq ends it with a NUL
        (Message(2, 1, MAC, {67: b"b\0"}, siaddr="10.77.0.1", file=b"a"), ("b", "10.77.0.1")),
        (Message(2, 1, MAC, {67: b"b", 66: b"tftp.example\0", 54: b"\x0a\x4d\0\1"}), ("b", "tftp.example")),
        (Message(2, 1, MAC, {67: b"b", 54: b"\x0a\x4d\0\1"}), ("b", "10.77.0.1")),
    ],
)
def test_what_to_load(message: Message, boot: tuple[str, str] | None) -> None:
    assert dhcp.boot(message) == (boot and dhcp.Boot(*boot))


@pytest.mark.parametrize(
    ("name", "is_url"), [("http://10.77.0.1/boot/boot.ipxe", True), ("snponly.efi", False)]
)
def test_a_url_is_not_a_path(name: str, is_url: bool) -> None:
    assert dhcp.Boot(name, "10.77.0.1").is_url is is_url


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "0 bytes are too few"),
        (b"\x01" * 239, "239 bytes are too few"),
        (b"\x01\x06\x06" + b"\0" * 300, "of type 6 with 6 bytes"),
        (b"\x01\x01\x06" + b"\0" * 300, "magic cookie"),
        (b"\x01\x01\x06" + b"\0" * 233 + b"\x63\x82\x53\x63\x35", "option 53 is cut off"),
        (b"\x01\x01\x06" + b"\0" * 233 + b"\x63\x82\x53\x63\x35\x02\x01", "option 53 is cut off"),
    ],
)
def test_bad_bytes_say_why(data: bytes, reason: str) -> None:
    with pytest.raises(DhcpError, match=reason):
        dhcp.parse(data)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mac": "52:54:00"}, "'52:54:00' is not a MAC"),
        ({"mac": "52-54-00-aa-00-01"}, "is not a MAC"),
        ({"yiaddr": "10.77.0.300"}, r"'10\.77\.0\.300' is not an IPv4"),
        ({"options": {0: b""}}, "0 is not an option"),
        ({"options": {255: b""}}, "255 is not an option"),
        ({"file": b"x" * 129}, "may have 128 bytes"),
        ({"sname": b"x" * 65}, "may have 128 bytes and the server's name 64"),
    ],
)
def test_bad_values_say_why(change: dict[str, object], reason: str) -> None:
    message = dataclasses.replace(Message(1, 1, MAC), **change)  # type: ignore[arg-type]
    with pytest.raises(DhcpError, match=reason):
        dhcp.build(message)


def test_values_of_options() -> None:
    assert dhcp.addresses(b"\x0a\x4d\0\1\x0a\x4d\0\2") == ["10.77.0.1", "10.77.0.2"]
    assert dhcp.text(b"lab.example\0junk") == "lab.example"
    assert dhcp.text(b"caf\xe9") == "caf\\xe9"
    assert dhcp.number(b"\0\0\xa8\xc0") == 43200
    with pytest.raises(DhcpError, match="not a multiple of 4"):
        dhcp.addresses(b"\x0a\x4d\0")


@pytest.mark.parametrize(
    ("client", "vendor", "architecture", "is_ipxe"),
    [
        (dhcp.firmware(MAC, 0), b"PXEClient:Arch:00000:UNDI:003016", b"\0\0", False),
        (dhcp.firmware(MAC, 7), b"PXEClient:Arch:00007:UNDI:003016", b"\0\x07", False),
        (dhcp.firmware(MAC, 16), b"HTTPClient:Arch:00016:UNDI:003016", b"\0\x10", False),
        (dhcp.ipxe(MAC, 0), b"PXEClient:Arch:00000:UNDI:003016", b"\0\0", True),
        (dhcp.system(MAC), None, None, False),
    ],
)
def test_clients_are_told_apart_by_what_they_send(
    client: dhcp.Client, vendor: bytes | None, architecture: bytes | None, is_ipxe: bool
) -> None:
    sent = dhcp.parse(dhcp.build(dhcp.discover(client, 7, 3)))
    assert (sent.kind, sent.xid, sent.secs, sent.mac) == (dhcp.DISCOVER, 7, 3, MAC)
    assert sent.options.get(60) == vendor
    assert sent.options.get(93) == architecture
    assert (sent.options.get(77) == b"iPXE") is is_ipxe
    assert (175 in sent.options) is is_ipxe


def test_either_mark_of_ipxe_may_be_missing() -> None:
    assert 77 not in dhcp.ipxe(MAC, 0, user_class=False).options
    assert 175 not in dhcp.ipxe(MAC, 0, features=False).options


def test_a_system_tells_its_name() -> None:
    assert dhcp.system(MAC, "node01").options[12] == b"node01"


def test_an_offer_is_taken_and_given_back() -> None:
    client = dhcp.ipxe(MAC, 0)
    offer = Message(2, 9, MAC, {53: b"\x02", 54: b"\x0a\x4d\0\1"}, yiaddr="10.77.0.11")
    taken = dhcp.request(client, offer)
    assert (taken.kind, taken.xid) == (dhcp.REQUEST, 9)
    assert taken.options[50] == b"\x0a\x4d\0\x0b"
    assert taken.options[54] == b"\x0a\x4d\0\1"
    assert taken.options[175] == client.options[175]
    given_back = dhcp.release(client, offer)
    assert (given_back.kind, given_back.ciaddr) == (dhcp.RELEASE, "10.77.0.11")
    with pytest.raises(DhcpError, match="which server"):
        dhcp.request(client, Message(2, 9, MAC, {53: b"\x02"}))
