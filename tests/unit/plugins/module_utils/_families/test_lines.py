# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer holds is one line, or several, for whoever reads it."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import compose as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    check_shape,
)

# All that ends a line for Python's str.splitlines(), C's strings, a shell or an editor.
BREAKS = [*"\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0"]


Leaf = tuple[str, str, tuple[t.Any, ...]]


def leaves(schema: t.Any, way: tuple[t.Any, ...] = ()) -> t.Iterator[Leaf]:
    """Address, declared type, and the way to it, of each key that holds text."""
    if isinstance(schema, dict):
        for key, below in schema.items():
            yield from leaves(below, (*way, key))
    elif isinstance(schema, list):
        yield from leaves(schema[0], (*way, 0))
    elif schema in ("str", "key", "text"):
        address = "".join("[0]" if step == 0 else f".{step}" for step in way)
        yield address[1:], schema, way


def answers_with(way: tuple[t.Any, ...], value: str) -> t.Any:
    """Answers with one value."""
    found: t.Any = value
    for step in reversed(way):
        found = [found] if step == 0 else {step: found}
    return found


def compose(
    family: str, answers: dict[str, t.Any], distribution: str = "", arguments: t.Sequence[str] = ()
) -> tuple[list[dict[str, t.Any]], list[str]]:
    distribution = distribution or {"debian": "debian-13", "redhat": "rocky-9"}[family]
    urls = {name: f"http://10.77.0.1/{name}" for name in ("http", "ftp")}
    machine = {
        "name": "node01",
        "hostname": "node01",
        "domain": "",
        "mac": "52:54:00:aa:00:01",
        "address": "10.77.0.11",
        "netmask": "255.255.255.0",
        "profile": "any",
        "distribution": distribution,
        "family": family,
        "disk": "/dev/vda",
        "firmware": "any",
        "kernel_arguments": list(arguments),
        "dns": [],
    }
    plan = {
        "urls": {name: f"http://10.77.0.1/{name}" for name in ("boot", "answers", "events")},
        "distributions": {distribution: {"name": distribution, "tree_url": urls["http"], "tree_urls": urls}},
        "profiles": {"any": {"source": "http"}},
        "machines": [machine],
    }
    return _arming.compose(plan, {"node01": answers}, lambda: "0" * 32)


KEYS = [
    pytest.param(name, *leaf, id=f"{name}-{leaf[0]}")
    for name, family in FAMILIES.items()
    for leaf in leaves(family.answer_schema())
]


@pytest.mark.parametrize(("family", "address", "kind", "way"), KEYS)
def test_a_line_of_an_answer_is_one_line_for_every_reader(
    family: str, address: str, kind: str, way: tuple[t.Any, ...]
) -> None:
    """By its declared type, so that a new key cannot be forgotten."""
    for mark in BREAKS if kind == "text" else [*BREAKS, "\n"]:
        installations, mistakes = compose(family, answers_with(way, f"a{mark}b"))
        assert installations == []
        assert mistakes[0].startswith(f"node01: answers.{address}: ")
        assert f"(U+{ord(mark):04X})" in mistakes[0]
        found = Mistakes()
        check_shape(found, (), "answers", answers_with(way, f"a{mark}b"), FAMILIES[family].answer_schema())
        with pytest.raises(PlanError, match=re.escape(address)):
            found.raise_if_any()


def test_what_stands_around_an_ssh_key_does_not_count() -> None:
    for family in ("debian", "redhat"):
        [one], _mistakes = compose(family, {"root_ssh_keys": ["ssh-ed25519 AAAA me\r\n"]})
        assert one["answers"]["root_ssh_keys"] == ["ssh-ed25519 AAAA me\r\n"]


def test_an_ssh_key_cannot_bring_commands_of_a_kickstart() -> None:
    key = "ssh-ed25519 AAAA me\r%post\rrm -rf /\r%end"
    assert compose("redhat", {"root_ssh_keys": [key]}) == (
        [],
        [
            "node01: answers.root_ssh_keys[0]: has a character that may end a line (U+000D); write one line without it",
        ],
    )


@pytest.mark.parametrize(
    ("distribution", "limit", "reader"),
    [
        ("debian-13", 2047, "the kernel reads only 2047"),
        ("centos-5", 255, "the kernel of EL 5, by its boot protocol, reads only 255"),
        ("centos-6", 1023, "the installer of EL 6 reads only 1023"),
        ("rocky-9", 2047, "the kernel reads only 2047"),
    ],
)
def test_a_command_line_that_would_be_cut(distribution: str, limit: int, reader: str) -> None:
    family = "debian" if distribution.startswith("debian") else "redhat"
    keys = {"root_ssh_keys": ["ssh-ed25519 AAAA me"]}

    def mistakes(length: int) -> list[str]:
        return compose(family, keys, distribution, ["x" * length])[1]

    # The first length that is too much.
    first = next(length for length in range(1, limit) if mistakes(length))
    [mistake] = mistakes(first)
    assert f"has {limit + 1} bytes, and {reader}" in mistake
    assert mistake.startswith("node01: machine_kernel_arguments: ")


@pytest.mark.parametrize("distribution", ["centos-5", "centos-6", "centos-7", "rocky-9", "debian-13"])
def test_an_ordinary_command_line_fits(distribution: str) -> None:
    family = "debian" if distribution.startswith("debian") else "redhat"
    assert (
        compose(family, {"root_ssh_keys": ["ssh-ed25519 AAAA me"], "console": "ttyS0,115200"}, distribution)[
            1
        ]
        == []
    )
