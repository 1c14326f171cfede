# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.ipxe_embed_script import FilterModule

URLS = ["http://10.77.0.1/boot/boot.ipxe", "tftp://10.77.0.1/boot.ipxe"]
embed = FilterModule().filters()["ipxe_embed_script"]


def test_it_tries_each_url_and_then_again() -> None:
    lines = embed(URLS, name="loader 12", tries=3, pause=7).splitlines()
    at = lines.index("dhcp || goto failed")
    assert [line.split()[-2] for line in lines[at + 1 : at + 3]] == URLS
    assert "echo loader 12" in lines
    assert "iseq ${attempt:int32} 3 && goto give_up ||" in lines
    assert "sleep 7 ||" in lines
    assert "shell ||" in lines


def test_it_may_end_at_the_disk() -> None:
    script = embed(URLS, name="x", fallback="local")
    assert "shell" not in script
    assert script.rstrip().endswith("exit 1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"urls": ["10.77.0.1/boot.ipxe"], "name": "x"}, "is not a URL"),
        ({"urls": ["http://10.77.0.1/two words"], "name": "x"}, "not one word"),
        ({"urls": URLS, "name": "a\nb"}, "line breaks"),
        ({"urls": URLS, "name": "x", "fallback": "reboot"}, "write shell or local"),
    ],
)
def test_bad_input(arguments: dict[str, t.Any], words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        embed(**arguments)
