# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._media.unit_files import (
    Identity,
    ImageMount,
)
from hypothesis import given
from hypothesis import strategies as st

POINT = "/srv/pxe/trees/debian-13"
IMAGE = "/srv/iso/debian-13.iso"
OPTIONS = ("ro", "loop", "nosuid", "nodev", "noexec")
WANTED = ImageMount(IMAGE, POINT, Identity(77, "254:1", 1000, 5), OPTIONS, ("nginx.service",))
UNIT = unit_files.unit_text(WANTED)


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ("/", "-.mount"),
        (POINT, "srv-pxe-trees-debian\\x2d13.mount"),
        ("/a//b/", "a-b.mount"),
        ("/.a/.b", "\\x2ea-.b.mount"),
        ("/a b/ü", "a\\x20b-\\xc3\\xbc.mount"),
    ],
)
def test_unit_names(point: str, name: str) -> None:
    assert unit_files.unit_name(point) == name


@pytest.mark.skipif(not shutil.which("systemd-escape"), reason="needs systemd-escape")
@pytest.mark.parametrize("point", ["/", POINT, "/a//b", "/.a/.b", "/a b/ü", "/a-b:c_d.e/~"])
def test_unit_names_are_those_of_systemd(point: str) -> None:
    command = ["systemd-escape", "--path", "--suffix=mount", point]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert unit_files.unit_name(point) == done.stdout.strip()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_unit_names_are_one_word_and_can_be_undone(name: str) -> None:
    unit = unit_files.unit_name(f"/{name}")
    assert re.fullmatch(r"[A-Za-z0-9:_.\\-]+\.mount", unit)
    plain = re.sub(
        rb"\\x(..)", lambda match: bytes([int(match[1], 16)]), unit[:-6].replace("-", "/").encode()
    )
    assert plain.decode() == ("/".join(part for part in name.split("/") if part) or "/")


def test_unit() -> None:
    assert unit_files.is_ours(UNIT)
    assert not unit_files.is_ours("[Unit]\n")
    lines = UNIT.splitlines()
    for line in (
        f"What={IMAGE}",
        f"Where={POINT}",
        "Type=iso9660",
        "Options=ro,loop,nosuid,nodev,noexec",
        f'RequiresMountsFor="{IMAGE}"',
        "Before=umount.target nginx.service",
        "DefaultDependencies=no",
        "WantedBy=multi-user.target",
    ):
        assert line in lines


def test_unit_of_odd_paths() -> None:
    wanted = dataclasses.replace(WANTED, image='/iso/50% "off" \\ x.iso')
    text = unit_files.unit_text(wanted)
    assert 'What=/iso/50%% "off" \\ x.iso' in text
    assert 'RequiresMountsFor="/iso/50%% \\"off\\" \\\\ x.iso"' in text
    assert unit_files.parse_unit(text)["What"] == wanted.image


@pytest.mark.parametrize("path", ["relative", "/a\nb", "/a ", " /a", "/a\\", "/a/../b", "/a/..", "/\x7f", ""])
def test_paths_that_cannot_stand_in_a_unit(path: str) -> None:
    with pytest.raises(PxeError):
        unit_files.check_path(path)


@given(st.text())
def test_any_unit_can_be_read(text: str) -> None:
    assert set(unit_files.parse_unit(text)) <= {"What", "Where", "Type", "Options", "Image", "Layers"}


CONTEXT = "system_u:object_r:public_content_t:s0"


@pytest.mark.parametrize(
    ("context", "selinux", "options"),
    [
        (None, True, OPTIONS),
        ("", True, OPTIONS),
        (CONTEXT, False, OPTIONS),
        (CONTEXT, True, (*OPTIONS, f"context={CONTEXT}")),
        (f"{CONTEXT}:c1,c2", True, (*OPTIONS, f'context="{CONTEXT}:c1,c2"')),
        ("user_u:role_r:type_t", True, (*OPTIONS, "context=user_u:role_r:type_t")),
    ],
)
def test_selinux(context: str | None, selinux: bool, options: tuple[str, ...]) -> None:
    found = unit_files.with_context(OPTIONS, context, selinux)
    assert found == options
    unit = unit_files.parse_unit(unit_files.unit_text(dataclasses.replace(WANTED, options=found)))
    assert unit["Options"] == ",".join(options)


@pytest.mark.parametrize(
    ("options", "context", "message"),
    [
        (OPTIONS, "public_content_t", "write user, role, type and level"),
        (OPTIONS, f"{CONTEXT},exec", "write user, role, type and level"),
        (OPTIONS, f'{CONTEXT}"', "write user, role, type and level"),
        ((*OPTIONS, f"context={CONTEXT}"), CONTEXT, "has an SELinux context already"),
        ((*OPTIONS, f"fscontext={CONTEXT}"), CONTEXT, "has an SELinux context already"),
    ],
)
def test_selinux_contexts_that_are_refused(options: tuple[str, ...], context: str, message: str) -> None:
    for selinux in (True, False):
        if selinux or "write user" in message:
            with pytest.raises(PxeError, match=message):
                unit_files.with_context(options, context, selinux)


# Overlays

LAYERS = ("/srv/pxe/media/x/upper", "/srv/pxe/media/x/disc1", "/srv/pxe/media/x/disc 100%")
OVERLAY = unit_files.Overlay(POINT, LAYERS, "content 1", ("ro", "nosuid"), ("nginx.service",))
OVERLAY_UNIT = unit_files.unit_text(OVERLAY)


def test_unit_of_an_overlay() -> None:
    assert unit_files.is_ours(OVERLAY_UNIT)
    lines = OVERLAY_UNIT.splitlines()
    for line in (
        "What=overlay",
        f"Where={POINT}",
        "Type=overlay",
        "Options=ro,nosuid,lowerdir=/srv/pxe/media/x/upper:/srv/pxe/media/x/disc1:/srv/pxe/media/x/disc 100%%",
        'RequiresMountsFor="/srv/pxe/media/x/upper" "/srv/pxe/media/x/disc1" "/srv/pxe/media/x/disc 100%%"',
        "Before=umount.target nginx.service",
        "DefaultDependencies=no",
        "WantedBy=multi-user.target",
    ):
        assert line in lines
    assert "upperdir" not in OVERLAY_UNIT


@pytest.mark.parametrize("path", ["/a:b", "/a,b", '/a"b', "/a\\b", "relative", "/a\nb"])
def test_layers_that_cannot_stand_in_an_option(path: str) -> None:
    with pytest.raises(PxeError):
        unit_files.unit_text(dataclasses.replace(OVERLAY, layers=(path,)))
