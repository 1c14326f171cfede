# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import pathlib
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import compile_plan
from ansible_collections.netinstall.pxe.plugins.modules import boot_files

SITE = {
    "server": {"address": "10.0.0.1", "interface": "eth0"},
    "subnets": [{"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dns": ["10.0.0.1"]}],
    "distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
    "profiles": {
        "p1": {"distribution": "debian-13", "label": "One"},
        "p2": {"distribution": "debian-13", "label": "Two"},
    },
}
MACHINES = [
    {
        "name": f"node{n}",
        "mac": f"52:54:00:00:00:0{n}",
        "address": f"10.0.0.1{n}",
        "profile": "p1",
        "disk": "/dev/vda",
    }
    for n in (1, 2)
]
MEDIA = {"debian-13": {"kernel": "install.amd/vmlinuz", "initrd": ["install.amd/initrd.gz"]}}
PLAN = compile_plan(SITE, MACHINES)


class Module:
    """Runs the module in this process."""

    def __init__(
        self, root: pathlib.Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.root, self.patch, self.capture = root, patch, capture

    def __call__(self, check: bool = False, diff: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
        given = {"root": str(self.root), "_ansible_check_mode": check, "_ansible_diff": diff, **arguments}
        if given.get("state") != "absent":
            given = {"plan": PLAN, "media": MEDIA, **given}
        self.patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        self.patch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        self.patch.setattr("sys.stdin", io.StringIO())
        with pytest.raises(SystemExit):
            boot_files.main()
        result: dict[str, t.Any] = json.loads(self.capture.readouterr().out)
        return result

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())


@pytest.fixture
def module(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Module:
    return Module(tmp_path / "boot", monkeypatch, capsys)


ALL = [
    "boot.ipxe",
    "local.ipxe",
    "machines/52-54-00-00-00-01.ipxe",
    "machines/52-54-00-00-00-02.ipxe",
    "menu.ipxe",
    "profiles/p1.ipxe",
    "profiles/p2.ipxe",
]


def test_check_then_do_then_nothing(module: Module) -> None:
    checked = module(check=True, diff=True)
    assert module.files() == []
    done = module(diff=True)
    assert checked == done
    assert sorted(done["created"]) == module.files() == ALL
    assert {entry["after_header"] for entry in done["diff"]} == {str(module.root / path) for path in ALL}
    again = module()
    assert (again["changed"], again["unchanged"]) == (False, 7)
    assert "diff" not in again


def test_what_is_no_longer_described(module: Module) -> None:
    module()
    (module.root / "machines" / "by-hand.ipxe").write_text("#!ipxe\n# mine\nexit 1\n")
    smaller = {**PLAN, "machines": PLAN["machines"][:1], "profiles": {"p1": PLAN["profiles"]["p1"]}}
    result = module(plan=smaller)
    assert result["removed"] == ["machines/52-54-00-00-00-02.ipxe", "profiles/p2.ipxe"]
    assert result["replaced"] == ["menu.ipxe"]
    assert "machines/by-hand.ipxe" in module.files()


def test_in_check_mode_an_unknown_image_is_a_warning_and_not_a_removal(module: Module) -> None:
    module()
    warnings: list[str] = []
    module.patch.setattr(basic.AnsibleModule, "warn", lambda _self, text, *_args: warnings.append(text))
    for media in ({}, {"debian-13": {"kernel": None, "initrd": None}}):
        result = module(check=True, media=media)
        assert [text.split()[0] for text in warnings] == ["profiles/p1.ipxe", "profiles/p2.ipxe"]
        assert result["removed"] == []
        warnings.clear()


def test_else_it_is_an_error_that_changes_nothing(module: Module) -> None:
    module()
    result = module(media={}, plan={**PLAN, "machines": []})
    assert result["failed"] is True
    assert "site_distributions.debian-13" in result["msg"]
    assert module.files() == ALL


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"menu": None}, None),
        ({"profiles": {"p1": {**PLAN["profiles"]["p1"], "family": "beos"}}}, "no installer 'beos' is known"),
        ({"profiles": {"p1": {**PLAN["profiles"]["p1"], "label": "a\nb"}}}, "site_profiles.p1.label"),
    ],
)
def test_bad_plans(module: Module, changes: dict[str, t.Any], words: str | None) -> None:
    plan = {key: value for key, value in {**PLAN, **changes}.items() if value is not None}
    result = module(plan=plan)
    assert result["failed"] is True
    assert (words or "plan: menu missing") in result["msg"]
    assert module.files() == []


def test_absent(module: Module) -> None:
    assert module(state="absent")["changed"] is False
    assert not module.root.exists()
    module()
    (module.root / "undionly.kpxe").write_text("loader")
    (module.root / "autoexec.ipxe").write_text("#!ipxe\n# Written by somebody else\n")
    assert sorted(module(state="absent", check=True)["removed"]) == ALL
    assert sorted(module(state="absent")["removed"]) == ALL
    assert module.files() == ["autoexec.ipxe", "undionly.kpxe"]
    assert not (module.root / "machines").exists()
    assert module(state="absent")["changed"] is False
