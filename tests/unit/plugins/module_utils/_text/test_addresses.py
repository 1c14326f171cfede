# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import itertools
import re
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import (
    Intervals,
    kind_of,
    mac_from_base60,
    parse_duration,
    parse_ipv4,
    parse_mac,
    parse_network,
    shown,
)
from hypothesis import given
from hypothesis import strategies as st

MACS = st.binary(min_size=6, max_size=6).filter(lambda data: any(data) and not data[0] & 1)


def attempt(parse: t.Callable[[object], t.Any], value: object) -> tuple[t.Any, str]:
    """What a parser makes of a value, or its refusal."""
    try:
        return parse(value), ""
    except PxeError as error:
        return None, str(error)


@pytest.mark.parametrize(
    ("written", "mac"),
    [
        ("52:54:00:aa:00:01", "52:54:00:aa:00:01"),
        ("52:54:00:AA:00:01", "52:54:00:aa:00:01"),
        ("52-54-00-aa-00-01", "52:54:00:aa:00:01"),
        ("5254.00aa.0001", "52:54:00:aa:00:01"),
        ("5254-00aa-0001", "52:54:00:aa:00:01"),
        ("525400-AA0001", "52:54:00:aa:00:01"),
        ("525400AA0001", "52:54:00:aa:00:01"),
        ("001122334455", "00:11:22:33:44:55"),
    ],
)
def test_parse_mac(written: str, mac: str) -> None:
    assert parse_mac(written) == mac


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (41135040001, "(YAML read the digits and colons as one number in base 60); quote the MAC"),
        (41135040001, "'52:54:00:00:00:01'"),
        (7, "7 is a number; quote the MAC"),
        (525400000001, "525400000001 is a number; quote the MAC"),
        # What an INI inventory makes of 525400e00001
        (525400e00001, "must be text, not a number; write a MAC address such as '52:54:00:aa:00:01'"),
        (True, "must be text, not true/false"),
        (None, "must be text, not nothing"),
        (["52:54:00:aa:00:01"], "must be text, not a list"),
        ("", "is not a MAC address"),
        ("52:54:00:aa:00", "is not a MAC address"),
        ("52:54:00:aa:00:01:02", "is not a MAC address"),
        (
            "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0c:78:11",
            "is the address of an InfiniBand port, by which neither DHCP nor boot files know a machine; write the",
        ),
        ("00:02:c9:03:00:0c:78:11", "is the address of an InfiniBand port"),
        ("52:54:00-aa:00:01", "is not a MAC address"),
        ("52:54:0:aa:00:01", "is not a MAC address"),
        ("52-54:00-aa:00-01", "is not a MAC address"),
        ("5254.00aa-0001", "is not a MAC address"),
        ("5254.aa.0001", "is not a MAC address"),
        ("5254:00aa:0001", "is not a MAC address"),
        ("525400-aa001", "is not a MAC address"),
        ("52540aa0001", "is not a MAC address"),
        ("525400aa00011", "is not a MAC address"),
        ("000000000000", "is not the MAC address of one machine"),
        ("0100-5e00-0001", "is not the MAC address of one machine"),
        ("52:54:00:aa:00:0g", "is not a MAC address"),
        ("52:54:00:aa:00:01\n", "is not a MAC address"),
        ("00:00:00:00:00:00", "is not the MAC address of one machine"),
        ("ff:ff:ff:ff:ff:ff", "is not the MAC address of one machine"),
        ("01:00:5e:00:00:01", "is not the MAC address of one machine"),
    ],
)  # fmt: skip
def test_parse_mac_refuses(value: object, said: str) -> None:
    with pytest.raises(PxeError, match=re.escape(said)):
        parse_mac(value)


@given(MACS)
def test_each_form_of_a_mac_is_the_same_mac(data: bytes) -> None:
    mac = data.hex(":")
    for written in (mac, mac.upper(), data.hex("-"), f"{data.hex()[:4]}.{data.hex()[4:8]}.{data.hex()[8:]}"):
        assert parse_mac(written) == mac


@given(st.text())
def test_any_text_is_a_mac_or_refused(text: str) -> None:
    found, refusal = attempt(parse_mac, text)
    assert refusal or re.fullmatch("[0-9a-f]{2}(:[0-9a-f]{2}){5}", found)
    assert "\n" not in refusal


@given(st.lists(st.integers(0, 59), min_size=5, max_size=5), st.integers(1, 99))
def test_what_yaml_makes_of_a_mac_is_undone(groups: list[int], first: int) -> None:
    # A group 08 or 09 is a valid digit of base 60 for PyYAML; a first group of 0x is not read as a number at all.
    if first < 10:
        return
    mac = ":".join(f"{group:02d}" for group in [first, *groups])
    number = yaml.safe_load(mac)
    assert isinstance(number, int)
    assert mac_from_base60(number) == mac


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("10.77.0.256", "is not an IPv4 address; write one such as 10.77.0.1"),
        ("10.77.0", "is not an IPv4 address"),
        ("010.77.0.1", "is not an IPv4 address"),
        ("10.77.0.1/24", "is not an IPv4 address"),
        ("10.77.0.1\n", "is not an IPv4 address"),
        ("fd00::1", "is IPv6, over which this version does not boot"),
        (10.77, "must be text, not a number"),
        (168624129, "must be text, not a number"),
        ("127.0.0.1", "is not the address of a host"),
        ("0.0.0.0", "is not the address of a host"),
        ("224.0.0.1", "is not the address of a host"),
        ("255.255.255.255", "is not the address of a host"),
    ],
)
def test_parse_ipv4_refuses(value: object, said: str) -> None:
    with pytest.raises(PxeError, match=re.escape(said)):
        parse_ipv4(value)


@given(st.ip_addresses(v=4))
def test_an_address_is_itself_or_refused(address: ipaddress.IPv4Address) -> None:
    found, refusal = attempt(parse_ipv4, str(address))
    nobody = address.is_multicast or address.is_loopback or address.is_unspecified or address.is_reserved
    assert nobody if refusal else found == address


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    found, refusal = attempt(parse_ipv4, text)
    assert refusal or str(found) == text
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("10.77.0.1/24", "write the network itself: 10.77.0.0/24"),
        ("10.77.0.0", "is not an IPv4 network"),
        ("10.77.0.0/255.255.255.0", "is not an IPv4 network"),
        ("10.77.0.0/33", "is not an IPv4 network"),
        ("fd00::/64", "is IPv6"),
        ("10.77.0.0/31", "from /8 to /30"),
        ("0.0.0.0/0", "from /8 to /30"),
        ("127.0.0.0/8", "is not a network of hosts"),
        ("224.0.0.0/8", "is not a network of hosts"),
        ("0.0.0.0/8", "is not a network of hosts"),
        (10, "must be text"),
    ],
)
def test_parse_network_refuses(value: object, said: str) -> None:
    with pytest.raises(PxeError, match=re.escape(said)):
        parse_network(value)


@given(st.integers(0, 2**32 - 1), st.integers(8, 30))
def test_a_network_is_itself_or_named_in_the_refusal(number: int, length: int) -> None:
    network = ipaddress.IPv4Network((number, length), strict=False)
    found, refusal = attempt(parse_network, str(network))
    assert "is not a network of hosts" in refusal if refusal else found == network


@pytest.mark.parametrize(
    ("value", "seconds"), [("90s", 90), ("45m", 2700), ("12h", 43200), ("2d", 172800), ("1w", 604800)]
)
def test_parse_duration(value: str, seconds: int) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value", ["", "12", "h", "0h", "12 h", "12H", "-1h", "1.5h", "1h30m", "12h\n", 12, None, True, ["12h"]]
)
def test_parse_duration_refuses(value: object) -> None:
    with pytest.raises(PxeError, match="is not a duration; write a whole number and its unit"):
        parse_duration(value)


def test_intervals() -> None:
    intervals = Intervals([(30, 39, "c"), (10, 19, "a"), (20, 20, "b")])
    assert [intervals.find(number) for number in (9, 10, 19, 20, 21, 30, 39, 40)] == [
        None, "a", "a", "b", None, "c", "c", None,
    ]  # fmt: skip
    assert list(intervals.overlaps()) == []


INTERVALS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=12)


@given(INTERVALS, st.integers(0, 80))
def test_intervals_against_the_simple_way(spans: list[tuple[int, int]], number: int) -> None:
    items = [(start, start + length, index) for index, (start, length) in enumerate(spans)]
    intervals = Intervals(items)
    overlapping = [
        (one, other)
        for one, other in itertools.combinations(items, 2)
        if one[0] <= other[1] and other[0] <= one[1]
    ]
    found = list(intervals.overlaps())
    assert bool(found) == bool(overlapping)
    # Each of them is a real one.
    pairs = [{one[2], other[2]} for one, other in overlapping]
    assert all({one, other} in pairs for one, other in found)
    if not overlapping:
        owners = [index for start, end, index in items if start <= number <= end]
        assert intervals.find(number) == (owners[0] if owners else None)


def test_shown_is_short_and_on_one_line() -> None:
    assert shown("a\nb") == r"'a\nb'"
    assert len(shown("x" * 1000)) < 70
    values: list[object] = [7, True, None, [], {}, 1.5]
    assert [shown(value) for value in values] == [
        "7", "True", "nothing", "a list", "a mapping", "1.5",
    ]  # fmt: skip
    assert kind_of(object()) == "something else"
