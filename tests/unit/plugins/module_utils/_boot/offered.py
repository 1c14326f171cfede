# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site that offers two profiles to machines that nobody described."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Arguments
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers import Offer, offers_of
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot import rendered

URL = "http://10.77.0.1"


HASH = "$6$0123456789abcdef$" + "x" * 86


STAND_IN = "02-00-00-00-00-00"


MEDIA = {"d": {"kernel": "linux", "initrd": ["initrd.gz"]}}


ARGUMENTS = Arguments(lambda *_args: ["x=y"], lambda _one: None, lambda _one: None)


def plan(**changes: t.Any) -> dict[str, t.Any]:
    """Two profiles, of which the second is not in the menu, and both are offered."""
    profile = {"distribution": "d", "kernel_arguments": ["quiet"], "family": "debian"}
    made: dict[str, t.Any] = {
        "urls": {name: f"{URL}/{name}" for name in ("boot", "trees", "answers", "events")},
        "backends": {"bios_loader": "ipxe"},
        "menu": {"title": "T", "timeout": 30, "default": "local", "bios": "pxelinux"},
        "profiles": {
            "one": {"name": "one", "label": "Label one", **profile},
            "two": {"name": "two", "label": "Label two", "in_menu": False, **profile},
        },
        "distributions": {"d": {"name": "d", "tree_url": f"{URL}/trees/d"}},
        "machines": [],
        "unknown_machines": {
            "install": None,
            "profiles": {name: {"confirm": "word"} for name in ("one", "two")},
        },
    }
    for key, value in changes.items():
        made[key] = {**made[key], **value}
    return made


PUBLISHED = {
    "one": {
        "arguments": ["auto=true", f"url={URL}/offers/one/{STAND_IN}/preseed.cfg", f"BOOTIF=01-{STAND_IN}"],
        "disk": "/dev/disk/by-rule",
        "overwrite": False,
        "answer_file": "preseed.cfg",
        "answer_format": "preseed",
    },
    "two": {
        "arguments": [
            f"inst.ks={URL}/offers/two/{STAND_IN}/ks.cfg",
            "inst.ks.sendmac",
            "x=02:00:00:00:00:00",
            "y=020000000000",
        ],
        "disk": "/dev/sda",
        "overwrite": True,
        "answer_file": "ks.cfg",
        "answer_format": "kickstart",
    },
}


def offers(made: dict[str, t.Any]) -> list[Offer]:
    return offers_of(made, PUBLISHED)


def scripts(made: dict[str, t.Any]) -> dict[str, str]:
    return rendered.scripts(made, MEDIA, ARGUMENTS, offers=PUBLISHED)


def configs(made: dict[str, t.Any], **options: t.Any) -> dict[str, str]:
    files = rendered.configs(made, MEDIA, ARGUMENTS, offers=PUBLISHED, **options)
    return {path.rpartition("/")[2]: text for path, text in files.items()}
