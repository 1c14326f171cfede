# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import offer_files
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.offer_files import answer_files
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import AnswerFile, Checked

GUARDED = "%pre\nsh /tmp/netinstall/check-disk\n%end\nrootpw --iscrypted $6$secret\n"
PRESEED = "d-i preseed/early_command string sh /tmp/netinstall/check-disk\n"


class Host:
    """A module on a host that has no program which checks answer files."""

    def get_bin_path(self, _name: str) -> None:
        return None


def offer(profile: str = "el9", **files: str) -> dict[str, t.Any]:
    texts = {name.replace("_", "."): text for name, text in files.items()} or {"ks.cfg": GUARDED}
    return {"profile": profile, "files": texts, "disk": ""}


def test_what_lets_the_web_server_give_it_out_comes_last() -> None:
    policy = "0123456789abcdef"
    offered = [offer(ks_cfg=GUARDED, more_cfg="part /\n"), offer("deb", preseed_cfg=PRESEED)]
    assert list(answer_files(Host(), offered, policy).items()) == [
        ("offers/el9/more.cfg", "part /\n"),
        ("offers/el9/ks.cfg", GUARDED),
        (f"offers/el9/for-{policy}", ""),
        ("offers/deb/preseed.cfg", PRESEED),
        (f"offers/deb/for-{policy}", ""),
    ]
    assert list(answer_files(Host(), offered[1:], "")) == ["offers/deb/preseed.cfg"]


@pytest.mark.parametrize("policy", ["x", "0123456789abcdef0", "../../../../../x", "0123456789ABCDEF"])
def test_a_policy_that_is_none(policy: str) -> None:
    with pytest.raises(PxeError, match="policy: must be sixteen"):
        answer_files(Host(), [offer()], policy)


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ([offer("described")], "described: it cannot be the name of a folder"),
        ([offer("../x")], "../x: it cannot be the name of a folder"),
        ([offer("")], "it cannot be the name of a folder"),
        ([offer(), offer()], "el9: it is offered more than once"),
        ([offer(more_cfg="x")], "el9: files: there must be one of ks.cfg, preseed.cfg"),
        ([offer(ks_cfg=GUARDED, preseed_cfg=PRESEED)], "there must be one of"),
        ([offer(ks_cfg="text\n")], "ks.cfg does not check the machine and its disk"),
        ([offer(ks_cfg="# sh /tmp/netinstall/check-disk\n")], "does not check the machine and its disk"),
        (
            [{**offer(), "files": {"ks.cfg": GUARDED, "release": "x"}}],
            "'release' is a word of the offers' URLs",
        ),
        ([{**offer(), "files": {"ks.cfg": GUARDED, "../x": "x"}}], "'../x' cannot be served as"),
        ([{**offer(), "files": {"ks.cfg": GUARDED, ".x": "x"}}], "'.x' cannot be served as"),
        ([{**offer(), "files": {"ks.cfg": GUARDED, "x.ipxe": "x"}}], "are those of boot scripts"),
        (
            [offer(preseed_cfg=PRESEED + "d-i partman-auto/disk string /dev/sda\n") | {"disk": "/dev/vda"}],
            "/dev/sda",
        ),
        ([offer(), offer("a", more_cfg="x"), offer("b", ks_cfg="text\n")], "a: files"),
    ],
)
def test_offers_that_cannot_be_made(offers: list[dict[str, t.Any]], said: str) -> None:
    with pytest.raises(PxeError) as caught:
        answer_files(Host(), offers, "")
    assert said in str(caught.value)
    assert str(caught.value).startswith("Nothing was offered. ")
    assert "secret" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PxeError, match=r"one: files: .*two: files: "):
        answer_files(Host(), [offer("one", more_cfg="x"), offer("two", ks_cfg="text\n")], "")


def test_a_family_with_two_answer_files(monkeypatch: pytest.MonkeyPatch) -> None:
    meta = AnswerFile(
        "meta", "meta", "meta.j2", check=lambda _module, _answers: {"meta": Checked("read", "bad")}
    )
    family = FAMILIES["redhat"]
    two = dataclasses.replace(family, answer_files=(family.answer_file, meta))
    monkeypatch.setitem(offer_files._FAMILIES, "ks.cfg", two)
    with pytest.raises(PxeError, match=r"el9: files: meta is missing, .*\.$"):
        answer_files(Host(), [offer(ks_cfg=GUARDED)], "")
    with pytest.raises(PxeError, match=r"^Nothing was offered\. el9: files: meta: bad\.$"):
        answer_files(Host(), [offer(meta="text", ks_cfg=GUARDED)], "")
    good = dataclasses.replace(meta, check=lambda _module, _answers: {"meta": Checked("read")})
    monkeypatch.setitem(
        offer_files._FAMILIES, "ks.cfg", dataclasses.replace(two, answer_files=(family.answer_file, good))
    )
    files = answer_files(Host(), [offer(ks_cfg=GUARDED, meta="text")], "")
    assert list(files.items()) == [("offers/el9/meta", "read"), ("offers/el9/ks.cfg", GUARDED)]
