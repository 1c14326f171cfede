# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.kickstart_adapted import (
    FilterModule,
    kickstart_adapted,
)

TEXT = "cdrom\npart / --ondisk=sda --size=1\n%packages\n@core\n%end\n"


def installation(disk: str, end: bool = True) -> dict[str, t.Any]:
    return {"disk": disk, "syntax": {"sections_end": end}, "answers": {"file": "anaconda-ks.cfg"}}


@pytest.mark.parametrize(
    ("disk", "line"),
    [
        ("/dev/vda", "part / --ondisk=vda --size=1"),
        ("/dev/disk/by-id/x", "part / --ondisk=disk/by-id/x --size=1"),
        ("/dev/disk/by-rule", "part / --size=1"),
    ],
)
def test_partitions_go_to_the_disk_of_the_machine(disk: str, line: str) -> None:
    assert kickstart_adapted(TEXT, installation(disk))["commands"] == line


@pytest.mark.parametrize(
    ("source", "url"), [("http", "http://a/t"), ("ftp", "ftp://a/t"), ("nfs", "http://a/t")]
)
def test_repositories_of_the_medium_are_fetched_as_the_rest_is(source: str, url: str) -> None:
    urls = {"ftp": "ftp://a/t", "http": "http://a/t", "nfs": "nfs:a:/t"}
    given = {**installation("/dev/vda"), "source": source, "tree_urls": urls}
    text = "repo --name=a --baseurl=file:///run/install/sources/x/AppStream\n%packages\n%end\n"
    assert kickstart_adapted(text, given)["commands"] == f"repo --name=a --baseurl={url}/AppStream"


def test_a_file_with_a_blank_in_its_name_cannot_be_looked_at() -> None:
    with pytest.raises(AnsibleFilterError, match=r"line 1 \(%include .*: the name of this file has a blank"):
        kickstart_adapted('%include "/tmp/my disk.ks"\n', installation("/dev/vda"))


def test_sections() -> None:
    assert kickstart_adapted(TEXT, installation("/dev/vda", False))["sections"] == "%packages\n@core"


def test_a_file_that_is_none_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match=r"answers\.file: anaconda-ks\.cfg has neither"):
        kickstart_adapted("", installation("/dev/vda"))


def test_mistakes_name_the_file_and_the_lines() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        kickstart_adapted("liveimg --url=http://a/b\nclearpart --none\n", installation("/dev/vda"))
    said = str(caught.value)
    assert said.startswith(
        "answers.file: anaconda-ks.cfg line 1 (liveimg --url=http://a/b): liveimg installs an image"
    )
    assert ". anaconda-ks.cfg line 2 (clearpart --none): this keeps what is on the disk" in said


URL = "http://10.77.0.1/answers/10.77.0.11/T"


@pytest.mark.parametrize(
    ("line", "served"),
    [
        ("%include storage.ks", f"%include {URL}/storage.ks"),
        ('%include "/srv/a/storage.ks"', f'%include "{URL}/storage.ks"'),
        ("%ksappend ./storage.ks # why", f"%include {URL}/storage.ks # why"),
        # Somebody else's, or what a script writes.
        ("%include http://b/storage.ks", "%include http://b/storage.ks"),
        ("%include /tmp/storage.ks", "%include /tmp/storage.ks"),
        ("%include other.ks", "%include other.ks"),
    ],
)
def test_what_is_served_beside_a_kickstart_is_included_from_there(line: str, served: str) -> None:
    files = {
        "storage.ks": f"%include {URL}/more.ks\n%post\nautopart\n%end\n",
        "more.ks": "bootloader\npart /\n",
    }
    beside = {"files": files, "files_url": URL, "answers": {"files": ["x/storage.ks.j2", "more.ks"]}}
    own = kickstart_adapted(f"lang C\n{line}\n", {**installation("/dev/vda"), **beside})
    assert own["commands"] == f"lang C\n{served}"
    assert own["command_lines"] == [1, 2]
    assert (
        own["has_storage"]
        == own["has_bootloader"]
        == served.partition("%include ")[2].strip('"').startswith(URL)
    )


def test_a_served_file_may_include_itself() -> None:
    beside = {"files": {"a": f"%include {URL}/a\n"}, "files_url": URL, "answers": {"files": ["a"]}}
    own = kickstart_adapted("lang C\n%include a\n", {**installation("/dev/vda"), **beside})
    assert (own["has_storage"], own["includes"]) == (False, [f"{URL}/a"])


def test_the_filter_has_the_name_of_its_file() -> None:
    assert FilterModule().filters() == {"kickstart_adapted": kickstart_adapted}
