# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate between rendering and arming."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils import _kickstart_check

COLLECTIONS = pathlib.Path(_kickstart_check.__file__).parents[5]
TREE = "http://10.77.0.1/trees/rocky-9"
GOOD = f"""\
url --url={TREE}
rootpw --plaintext Gehe1m
ignoredisk --only-use=vda
part / --size=2000 --ondisk=vda
%packages
@core
lrzsz
%end
%post
echo Gehe1m
%end
"""
FOUR_MISTAKES = "install\n" + GOOD.replace("@core", "@cor").replace("lrzsz", "lrsz").replace(
    "disk=vda", "disk=sda"
)


def installation(answer: str, path: pathlib.Path, **changes: t.Any) -> dict[str, t.Any]:
    return {
        "machine": "node01",
        "family": "redhat",
        "answer_format": "kickstart",
        "kickstart_version": "RHEL9",
        "disk": "/dev/vda",
        "index_path": str(path),
        "answer": answer,
        **changes,
    }


def prepared(name: str = "node01", **changes: t.Any) -> dict[str, t.Any]:
    answers: dict[str, t.Any] = {"partitioning": {"disks": []}}
    return {"machine": name, "tree_urls": {"http": TREE}, "answers": answers, **changes}


@pytest.fixture(scope="module")
def said(refusals: t.Callable[..., list[str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the role says, by name of the case. Machines are checked together: a play takes much longer than a check."""
    index = tmp_path_factory.mktemp("media") / "rocky-9.json"
    index.write_text(json.dumps({"packages": ["bash", "lrzsz"], "groups": ["core"]}), encoding="utf-8")
    none = index.with_name("none.json")
    two_disks = {"partitioning": {"disks": ["/dev/sda"]}}
    deprecated = installation(f"install\n{GOOD}", index, machine="node01", kickstart_version="RHEL8")
    preseed = installation("d-i time/zone string UTC", none, machine="deb", answer_format="preseed")
    sound = [(deprecated, prepared()), (preseed, prepared("deb", answers={}))]
    mistaken = [
        (installation(FOUR_MISTAKES, index, machine="four"), prepared("four")),
        (installation(FOUR_MISTAKES, none, machine="no-index"), prepared("no-index")),
        (installation(FOUR_MISTAKES, none, machine="two-disks"), prepared("two-disks", answers=two_disks)),
        (
            installation(FOUR_MISTAKES, none, machine="rule", disk="/dev/disk/by-rule"),
            prepared("rule", answers={}),
        ),
    ]
    cases = {"sound": sound, "mistaken": sound + mistaken}
    variables = [
        {
            "__answers_installations": [item for item, _facts in case],
            "__answers_prepared": [facts for _item, facts in case],
        }
        for case in cases.values()
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANSIBLE_COLLECTIONS_PATH", str(COLLECTIONS))
        found = refusals("answers", "validate_kickstart", {}, variables)
    return dict(zip(cases, found))


def test_what_is_right_passes(said: dict[str, str]) -> None:
    assert said["sound"] == ""


def test_four_mistakes_are_four_messages(said: dict[str, str]) -> None:
    assert said["mistaken"].startswith(
        "No machine was armed. four line 1: install was removed in RHEL9; leave it out. "
        "four line 5: part --ondisk=sda is not the disk that this machine is to use; write vda. "
        "four line 7: @cor: the tree has no such group; did you mean @core? "
        "four line 8: lrsz: the tree has no such package; did you mean lrzsz? "
        "no-index line 1: install was removed"
    )


def test_packages_need_an_index(said: dict[str, str]) -> None:
    assert [int(line) for line in re.findall(r"no-index line (\d+):", said["mistaken"])] == [1, 5]


@pytest.mark.parametrize("name", ["two-disks", "rule"])
def test_disks_that_may_be_used(said: dict[str, str], name: str) -> None:
    """Of several disks each may be; the name of a disk that a rule finds is not known."""
    assert f"{name} line 5: part --ondisk=sda: ignoredisk in line 4 hides this disk" in said["mistaken"]
    assert f"{name} line 5: part --ondisk=sda is not" not in said["mistaken"]


def test_other_machines_are_not_named(said: dict[str, str]) -> None:
    assert not re.search("node01 line|deb line", said["mistaken"])


def test_no_message_shows_a_secret(said: dict[str, str]) -> None:
    assert "Gehe1m" not in str(said)
