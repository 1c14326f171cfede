# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookalikes of Enterprise Linux DVDs: tables and texts of which they are made."""

from __future__ import annotations

import configparser
import gzip
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ET

import _el_installer
import _el_iso
import _el_packages
import _el_rpms
import pytest
from _common import HERE, LabError
from _el_packages import RELEASES

RELEASE_NAMES = sorted(RELEASES)
TABLE = "a * 1 core\nb 6,7 2 base?,core a\nc 9 2 - a # comment\n\n# comment\n"


def test_the_table_is_read() -> None:
    found = _el_packages.read(TABLE)
    assert [(one.name, sorted(one.releases), one.disc, one.groups, one.requires) for one in found] == [
        ("a", [6, 7, 9], 1, {"core": False}, ()),
        ("b", [6, 7], 2, {"base": True, "core": False}, ("a",)),
        ("c", [9], 2, {}, ("a",)),
    ]
    assert [one.name for one in _el_packages.of_release(found, 9)] == ["a", "c"]


@pytest.mark.parametrize("line", ["a *", "a 5 1 core", "a * 3 core", "a * 1 kde", "a x 1 core"])
def test_mistakes_of_the_table_are_named_by_line(line: str) -> None:
    with pytest.raises(LabError, match=r"packages.txt:2: "):
        _el_packages.read(f"ok * 1 -\n{line}\n")


def test_a_requirement_that_is_not_there() -> None:
    with pytest.raises(LabError, match="a requires b, not in EL 9"):
        _el_packages.of_release(_el_packages.read("a * 1 - b\nb 6 1 -\n"), 9)


@pytest.mark.parametrize("name", RELEASE_NAMES)
def test_each_release_is_whole(name: str) -> None:
    number = RELEASES[name].number
    packages = _el_packages.table(number)
    names = {one.name for one in packages}
    assert len(packages) >= 40
    assert {"filesystem", "bash", "kernel", "openssh-server", "lrzsz", "netinstall-el-release"} <= names
    assert {one.disc for one in packages if "core" in one.groups} == {1}
    assert {one.disc for one in packages if "base" in one.groups} == {1, 2}
    assert next(one.disc for one in packages if one.name == "lrzsz") == 2
    assert {"initscripts", "systemd"} & names & _el_rpms.CONTENTS.keys()


@pytest.mark.parametrize("name", RELEASE_NAMES)
def test_comps(name: str) -> None:
    number = RELEASES[name].number
    tree = ET.fromstring(_el_packages.comps(_el_packages.table(number), number))
    groups = {group.findtext("id"): group for group in tree.iter("group")}
    assert list(groups) == ["core", "base", "development", "web-server"]
    assert groups["base"].findtext("name") == "Base"
    wanted = {one.text: one.get("type") for one in groups["web-server"].iter("packagereq")}
    assert wanted == {"httpd": "mandatory", "mod_ssl": "optional"}
    environments = [one.findtext("id") for one in tree.iter("environment")]
    assert environments == {6: [], 7: ["minimal"], 9: ["minimal-environment"]}[number]


def test_one_spec_makes_all_packages() -> None:
    packages = _el_packages.read(TABLE)
    text = _el_packages.spec(packages, 6, {"a": ['%attr(0755,root,root) "/usr/bin/a"']})
    parts = dict(re.findall(r"%package -n (\S+)\n(.*?)(?=\n%package|\Z)", text, re.DOTALL))
    assert set(parts) == {"a", "b", "c"}
    assert "BuildArch: noarch" not in parts["a"]
    assert '%files -n a\n%attr(0755,root,root) "/usr/bin/a"\n/usr/share/doc/a-1.0/README' in parts["a"]
    assert "BuildArch: noarch" in parts["b"]
    assert "Requires: a" in parts["b"]
    assert _el_packages.file_name(packages[0], 6, True) == "a-1.0-1.el6.x86_64.rpm"


def test_lines_of_files(tmp_path: pathlib.Path) -> None:
    (tmp_path / "etc").mkdir(mode=0o750)
    (tmp_path / "etc/a b").write_text("x")
    (tmp_path / "etc/a b").chmod(0o640)
    (tmp_path / "lib").symlink_to("usr/lib")
    both = ['%dir %attr(0750,root,root) "/etc"', '%attr(0640,root,root) "/etc/a b"', '"/lib"']
    assert list(_el_rpms.file_lines(tmp_path, owns_folders=True)) == both
    assert list(_el_rpms.file_lines(tmp_path, owns_folders=False)) == both[1:]


MODULES_DEP = """\
kernel/fs/xfs/xfs.ko: kernel/lib/crc32c.ko
kernel/lib/crc32c.ko:
kernel/drivers/md/dm-mod.ko:
kernel/drivers/block/loop.ko.xz:
"""


def test_kernel_modules_with_what_they_need() -> None:
    assert _el_installer.needed_modules(MODULES_DEP, ["xfs", "dm_mod", "loop", "ext4"]) == [
        "kernel/drivers/block/loop.ko.xz",
        "kernel/drivers/md/dm-mod.ko",
        "kernel/fs/xfs/xfs.ko",
        "kernel/lib/crc32c.ko",
    ]


def test_libraries_among_dependencies() -> None:
    depends = {
        "curl": "libc6 (>= 2.34), libcurl4 (= 7.88.1), bash",
        "libcurl4": "zlib1g, libssl3 | libssl4",
        "libssl3": "",
        "libc6": "libgcc-s1",
        "zlib1g": "",
        "bash": "libtinfo6",
    }
    assert _el_installer.closure(depends, ["curl"]) == {"curl", "libc6", "libcurl4", "zlib1g", "libssl3"}


def test_libraries_are_taken_under_the_name_that_programs_use(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "usr/lib/x86_64-linux-gnu"
    folder.mkdir(parents=True)
    for name in ("libz.so.1.2.13", "libc.so.6"):
        (folder / name).write_text(name)
    (folder / "libz.so.1").symlink_to("libz.so.1.2.13")
    info = tmp_path / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(
        "Package: a\nDepends: zlib1g, libc6\n\nPackage: zlib1g\n\nPackage: libc6\n"
    )
    here = "/usr/lib/x86_64-linux-gnu"
    (info / "zlib1g:amd64.list").write_text(f"{here}\n{here}/libz.so.1\n{here}/libz.so.1.2.13\n")
    (info / "libc6:amd64.list").write_text(f"{here}/libc.so.6\n/usr/share/doc/x.so\n")
    found = _el_installer.libraries(tmp_path, ["a"])
    assert found == ["lib/x86_64-linux-gnu/libc.so.6", "lib/x86_64-linux-gnu/libz.so.1"]


def test_two_kernels_are_one_too_many(tmp_path: pathlib.Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/vmlinuz-6.1.0-9-cloud-amd64").touch()
    assert _el_installer.kernel_of(tmp_path).release == "6.1.0-9-cloud-amd64"
    (tmp_path / "boot/vmlinuz-6.1.0-8-cloud-amd64").touch()
    with pytest.raises(LabError, match="expected one kernel"):
        _el_installer.kernel_of(tmp_path)


@pytest.mark.parametrize(
    ("name", "stage2", "version", "variants"),
    [
        ("el6", "images/install.img", "6.8", None),
        ("el7", "LiveOS/squashfs.img", "7.9", None),
        ("el9", "images/install.img", "9.4", "AppStream,BaseOS"),
    ],
)
def test_treeinfo(name: str, stage2: str, version: str, variants: str | None) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(_el_iso.treeinfo(RELEASES[name], {stage2: "0" * 64}))
    assert parser["general"]["family"] == "NetinstallEL"
    assert parser["general"]["version"] == version
    assert parser["stage2"]["mainimage"] == stage2
    assert parser["images-x86_64"]["kernel"] == "images/pxeboot/vmlinuz"
    assert parser["checksums"][stage2] == f"sha256:{'0' * 64}"
    assert parser.get("tree", "variants", fallback=None) == variants


@pytest.mark.parametrize(("disc", "last"), [(1, "1"), (2, "2"), (None, "ALL")])
def test_discinfo(disc: int | None, last: str) -> None:
    lines = _el_iso.discinfo(RELEASES["el6"], disc).splitlines()
    assert lines == [RELEASES["el6"].timestamp, "NetinstallEL 6.8", "x86_64", last]


def test_names_of_images() -> None:
    assert _el_iso.NAMES["NetinstallEL-7-x86_64-DVD2.iso"] == ("el7", 2)
    assert "NetinstallEL-9-x86_64-DVD2.iso" not in _el_iso.NAMES
    labels = [_el_iso.volume_id(RELEASES[name], disc) for name, disc in _el_iso.NAMES.values()]
    assert all(len(label) <= 32 for label in labels)


REPOMD = """\
<repomd><data type="primary"><location href="repodata/1-primary.xml.gz"/></data>
<data type="group"><location href="repodata/c6.xml"/></data></repomd>
"""


def test_media_repodata(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base of packages and of the metadata itself becomes media://TIMESTAMP#DISC."""
    seen: list[str] = []

    def modifyrepo(words: list[object]) -> str:
        seen.append(pathlib.Path(str(words[3])).read_text())
        return ""

    monkeypatch.setattr(_el_iso, "run", modifyrepo)
    primary = '<location xml:base="media:#2" href="Packages/a.rpm"/>'
    (tmp_path / "1-primary.xml.gz").write_bytes(gzip.compress(primary.encode()))
    (tmp_path / "repomd.xml").write_text(REPOMD)
    _el_iso.media_repodata(tmp_path, "12.5")
    assert seen == ['<location xml:base="media://12.5#2" href="Packages/a.rpm"/>']
    assert (tmp_path / "repomd.xml").read_text().count(
        '<location xml:base="media://12.5#1" href="repodata/'
    ) == 2


def test_what_old_guides_take_from_the_disc(tmp_path: pathlib.Path) -> None:
    """The screens of `boot:` have SYSLINUX's control codes, and a memory test is a boot sector."""
    _el_iso.Builder(RELEASES["el6"], 0).place_screens(tmp_path)
    screens = {path.name: path.read_bytes() for path in tmp_path.glob("*.msg")}
    assert set(screens) == {f"{name}.msg" for name in ("boot", "options", "general", "param", "rescue")}
    assert all(text.startswith(b"\x0c\x0f0fNetinstallEL 6.8") for text in screens.values())
    assert len(set(screens.values())) == 5
    assert (tmp_path / "memtest").read_bytes()[510:512] == b"\x55\xaa"


def run_yum(folder: pathlib.Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The yum of the lookalike, with a folder in the place of /etc/yum.repos.d."""
    text = (HERE / "el/system/yum/usr/bin/yum").read_text(encoding="utf-8")
    script = text.replace("/etc/yum.repos.d", str(folder))
    return subprocess.run(
        ["sh", "-s", "--", *words], input=script, capture_output=True, text=True, check=False
    )


def test_its_yum_reads_repositories(tmp_path: pathlib.Path) -> None:
    tree = tmp_path / "tree/repodata"
    tree.mkdir(parents=True)
    (tree / "repomd.xml").write_text("<repomd/>")
    repos = tmp_path / "repos"
    repos.mkdir()
    assert run_yum(repos).returncode == 1
    (repos / "a.repo").write_text(f"[base]\nbaseurl=file://{tree.parent}\nenabled=1\n")
    (repos / "b.repo").write_text("[off]\nbaseurl=file:///nowhere\nenabled=0\n")
    done = run_yum(repos, "-y", "install", "lrzsz")
    assert (done.returncode, done.stderr) == (0, "")
    assert "yum -y install lrzsz: the lookalike of the lab installs nothing" in done.stdout
    (repos / "c.repo").write_text("[gone]\nbaseurl=file:///nowhere\n")
    assert run_yum(repos).returncode == 1
