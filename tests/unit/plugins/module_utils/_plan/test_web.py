# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

SITE: dict[str, t.Any] = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "subnets": [{"cidr": "10.77.0.0/24"}],
    "distributions": {
        "centos-6.8": {"isos": [{"path": "/srv/iso/6.iso"}]},
        "debian-13": {"isos": [], "netboot": {"path": "/srv/iso/netboot.tar.gz"}},
        "office": {"root": "/srv/roots/office"},
        "rocky-9": {"mirror": "http://mirror.example/rocky/os"},
    },
}


def compiled(**more: t.Any) -> dict[str, t.Any]:
    return compile_plan({**SITE, **more}, [])


def mistakes_of(**more: t.Any) -> list[tuple[str, str]]:
    with pytest.raises(PlanError) as raised:
        compiled(**more)
    return [(mistake["address"], mistake["message"]) for mistake in raised.value.mistakes]


def test_aliases_of_what_everybody_may_read() -> None:
    aliases = {
        "/yum/CentOS6.8/": "trees/centos-6.8/",
        "/pxefiles": "boot",
        "/all": "trees",
        "/netboot": "trees/debian-13-netboot",
        "/office": "trees/office-netboot/linux",
        "/rocky": "trees/rocky-9-netboot",
        "/x@y+z~1": "files/own",
    }
    plan = compiled(aliases=aliases, files={"folder": "public"})
    assert plan["aliases"] == {key.rstrip("/"): value.rstrip("/") for key, value in aliases.items()}
    assert plan["files"] == {"folder": "public", "path": None}
    assert (compiled()["aliases"], compiled()["files"]) == ({}, None)
    assert compiled(aliases={}, files={})["files"] is None


@pytest.mark.parametrize(
    ("path", "target", "said"),
    [
        # What the site has itself
        ("/answers", "boot", "would hide a part of /answers/"),
        ("/answers/10.77.0.11", "boot", "would hide a part of /answers/"),
        ("/events/x", "boot", "would hide a part of /events/"),
        ("/boot/extra", "files", "would hide a part of /boot/"),
        ("/trees/centos-6.8", "trees/centos-6.8", "would hide a part of /trees/"),
        ("/files", "boot", "would hide a part of /files/"),
        ("/locked/menu", "boot", "would hide a part of /locked/"),
        ("/netinstall-pxe-first", "boot", "would hide"),
        ("/netinstall-pxe-none", "boot", "would hide"),
        ("/netinstall-pxe-offer", "boot", "would hide"),
        ("/netinstall-pxe-release", "boot", "would hide"),
        ("/offers/el9", "boot", "would hide"),
        # No path of a URL
        ("/", "boot", "is not the path of a URL"),
        ("", "boot", "is not the path of a URL"),
        ("yum", "boot", "is not the path of a URL"),
        ("/yum//x", "boot", "is not the path of a URL"),
        ("/yum/../answers", "boot", "is not the path of a URL"),
        ("/./answers", "boot", "is not the path of a URL"),
        ("/%61nswers", "boot", "is not the path of a URL"),
        ("/a b", "boot", "is not the path of a URL"),
        ("/a;", "boot", "is not the path of a URL"),
        ('/a"', "boot", "is not the path of a URL"),
        ("/a$uri", "boot", "is not the path of a URL"),
        ("/a\n", "boot", "has a character that may end a line"),
        # Not public
        (
            "/yum",
            "answers",
            "is not public; write a folder or file below boot/, files/ or trees/",
        ),
        ("/yum", "events/10.77.0.11", "is not public"),
        ("/yum", "media/centos-6.8", "is not public"),
        ("/yum", "iso", "is not public"),
        ("/yum", "boot/../answers", "is not a path below site_root"),
        ("/yum", "/boot", "is not a path below site_root"),
        ("/yum", ".", "is not a path below site_root"),
        ("/yum", "boot/$x", "is not a path below site_root"),
        ("/yum", "boot/x y", "is not a path below site_root"),
        ("/yum", None, "must be text"),
        # Not there
        ("/yum", "trees/centos-6.9", "there is no distribution 'centos-6.9'"),
        ("/yum", "trees/office", "has no tree on this server"),
        ("/yum", "trees/rocky-9/images", "has no tree on this server"),
        ("/yum", "trees/centos-6.8-netboot", "will not be there: the kernel of centos-6.8 is in its tree"),
        ("/yum", "files/own", "site_files is missing; describe them there"),
    ],
)
def test_aliases_that_are_refused(path: str, target: t.Any, said: str) -> None:
    [(address, message)] = mistakes_of(aliases={path: target})
    assert "site_aliases." in address
    assert said in message


def test_an_alias_is_written_once() -> None:
    [(address, message)] = mistakes_of(aliases={"/yum": "boot", "/yum/": "trees"})
    assert (address, "with and without a slash" in message) == ("site_aliases./yum/", True)


def test_aliases_are_a_mapping() -> None:
    [(address, message)] = mistakes_of(aliases=["/yum"])
    assert address == "site_aliases"
    assert "must be a mapping such as {/pxefiles: boot}, not a list" in message


@pytest.mark.parametrize(
    ("files", "address", "said"),
    [
        ({"folder": None}, "site_files.folder", "must be given, or else path"),
        ({"folder": "a", "path": "/b"}, "site_files.folder", "and not both"),
        ({"path": "srv"}, "site_files.path", "is not an absolute path"),
        ({"path": "/srv/pxe/answers"}, "site_files.path", "is a part of the site"),
        ({"path": "/srv/pxe"}, "site_files.path", "is a part of the site"),
        ({"path": "/srv"}, "site_files.path", "is a part of the site"),
        ({"path": "/"}, "site_files.path", "is a part of the site"),
        ("public", "site_files", "must be a mapping with the keys folder, path"),
        ({"fodler": "x"}, "site_files.fodler", "did you mean 'folder'?"),
    ],
)
def test_files_that_are_refused(files: t.Any, address: str, said: str) -> None:
    found = mistakes_of(files=files)
    assert any(one == address and said in message for one, message in found), found


def test_a_folder_whose_name_begins_like_the_site() -> None:
    assert compiled(files={"path": "/srv/pxe-files"})["files"] == {"folder": None, "path": "/srv/pxe-files"}
