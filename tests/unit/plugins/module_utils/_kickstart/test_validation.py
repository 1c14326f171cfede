# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import packages, validation

TEXT = "part / --size=1 --ondisk=sda\n%packages\n@core\nbash\n%end\n"


def validate(
    read_tree: t.Callable[[str], dict[str, t.Any]] | None = None, **options: t.Any
) -> dict[str, t.Any]:
    none: dict[str, t.Any] = dict.fromkeys(("path", "content", "name", "version", "index", "tree"))
    defaults: dict[str, t.Any] = {"urls": [], "disks": [], "kickstarts": [], "indexes": {}}
    defaults.update(generated={}, origins=[])
    switches = {
        "follow_includes": True,
        "references": True,
        "strict": False,
        "fail": True,
        "for_machine": False,
    }
    return validation.Validation({**none, **defaults, **switches, **options}, read_tree).run()


def test_one_and_many() -> None:
    found = validate(
        content=TEXT,
        version="RHEL9",
        disks=["/dev/sda"],
        index={"packages": ["bash"], "groups": ["core"]},
        kickstarts=[
            {"content": TEXT, "name": "a"},
            {"content": TEXT, "name": "b", "version": "F42", "disks": ["/dev/vda"]},
            {"content": TEXT, "name": "c", "index": {"packages": ["zsh"], "groups": ["core"]}, "path": None},
            {"content": TEXT, "name": "d", "distribution": "none"},
        ],
        indexes={"none": {}},
    )
    assert [each["name"] for each in found["kickstarts"]] == ["kickstart", "a", "b", "c", "d"]
    assert [each["version"] for each in found["kickstarts"]] == ["RHEL9", "RHEL9", "F42", "RHEL9", "RHEL9"]
    assert [(each["kickstart"], each["kind"]) for each in found["problems"]] == [
        ("b", "storage"),
        ("c", "unknown-package"),
        ("d", "unknown-group"),
        ("d", "unknown-package"),
    ]
    assert not found["valid"]
    assert found["error_lines"][0].startswith(
        "b line 1 (part / --size=1 --ondisk=sda): part --ondisk=sda is not the disk"
    )
    json.dumps(found)


def test_an_index_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make(data: dict[str, t.Any]) -> packages.Index:
        made.append(data)
        return packages.Index([], frozenset(), {}, {}, [], {})

    monkeypatch.setattr(validation.packages, "make_index", make)
    validate(
        version="RHEL9",
        index={"packages": ["a"]},
        indexes={"b": {"packages": ["b"]}},
        kickstarts=[{"content": TEXT}, {"content": TEXT}] + [{"content": TEXT, "distribution": "b"}] * 3,
    )
    assert made == [{"packages": ["a"]}, {"packages": ["b"]}]


def test_a_tree_is_read_once() -> None:
    read: list[str] = []

    def read_tree(tree: str) -> dict[str, t.Any]:
        read.append(tree)
        return {"packages": ["zsh"]}

    text = "%packages\nzsh\ndeep\n%end\n"
    found = validate(read_tree, content=text, version="RHEL9", tree="/a", kickstarts=[{"content": text}])
    assert [each["line"] for each in found["problems"]] == [3, 3]
    # A tree of its own counts more than the index of all.
    index = {"packages": ["deep"]}
    of_its_own = [{"content": text, "tree": "/b"}]
    found = validate(read_tree, version="RHEL9", index=index, kickstarts=of_its_own)
    assert [each["line"] for each in found["problems"]] == [3]
    assert read == ["/a", "/b"]
    # Where nobody reads trees, nobody knows what they offer.
    assert validate(content=text, version="RHEL9", tree="/a")["valid"]


def test_strict_and_references() -> None:
    text = "install\nnetwork --device=a --ip=x --netmask=255.0.0.0\n"
    options: dict[str, t.Any] = {"content": text, "version": "RHEL8"}
    assert [each["severity"] for each in validate(**options)["problems"]] == ["warning", "error"]
    assert [each["severity"] for each in validate(**options, references=False)["problems"]] == ["warning"]
    found = validate(**options, references=False, strict=True)
    assert not found["valid"]
    assert (found["kickstarts"][0]["errors"], found["kickstarts"][0]["ksvalidator"]) == (1, 1)
    assert found["warning_lines"] == []


def test_files(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.ks"
    path.write_text("#version=RHEL9\n%include b.ks\n", encoding="utf-8")
    (tmp_path / "b.ks").write_text("install\n", encoding="utf-8")
    found = validate(path=str(path))
    assert found["error_lines"] == [
        f"{path}: {tmp_path}/b.ks line 1: install was removed in RHEL9; leave it out",
    ]
    assert validate(path=str(path), follow_includes=False)["valid"]
    path.write_bytes(b"#version=RHEL9\nlang en_US # caf\xe9\n")
    assert validate(path=str(path))["error_lines"] == [
        f"{path} line 2: this is not UTF-8, perhaps it is Latin-1; convert the file: iconv -f latin1 -t utf-8"
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "there is nothing to check"),
        ({"path": "/none.ks"}, "/none.ks: cannot read it"),
        ({"content": "lang\n"}, "kickstart: write which version"),
        ({"content": "#version=X\n", "name": "node01"}, "node01: version: 'X' is not a version"),
        ({"kickstarts": [{"content": "", "version": "RHEL9", "distribution": "x"}]}, "'x' is not in indexes"),
    ],
)
def test_what_cannot_be_done(options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(PxeError, match=re.escape(message)):
        validate(**options)


def test_another_machine_reads_it() -> None:
    """Files of this host are none of the machine's, and nothing is fetched."""
    here = "/etc/passwd"
    text = f"%include {here}\n%ksappend {here}\n%include http://user:Gehe1m@no.such.host/a\n%ksappend http://b/c\n"
    text += "%include /tmp/written\n%include /tmp/none\n%include file:///tmp/none\nautopart\n"
    text += "%pre\n: > /tmp/written\n%end\n"
    found = validate(content=text, name="a", version="RHEL9", for_machine=True)
    missing = (
        "the machine has no such file, and no %pre script writes it; name it in answers.files, write a URL, "
        "or write the file's text"
    )
    assert found["error_lines"] == [
        f"a line 1 (%include {here}): {here}: {missing}",
        f"a line 2: {here}: {missing}",
        f"a line 7 (%include file:///tmp/none): file:///tmp/none: {missing}",
    ]
    unknown = "the machine fetches this and reads it; what it says is not checked here"
    assert found["warning_lines"] == [
        f"a line 3 (%include http://********@no.such.host/a): http://********@no.such.host/a: {unknown}",
        f"a line 4 (%include http://b/c): http://b/c: {unknown}",
    ]


def test_scripts_of_the_collection_write_no_other_files() -> None:
    script = "cat > /tmp/netinstall/report <<'NETINSTALL_PXE_END'\n: /tmp/x\nNETINSTALL_PXE_END\n"
    text = f"%include /tmp/x\nautopart\n%pre\n{script}%end\n"
    assert not validate(content=text, version="RHEL9", for_machine=True)["valid"]
    assert validate(content=f"{text}%pre\n: /tmp/x\n%end\n", version="RHEL9", for_machine=True)["valid"]


def test_what_the_machine_writes_is_checked() -> None:
    text = "%include /tmp/netinstall/storage.ks\n%packages\n@cor\n%end\n"
    generated = {"/tmp/netinstall/storage.ks": "prt / --size=1\n"}
    found = validate(
        content=text,
        name="a",
        version="RHEL9",
        generated=generated,
        index={"groups": ["core"]},
        for_machine=True,
    )
    assert found["error_lines"] == [
        "a: /tmp/netinstall/storage.ks line 1: RHEL9 has no command 'prt'; did you mean 'part'?",
        "a line 3 (@cor): @cor: the tree has no such group; did you mean @core?",
    ]


def test_lines_of_another_file() -> None:
    origins = [{"file": "own.ks", "first": 2, "lines": [7, 9]}]
    found = validate(
        content="part / --size=1\npart / --passphrase=Gehe1m --size=2\npart /x --size=y\ninstall\n",
        name="a",
        version="RHEL9",
        origins=origins,
        follow_includes=False,
    )
    assert [(each["file"], each["line"]) for each in found["problems"]] == [
        ("a", 4),
        ("own.ks", 7),
        ("own.ks", 9),
    ]
    assert found["error_lines"][1].startswith(
        "a: own.ks line 7 (part / --passphrase=******** --size=2): part /: "
    )
    assert "in line 1 of a already" in found["error_lines"][1]


def test_a_file_on_disk_is_not_quoted(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.ks"
    path.write_text("install\nautopart\n", encoding="utf-8")
    [found] = validate(path=str(path), name="a", version="RHEL9")["problems"]
    assert found["quote"] == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbftext\nautopart\n", "line 1: the file begins with a byte-order mark"),
        (b"autopart\n# M\xfcller\n", "line 2: this is not UTF-8, perhaps it is Latin-1"),
    ],
)
def test_encodings(tmp_path: pathlib.Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.ks"
    path.write_bytes(data)
    [line] = validate(path=str(path), version="RHEL9")["error_lines"]
    assert said in line


def test_kickstarts_of_machines() -> None:
    kickstarts: list[dict[str, t.Any]] = [
        {"name": "a", "content": "autopart\n", "version": "RHEL9", "disks": ["/dev/vda"]},
        {"name": "b", "content": "%packages\n@cor\n%end\n", "version": "RHEL9", "distribution": "el"},
    ]
    found = validation.for_machines(kickstarts, {"el": {"groups": ["core"]}})
    assert [(each["kickstart"], each["kind"], each["severity"]) for each in found["problems"]] == [
        ("a", "storage", "error"),
        ("b", "unknown-group", "error"),
    ]
