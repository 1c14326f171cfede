# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import pathlib
import shutil
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.modules import boot_files

SITE: dict[str, t.Any] = {
    "server": {"address": "10.0.0.1", "interface": "eth0"},
    "subnets": [{"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dns": ["10.0.0.1"]}],
    "distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
    "profiles": {
        "p1": {"distribution": "debian-13", "label": "One"},
        "p2": {"distribution": "debian-13", "label": "Two"},
    },
    "menu": {"bios": "ipxe"},
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
    "rescue/debian-13.ipxe",
]


def test_check_then_do_then_nothing(module: Module) -> None:
    checked = module(check=True, diff=True)
    assert module.files() == []
    done = module(diff=True)
    assert checked == done
    assert sorted(done["created"]) == module.files() == ALL
    assert {entry["after_header"] for entry in done["diff"]} == {str(module.root / path) for path in ALL}
    again = module()
    assert (again["changed"], again["unchanged"]) == (False, 8)
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


# With pxelinux

HASH = "$6$salt$" + "a" * 86
MENU_SITE: dict[str, t.Any] = {**SITE, "menu": {"console": "ttyS0,115200"}}
MENU_PLAN = compile_plan(MENU_SITE, MACHINES)
PLAIN_PLAN = compile_plan({**MENU_SITE, "bios_loader": "pxelinux"}, MACHINES)
OF_PXELINUX = [
    "syslinux/help/F1.txt",
    "syslinux/pxelinux.cfg/01-52-54-00-00-00-01",
    "syslinux/pxelinux.cfg/01-52-54-00-00-00-02",
    "syslinux/pxelinux.cfg/default",
]
LOADED = ["syslinux/pxelinux.0", "syslinux/vesamenu.c32"]


@pytest.fixture
def menu(module: Module) -> Module:
    """A server that has pxelinux."""
    (module.root / "syslinux").mkdir(parents=True)
    for name in LOADED:
        (module.root / name).write_text("loader")
    return module


def text_of(module: Module, name: str = "syslinux/pxelinux.cfg/default") -> str:
    return (module.root / name).read_text()


def test_pxelinux_check_then_do_then_nothing(menu: Module) -> None:
    given: dict[str, t.Any] = {"plan": MENU_PLAN, "pxelinux": {"version": "6.04"}}
    checked = menu(check=True, diff=True, **given)
    assert menu.files() == LOADED
    done = menu(diff=True, **given)
    assert checked == done
    # The menu of iPXE sends BIOS machines there, so that it comes later.
    assert done["created"].index(OF_PXELINUX[-1]) < done["created"].index("menu.ipxe")
    assert menu.files() == sorted([*ALL, *OF_PXELINUX, *LOADED])
    assert "SERIAL 0 115200" in text_of(menu)
    assert menu(**given)["changed"] is False


def test_what_pxelinux_has_no_longer(menu: Module) -> None:
    menu(plan=MENU_PLAN, pxelinux={"version": "6.04"})
    armed = menu.root / "syslinux" / "pxelinux.cfg" / "armed" / "01-52-54-00-00-00-02"
    armed.parent.mkdir()
    armed.write_text("# Written by netinstall.pxe (arming)")
    (menu.root / "syslinux" / "pxelinux.cfg" / "0A4D").write_text("mine")
    smaller = {**MENU_PLAN, "machines": MENU_PLAN["machines"][:1]}
    result = menu(plan=smaller, pxelinux={"version": "6.04"})
    assert result["removed"] == ["machines/52-54-00-00-00-02.ipxe", OF_PXELINUX[2]]
    assert menu(plan=PLAN)["removed"] == [OF_PXELINUX[0], OF_PXELINUX[1], OF_PXELINUX[3]]
    menu(plan=MENU_PLAN, pxelinux={"version": "6.04"})
    assert set(menu(state="absent")["removed"]) >= set(OF_PXELINUX)
    assert menu.files() == sorted(
        [*LOADED, "syslinux/pxelinux.cfg/0A4D", "syslinux/pxelinux.cfg/armed/01-52-54-00-00-00-02"]
    )


def test_nothing_is_published_without_what_it_refers_to(menu: Module) -> None:
    (menu.root / "syslinux" / "vesamenu.c32").unlink()
    result = menu(plan=MENU_PLAN, pxelinux={"version": "6.04"})
    assert "default refers to syslinux/vesamenu.c32, which is not in" in result["msg"]
    plain = menu(plan=PLAIN_PLAN, pxelinux={"version": "6.04", "splash": "splash.png", "memory_test": True})
    assert "which is not in" in plain["msg"]
    assert menu.files() == LOADED[:1]


def test_the_plain_chain_needs_its_kernels_in_the_folder(menu: Module) -> None:
    trees = menu.root.parent / "trees"
    given: dict[str, t.Any] = {"plan": PLAIN_PLAN, "pxelinux": {"version": "6.03"}, "trees": str(trees)}
    result = menu(**given)
    assert "cannot copy" in result["msg"]
    assert menu.files() == LOADED
    tree = trees / "debian-13" / "install.amd"
    tree.mkdir(parents=True)
    kernels = ["syslinux/kernels/debian-13/vmlinuz", "syslinux/kernels/debian-13/initrd.gz"]
    for name in kernels:
        (tree / name.rpartition("/")[2]).write_bytes(b"x" * 3_000_000)
    checked = menu(check=True, **given)
    assert menu.files() == LOADED
    done = menu(**given)
    assert checked == done
    assert done["created"][:2] == kernels
    assert (menu.root / kernels[1]).read_bytes() == b"x" * 3_000_000
    assert "INCLUDE pxelinux.cfg/armed/" in text_of(menu, OF_PXELINUX[1])
    again = menu(**given)
    assert (again["changed"], again["unchanged"]) == (False, done["unchanged"] + len(done["created"]))
    # Another image, then none that anybody installs, then the chain over HTTP.
    (tree / "vmlinuz").write_bytes(b"another kernel")
    assert menu(**given)["replaced"] == kernels[:1]
    assert text_of(menu, kernels[0]) == "another kernel"
    over_http = menu(plan=MENU_PLAN, pxelinux={"version": "6.04"})
    assert [name for name in over_http["removed"] if "kernels" in name] == sorted(kernels)


@pytest.mark.parametrize("target", ["/shadow", "../../../shadow", "../../other/secret"])
def test_no_kernel_is_a_file_of_the_server(menu: Module, target: str) -> None:
    trees = menu.root.parent / "trees"
    tree = trees / "debian-13" / "install.amd"
    tree.mkdir(parents=True)
    (trees / "other").mkdir()
    for path in (trees.parent / "shadow", trees / "other/secret"):
        path.write_text("root:secret")
    # As an absolute link of an image leads to the server's own file.
    (tree / "vmlinuz").symlink_to(f"{trees.parent}{target}" if target.startswith("/") else target)
    (tree / "initrd.gz").write_text("initrd")
    result = menu(plan=PLAIN_PLAN, pxelinux={"version": "6.03"}, trees=str(trees))
    assert "vmlinuz there: No such file" in result["msg"]
    assert not [
        path for path in menu.root.rglob("*") if path.is_file() and path.read_bytes() == b"root:secret"
    ]


def test_in_check_mode_what_is_not_there_yet_is_a_warning(menu: Module) -> None:
    warnings: list[str] = []
    menu.patch.setattr(basic.AnsibleModule, "warn", lambda _self, text, *_args: warnings.append(text))
    (menu.root / "syslinux" / "vesamenu.c32").unlink()
    given: dict[str, t.Any] = {"plan": MENU_PLAN, "pxelinux": {"version": "6.04"}}
    assert OF_PXELINUX[-1] in menu(check=True, **given)["created"]
    assert [text for text in warnings if "vesamenu.c32, which is not in" in text]
    # Neither pxelinux nor the images are there yet.
    (menu.root / "syslinux" / "vesamenu.c32").write_text("loader")
    menu(**given)
    result = menu(check=True, plan=MENU_PLAN, media={})
    assert result["removed"] == []
    assert [text for text in warnings if "pxelinux is not installed yet" in text]
    assert menu(check=True, media={}, **given)["removed"] == []


def test_without_check_mode_it_is_an_error(menu: Module) -> None:
    assert "run the role loader_syslinux first" in menu(plan=MENU_PLAN)["msg"]
    assert "is not a version" in menu(plan=MENU_PLAN, pxelinux={"version": "six"})["msg"]


def test_a_picture_that_would_not_be_seen_is_a_warning(menu: Module) -> None:
    warnings: list[str] = []
    menu.patch.setattr(basic.AnsibleModule, "warn", lambda _self, text, *_args: warnings.append(text))
    (menu.root / "syslinux" / "splash.png").write_text("GIF89a")
    assert menu(plan=MENU_PLAN, pxelinux={"version": "6.04", "splash": "splash.png"})["changed"] is True
    assert [text for text in warnings if "neither a PNG nor a JPEG" in text]


def test_passwords(menu: Module) -> None:
    site = {**MENU_SITE, "menu": {"password_hash": HASH}}
    site["profiles"] = {**SITE["profiles"], "p2": {**SITE["profiles"]["p2"], "menu_password_hash": HASH}}
    plan = compile_plan(site, MACHINES)
    assert HASH not in str(plan)
    given: dict[str, t.Any] = {"plan": plan, "pxelinux": {"version": "6.04"}}
    missing = menu(**given)["msg"]
    assert missing.startswith("menu_password_hash: the plan has a password")
    missing = menu(menu_password_hash=HASH, **given)["msg"]
    assert missing.startswith("profile_password_hashes: the plan has a password")
    other = HASH.replace("a", "b")
    hashes: dict[str, t.Any] = {
        "menu_password_hash": HASH,
        "profile_password_hashes": {"p2": other, "p9": "of no profile"},
    }
    assert menu(diff=True, **given, **hashes)["changed"] is True
    text = text_of(menu)
    assert f"MENU MASTER PASSWD {HASH}" in text
    assert text.count(f"MENU PASSWD {other}") == 1
    changed: dict[str, t.Any] = {"menu_password_hash": other, "profile_password_hashes": {"p2": other}}
    result = menu(diff=True, **given, **changed)
    assert result["replaced"] == [OF_PXELINUX[-1]]
    assert HASH not in str(result)
    assert other not in str(result)
    # iPXE's menu, for UEFI, asks the web server.
    assert "set lock p2 && goto locked" in text_of(menu, "menu.ipxe")
    assert HASH not in text_of(menu, "menu.ipxe")


# What the site brings for the menu

SCREEN = b"\x0c\x0f07\x18splash.lss\nPress \x0f0f<ENTER>\x0f07 \xff\r\n"
FRAGMENT = b"LABEL dban\n  MENU LABEL Wipe\n  KERNEL own/dban\n"
ELF = b"\x7fELF\x01\x01".ljust(16, b"\0") + b"\x03\0\x03\0" + b"x" * 100
COM32 = b"\xb8\xff\x4c\xcd\x21" + b"x" * 100
KERNEL = b"\0" * 510 + b"\x55\xaa" + b"x" * 20000
DISC = {"distribution": "debian-13", "file": "isolinux/boot.msg"}
GUIDE: dict[str, t.Any] = {
    "prompt": True,
    "display": DISC,
    "help": {"F2": {"file": "options.msg"}},
    "memory_test": {"distribution": "debian-13", "file": "isolinux/memtest86+.bin"},
    "include": [{"file": "more.cfg"}],
    "files": [{"file": "dban"}],
    "entries": {
        "hdt": {"com32": {"file": "hdt.c32"}, "script": "other.ipxe"},
        "tool": {"kernel": "tools/linux"},
    },
}
BROUGHT = [
    "syslinux/own/dban",
    "syslinux/own/debian-13/boot.msg",
    "syslinux/own/debian-13/memtest",
    "syslinux/own/hdt.c32",
    "syslinux/own/more.cfg",
    "syslinux/own/options.msg",
    "syslinux/splash.lss",
]


@pytest.fixture
def guide(menu: Module) -> t.Callable[..., dict[str, t.Any]]:
    """Publishes a menu as the guides have it, from a server where all that it needs is there."""
    folder = menu.root.parent
    for path, data in {
        "trees/debian-13/isolinux/boot.msg": SCREEN,
        "trees/debian-13/isolinux/splash.lss": b"picture",
        "trees/debian-13/isolinux/memtest86+.bin": KERNEL,
        "brought/options.msg": b"Options\n",
        "brought/more.cfg": FRAGMENT,
        "brought/hdt.c32": ELF,
        "brought/dban": KERNEL,
        "boot/tools/linux": KERNEL,
        "boot/other.ipxe": b"#!ipxe\nexit 1\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    def run(version: str = "6.04", changes: t.Any = None, **options: t.Any) -> dict[str, t.Any]:
        plan = compile_plan({**SITE, "menu": {**GUIDE, **(changes or {})}}, MACHINES)
        places: dict[str, t.Any] = {"trees": str(folder / "trees"), "own": str(folder / "brought")}
        return menu(plan=plan, pxelinux={"version": version}, **places, **options)

    return run


def test_a_menu_as_the_guides_have_it(menu: Module, guide: t.Callable[..., dict[str, t.Any]]) -> None:
    checked = guide(check=True, diff=True)
    assert not (menu.root / "syslinux/own").exists()
    done = guide(diff=True)
    assert "failed" not in done, done
    assert checked == done
    assert sorted(path for path in done["created"] if "own/" in path or "lss" in path) == BROUGHT
    # First what the menu refers to.
    assert done["created"].index("syslinux/own/more.cfg") < done["created"].index(OF_PXELINUX[-1])
    assert (menu.root / "syslinux/own/debian-13/boot.msg").read_bytes() == SCREEN
    text = text_of(menu)
    assert "\nPROMPT 1\n" in text
    assert "\nDISPLAY own/debian-13/boot.msg\n" in text
    assert "\nF2 own/options.msg\n" in text
    assert "\nINCLUDE own/more.cfg\n" in text
    assert guide()["changed"] is False
    less = guide(changes={"include": [], "files": [], "entries": {}})
    entries = {"entries/hdt.ipxe", "entries/tool.ipxe"}
    assert set(less["removed"]) == {BROUGHT[0], BROUGHT[3], BROUGHT[4], *entries}
    assert set(menu(state="absent")["removed"]) >= {BROUGHT[1], BROUGHT[5], "syslinux/splash.lss"}
    assert (menu.root / "tools/linux").exists()


@pytest.mark.parametrize(
    ("path", "data", "version", "words"),
    [
        ("boot/tools/linux", None, "6.04", "site_menu.entries.tool.kernel: there is no tools/linux below"),
        ("brought/more.cfg", b"LABEL local\n  KERNEL x\n", "6.04", "own/more.cfg:1: LABEL: local is there twice"),
        ("brought/more.cfg", b"LABEL hdt\n  KERNEL x\n", "6.04", "own/more.cfg:1: LABEL: hdt is there twice"),
        ("brought/more.cfg", b"DEFAULT dban\n", "6.04", "own/more.cfg:1: DEFAULT is for the whole menu"),
        ("brought/more.cfg", FRAGMENT + b"  INITRD own/x\n", "6.04", "own/more.cfg refers to syslinux/own/x"),
        ("brought/more.cfg", None, "6.04", "own/more.cfg: "),
        ("brought/dban", None, "6.04", "dban"),
        ("brought/hdt.c32", COM32, "6.04", "is a module of syslinux before 5.00"),
        ("brought/hdt.c32", ELF, "3.86", "is a module of syslinux 5.00 or later"),
        ("brought/hdt.c32", b"<html>", "6.04", "entries.hdt.com32: syslinux/own/hdt.c32 is not a module of syslinux"),
        ("boot/other.ipxe", b"exit 1\n", "6.04", "site_menu.entries.hdt.script: other.ipxe is not an iPXE script"),
        ("brought/options.msg", b"a\0b", "6.04", "site_menu.help.F2: syslinux/own/options.msg is not a text"),
        ("trees/debian-13/isolinux/memtest86+.bin", b"<html>", "6.04", "debian-13/memtest is not a Linux kernel"),
        ("trees/debian-13/isolinux/boot.msg", None, "6.04", "boot.msg"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_not_published(
    menu: Module,
    guide: t.Callable[..., dict[str, t.Any]],
    path: str,
    data: bytes | None,
    version: str,
    words: str,
) -> None:
    place = menu.root.parent / path
    place.unlink()
    if data is not None:
        place.write_bytes(data)
    result = guide(version)
    assert words in result["msg"]
    assert not (menu.root / OF_PXELINUX[-1]).exists()
    assert not (menu.root / "menu.ipxe").exists()
    if data is not None:
        assert not (menu.root / "syslinux/own").exists()


def test_in_check_mode_on_a_new_server_it_is_a_warning(
    menu: Module, guide: t.Callable[..., dict[str, t.Any]]
) -> None:
    warnings: list[str] = []
    menu.patch.setattr(basic.AnsibleModule, "warn", lambda _self, text, *_args: warnings.append(text))
    for name in ("brought", "trees", "boot/tools"):
        shutil.rmtree(menu.root.parent / name)
    result = guide(check=True)
    assert "failed" not in result, result
    assert [text for text in warnings if "there is no tools/linux below" in text]
    assert OF_PXELINUX[-1] in result["created"]


def test_a_picture_that_is_nowhere_is_a_warning(
    menu: Module, guide: t.Callable[..., dict[str, t.Any]]
) -> None:
    warnings: list[str] = []
    menu.patch.setattr(basic.AnsibleModule, "warn", lambda _self, text, *_args: warnings.append(text))
    (menu.root.parent / "trees/debian-13/isolinux/splash.lss").unlink()
    assert guide()["changed"] is True
    assert warnings == ["site_menu.display shows splash.lss, which is not there: name it in site_menu.files"]


def test_no_entry_changes_what_a_machine_boots(
    menu: Module, guide: t.Callable[..., dict[str, t.Any]]
) -> None:
    """Armed or not: what its firmware loads is the same file with and without all of these."""
    machines = ["machines/52-54-00-00-00-01.ipxe", OF_PXELINUX[1]]
    menu(plan=MENU_PLAN, pxelinux={"version": "6.04"})
    armed = menu.root / "syslinux/pxelinux.cfg/armed/01-52-54-00-00-00-01"
    armed.parent.mkdir()
    armed.write_text("# Written by netinstall.pxe (arming)")
    before = {path: text_of(menu, path).replace("SERIAL 0 115200\n", "") for path in machines}
    guide()
    assert {path: text_of(menu, path) for path in machines} == before
    assert armed.read_text() == "# Written by netinstall.pxe (arming)"
