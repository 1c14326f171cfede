# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_options import (
    OPTIONS,
    REFUSED,
    TYPES,
    read_options,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    Section,
)
from hypothesis import given
from hypothesis import strategies as st

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def read(options: t.Any) -> tuple[list[dict[str, t.Any]], dict[str, str]]:
    """The options, and of the mistakes address and message."""
    section = Section(Mistakes(), "machine_", {"dhcp_options": options}, ("dhcp_options",))
    found = read_options(section, "dhcp_options")
    try:
        section.mistakes.raise_if_any()
    except PlanError as error:
        return found, {mistake["address"]: mistake["message"] for mistake in error.mistakes}
    return found, {}


@pytest.mark.parametrize(
    ("written", "value", "values", "sent"),
    [
        ("interface-mtu", 1500, ["1500"], "05:dc"),
        (26, 1500, ["1500"], "05:dc"),
        # From JSON, or from an INI inventory
        ("26", {"value": 1500}, ["1500"], "05:dc"),
        ("time-offset", -3600, ["-3600"], "ff:ff:f1:f0"),
        ("default-ip-ttl", 64, ["64"], "40"),
        ("ip-forwarding", False, ["false"], "00"),
        ("log-servers", "10.0.0.1", ["10.0.0.1"], "0a:00:00:01"),
        ("log-servers", ["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"], "0a:00:00:01:0a:00:00:02"),
        ("swap-server", "10.0.0.1", ["10.0.0.1"], "0a:00:00:01"),
        ("static-routes", ["10.1.0.0", "10.0.0.1"], ["10.1.0.0", "10.0.0.1"], "0a:01:00:00:0a:00:00:01"),
        ("root-path", "10.0.0.1:/srv", ["10.0.0.1:/srv"], "31:30:2e:30:2e:30:2e:31:3a:2f:73:72:76"),
        # RFC 1035, 3.1
        ("domain-search", ["Lab.ex", "x"], ["lab.ex", "x"], "03:6c:61:62:02:65:78:00:01:78:00"),
        # RFC 3442's own examples
        ("classless-static-route", "10.0.0.0/8 via 10.0.0.1", ["10.0.0.0/8 via 10.0.0.1"], "08:0a:0a:00:00:01"),
        (
            121,
            ["0.0.0.0/0 via 10.0.0.1", "10.229.0.128/25 via 10.0.0.2"],
            ["0.0.0.0/0 via 10.0.0.1", "10.229.0.128/25 via 10.0.0.2"],
            "00:0a:00:00:01:19:0a:e5:00:80:0a:00:00:02",
        ),
        (224, {"type": "text", "value": "abc"}, ["abc"], "61:62:63"),
        (224, {"type": "hex", "value": "DE:ad"}, ["de:ad"], "de:ad"),
        (224, {"type": "hex", "value": "0f"}, ["0f"], "0f"),
        (224, {"type": "uint32", "value": 4294967295}, ["4294967295"], "ff:ff:ff:ff"),
    ],
)  # fmt: skip
def test_options(written: object, value: object, values: list[str], sent: str) -> None:
    ((option,), mistakes) = read({written: value})
    assert mistakes == {}
    assert (option["texts"], option["hex"]) == (values, sent)
    assert option["name"] in OPTIONS or option["name"] == str(option["code"])


@pytest.mark.parametrize(
    ("written", "value", "said"),
    [
        ("interface_mtu", 1500, "did you mean 'interface-mtu'?"),
        (
            "nonsense",
            1,
            "is not the name of a DHCP option that is known here; write its number and type, such as 224:",
        ),
        ("interface-mtu", "1500", "'1500' is not a whole number from 0 to 65535"),
        ("interface-mtu", True, "is not a whole number"),
        ("interface-mtu", 65536, "65536 is not a whole number from 0 to 65535"),
        ("ip-forwarding", "yes", "must be true or false, not text"),
        ("log-servers", [], "is an empty list"),
        ("log-servers", "loghost", "is not an IPv4 address"),
        ("static-routes", ["10.1.0.0"], "has 1 addresses; write pairs"),
        ("root-path", 7, "must be text, not a number; quote it"),
        ("root-path", "a\nb", "is not one line of printable ASCII; type hex takes any bytes"),
        ("root-path", "", "is not one line of printable ASCII"),
        ("root-path", "x" * 256, "has 256 bytes; an option has room for 255"),
        ("domain-search", "a..b", "is not a domain name"),
        ("domain-search", "", "is not a domain name"),
        ("classless-static-route", "10.0.0.0/8", "is not a route; write a network and its router"),
        ("classless-static-route", "10.0.0.1/8 via 10.0.0.1", "is not a route"),
        (224, "abc", "needs a type; write one such as 224: {type: text, value: abc}"),
        (
            224,
            {"type": "txt", "value": "abc"},
            "has a type that is not known; write address, addresses, text",
        ),
        (224, {"type": ["text"], "value": "abc"}, "has a type that is not known"),
        (224, {"value": "abc"}, "must have a type and a value"),
        (224, {"type": "text"}, "must have a type and a value"),
        (224, {"type": "text", "value": "a", "force": True}, "must have a type and a value"),
        (224, {"type": "hex", "value": "abc"}, "is not in hexadecimal digits"),
        (26, {"type": "uint8", "value": 1}, "is interface-mtu, whose type is uint16, not uint8"),
        (256, {"type": "uint8", "value": 1}, "is not an option; options are numbered from 1 to 254"),
        (-1, {"type": "uint8", "value": 1}, "is not an option"),
        # What the chain is made of
        (53, {"type": "uint8", "value": 1}, "is set by DHCP itself"),
        ("dhcp-server-identifier", "10.0.0.1", "is set by DHCP itself"),
        ("vendor-class-identifier", "x", "is how firmware and iPXE are told what to load"),
        ("tftp-server-name", "x", "is how firmware and iPXE are told what to load"),
        ("filename", "pxelinux.0", "is how firmware and iPXE are told what to load"),
        (67, {"type": "text", "value": "x"}, "is how firmware and iPXE are told what to load"),
        (93, {"type": "uint16", "value": 7}, "is how firmware and iPXE are told what to load"),
        (175, {"type": "hex", "value": "00"}, "is how firmware and iPXE are told what to load"),
        (210, {"type": "text", "value": "x"}, "makes pxelinux miss what is armed"),
        (3, "10.0.0.1", "write gateway for the subnet"),
        ("routers", "10.0.0.1", "write gateway for the subnet"),
        ("domain-name-servers", "10.0.0.1", "write dns for the subnet"),
        ("host-name", "x", "write machine_hostname"),
    ],
)
def test_mistakes(written: object, value: object, said: str) -> None:
    found, mistakes = read({written: value})
    assert found == []
    assert list(mistakes) == [f"machine_dhcp_options.{written}"]
    assert said in mistakes[f"machine_dhcp_options.{written}"]


def test_an_option_is_described_once_and_other_mistakes_are_named_too() -> None:
    found, mistakes = read({"interface-mtu": 1500, 26: 1400, "swap-server": 1})
    assert [option["code"] for option in found] == [26]
    assert list(mistakes) == ["machine_dhcp_options.26", "machine_dhcp_options.swap-server"]
    assert "is option 26, which is described already" in mistakes["machine_dhcp_options.26"]


def test_options_are_a_mapping() -> None:
    assert read(["interface-mtu"])[1] == {
        "machine_dhcp_options": "must be a mapping such as {interface-mtu: 1500}, not a list"
    }
    assert read(None) == ([], {})


@given(
    st.dictionaries(
        st.text() | st.integers() | st.booleans() | st.none(), st.text() | st.integers() | st.none()
    )
)
def test_whatever_is_written_is_read_or_refused(options: dict[t.Any, t.Any]) -> None:
    found, mistakes = read(options)
    assert all(option["code"] not in REFUSED and len(option["hex"]) < 255 * 3 for option in found)
    assert all(address.startswith("machine_dhcp_options.") for address in mistakes)


# The table against the servers' own


EXAMPLES: dict[str, object] = {
    "address": "10.0.0.1",
    "addresses": ["10.0.0.1", "10.0.0.2"],
    "pairs": ["10.1.0.0", "10.0.0.2"],
    "text": "some text",
    "uint8": 4,
    "uint16": 576,
    "uint32": 70000,
    "int32": -70000,
    "bool": True,
    "domains": ["lab.example", "example"],
    "routes": ["10.0.0.0/8 via 10.0.0.1"],
    "hex": "01:02",
}
#: Kea 2.2 does not know these, and dhcpd neither.
NEWER = ("classless-static-route", "tftp-server-address")


def test_each_type_has_an_example() -> None:
    assert EXAMPLES.keys() == TYPES.keys()
    assert {kind for _code, kind in OPTIONS.values()} == TYPES.keys() - {"hex"}


@pytest.mark.skipif(shutil.which("dhcpd", path=PATH) is None, reason="not installed: dhcpd")
def test_dhcpd_has_the_same_names_and_types(tmp_path: pathlib.Path) -> None:
    """It takes no name that it does not know, and no value of another type."""
    lines = []
    for name, (_code, kind) in OPTIONS.items():
        if name in NEWER:
            continue
        ((option,), _mistakes) = read({name: EXAMPLES[kind]})
        between = " " if kind == "pairs" else ", "
        quoted = kind in ("text", "domains")
        values = between.join(json.dumps(value) if quoted else value for value in option["texts"])
        lines.append(f"option {name} {values};")
    conf = tmp_path / "dhcpd.conf"
    conf.write_text("\n".join(lines))
    done = subprocess.run(
        [t.cast("str", shutil.which("dhcpd", path=PATH)), "-t", "-cf", str(conf)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("kea-dhcp4", path=PATH) is None, reason="not installed: kea-dhcp4")
def test_kea_has_the_same_names_codes_and_types(tmp_path: pathlib.Path) -> None:
    """It checks the bytes against the type that it knows by the name, and the code against the name."""
    data = []
    for name, (code, kind) in OPTIONS.items():
        if name in NEWER:
            continue
        ((option,), _mistakes) = read({name: EXAMPLES[kind]})
        data.append({"name": name, "csv-format": False, "data": option["hex"].replace(":", "")})
        values = ["1" if value == "true" else value for value in option["texts"]]
        if kind != "pairs":
            data.append({"name": name, "code": code, "data": ", ".join(values)})
    conf = tmp_path / "kea.json"
    conf.write_text(json.dumps({"Dhcp4": {"option-data": data}}))
    done = subprocess.run(
        [t.cast("str", shutil.which("kea-dhcp4", path=PATH)), "-t", str(conf)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": PATH, "KEA_LOCKFILE_DIR": "none"},
    )
    assert done.returncode == 0, done.stderr + done.stdout
