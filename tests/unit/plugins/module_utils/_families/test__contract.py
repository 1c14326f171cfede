# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a family that says nothing else is like."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    Answer,
    AnswerFile,
    Checked,
    Family,
    boot_card,
)


def nobody(_image: t.Any) -> None:
    return None


SMALL = Family(
    name="small",
    name_prefixes=("small",),
    looked_for="nothing",
    recognise=nobody,
    profile_arguments=lambda _profile, _distribution: [],
    kernel_arguments=lambda _machine, _url: [],
)


def test_a_family_without_answer_files_installs_nothing() -> None:
    assert not SMALL.installs
    with pytest.raises(PxeError, match="small-1 is a live system: nothing is installed"):
        SMALL.complete_answers({}, {"name": "small-1"}, "")


def test_by_default_nothing_is_special() -> None:
    distribution = {"name": "small-1", "version": None, "mirror": "http://a"}
    SMALL.check_distribution(distribution)
    assert SMALL.nfs_images_mistake(distribution) == ""
    assert SMALL.longest_command_line(distribution) == (2047, "the kernel")
    assert SMALL.rescue_arguments(distribution) is None
    assert SMALL.release_facts(distribution) == {}
    assert (SMALL.scripts({}), SMALL.offer_mistakes({})) == ([], [])
    assert SMALL.contradiction("other-2", {"product": "Small"}) is None
    assert SMALL.initrd_flavour(iter((b"x",))) is None


def test_nothing_is_installed_from_a_mirror_by_default() -> None:
    assert SMALL.find_on_mirror is None
    assert SMALL.mirror_mistake({}) == "is not supported by this installer; list the images in isos"


def test_an_answer_file_that_nobody_checks() -> None:
    file = AnswerFile("a.cfg", "text", "a.cfg.j2")
    assert file.check(None, {"node01": Answer("text", "/dev/vda")}) == {"node01": Checked("text", "")}


def test_the_card_that_a_machine_was_booted_from() -> None:
    assert boot_card("52:54:00:AA:00:01") == "BOOTIF=01-52-54-00-aa-00-01"
