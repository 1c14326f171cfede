# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import lzma
import pathlib
import shutil
import subprocess
import typing as t
from xml.sax.saxutils import quoteattr

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import packed, repodata
from ansible_collections.netinstall.pxe.tests.unit.tree_images import listed, primary
from hypothesis import given
from hypothesis import strategies as st

REPO = "http://linux.duke.edu/metadata/repo"

COMPS = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group>
    <id>core</id>
    <name xml:lang="de">Kern</name>
    <name>Core</name>
    <packagelist>
      <packagereq type="mandatory">bash</packagereq>
      <packagereq>setup</packagereq>
      <packagereq type="conditional" requires="kernel">kmod</packagereq>
    </packagelist>
  </group>
  <group><id>empty</id><name>Nothing</name></group>
  <group><id>core</id><name>Core</name><packagelist><packagereq type="default">vim</packagereq></packagelist></group>
  <environment>
    <id>minimal-environment</id><name>Minimal Install</name>
    <grouplist><groupid>core</groupid></grouplist>
    <optionlist><groupid default="true">debugging</groupid></optionlist>
  </environment>
</comps>
"""

MODULES = """---
document: modulemd
version: 2
data:
  name: nodejs
  stream: "18"
  version: 9020020230327152102
  components:
    rpms:
      nodejs:
        name: hidden
...
---
document: modulemd-defaults
version: 1
data:
  module: nodejs
  stream: "20"
...
---
document: modulemd
version: 2
data:
    summary: an outer indentation of four
    stream: rhel8
    name: perl
...
"""


def repository(files: dict[str, tuple[str, bytes]], algorithm: str = "sha256") -> dict[str, bytes]:
    """Files of a repository: ``{type: (name in repodata/, content)}`` and a repomd.xml for them."""
    name = "sha1" if algorithm == "sha" else algorithm
    rows = "".join(
        f'<data type="{kind}"><checksum type="{algorithm}">{hashlib.new(name, data).hexdigest()}</checksum>'
        f'<location href="repodata/{path}"/><size>{len(data)}</size></data>'
        for kind, (path, data) in files.items()
    )
    found = {f"repodata/{path}": data for path, data in files.values()}
    return {**found, "repodata/repomd.xml": f'<repomd xmlns="{REPO}">{rows}</repomd>'.encode()}


def read(files: dict[str, bytes], **more: t.Any) -> repodata.Repodata:
    return repodata.read(files.get, **more)


FULL = {
    "primary": ("primary.xml.gz", gzip.compress(primary(listed("bash", "Packages/bash.rpm")), mtime=0)),
    "group": ("comps.xml", COMPS.encode()),
    "modules": ("modules.yaml.gz", gzip.compress(MODULES.encode(), mtime=0)),
}


def test_reads_packages_groups_and_modules() -> None:
    found = read(repository(FULL))
    assert found.packages == [
        repodata.Package("bash", "noarch", "Packages/bash.rpm", 1234, ("sha256", "ab" * 32))
    ]
    assert found.groups["core"].name == "Core"
    assert found.groups["core"].packages == {
        "mandatory": ["bash", "setup"],
        "conditional": ["kmod"],
        "default": ["vim"],
    }
    assert found.groups["empty"].packages == {}
    assert found.environments["minimal-environment"] == (
        "minimal-environment",
        "Minimal Install",
        ["core"],
        ["debugging"],
    )
    assert found.modules == ["nodejs:18", "perl:rhel8"]
    assert [(file.type, file.href) for file in found.files] == [
        ("primary", "repodata/primary.xml.gz"),
        ("group", "repodata/comps.xml"),
        ("modules", "repodata/modules.yaml.gz"),
    ]


def test_other_names_of_packages(tmp_path: pathlib.Path) -> None:
    entries = "".join(
        f"<rpm:entry name={quoteattr(name)}/>"
        for name in (
            "vim",
            "vim-enhanced",
            "bash",
            "perl(strict)",
            "/bin/vi",
            "libvi.so.1",
            "libvi.so",
            "vim",
            "g++",
        )
    )
    text = primary(listed("bash", "b.rpm"), listed("vim-enhanced", "v.rpm")).decode()
    head, _format, tail = text.rpartition("<format>")
    namespace = 'xmlns:rpm="http://linux.duke.edu/metadata/rpm"'
    text = f"{head}<format {namespace}><rpm:provides>{entries}</rpm:provides>{tail}"
    files = repository({"primary": ("p.xml", text.encode())})
    assert [item.provides for item in read(files).packages] == [(), ("vim", "bash", "g++")]
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert repodata.index(str(tmp_path), [""])["provides"] == ["g++", "vim"]


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, bz2.compress, lzma.compress],
    ids=["plain", "gz", "bz2", "xz"],
)
def test_every_compression(pack: t.Callable[[bytes], bytes]) -> None:
    data = pack(primary(listed("bash", "bash.rpm")))
    assert [package.name for package in read(repository({"primary": ("p", data)})).packages] == ["bash"]


@pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd here")
def test_zstd_by_what_it_is_given() -> None:
    def run(option: str, data: bytes) -> bytes:
        return subprocess.run(["zstd", option, "--stdout"], input=data, stdout=-1, check=True).stdout

    files = repository({"primary": ("p.zst", run("-1", primary(listed("bash", "bash.rpm"))))})
    assert len(read(files, unzstd=lambda data: run("-d", data)).packages) == 1


@pytest.mark.parametrize("algorithm", ["sha", "sha1", "sha256", "sha512"])
def test_every_checksum(algorithm: str) -> None:
    assert read(repository(FULL, algorithm)).files[0].checksum[0] == algorithm


def test_groups_that_are_only_there_packed() -> None:
    files = {"primary": FULL["primary"], "group_gz": ("comps.xml.gz", gzip.compress(COMPS.encode(), mtime=0))}
    assert "core" in read(repository(files)).groups


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repodata/repomd.xml": None}, r"repodata/repomd\.xml is missing: this is not an RPM repository"),
        ({"repodata/repomd.xml": b"<html>"}, r"repodata/repomd\.xml is not XML"),
        ({"repodata/repomd.xml": b"<repomd/>"}, r"repodata/repomd\.xml lists no 'primary' metadata"),
        ({"repodata/primary.xml.gz": None}, r"repodata/primary\.xml\.gz is missing, but"),
        ({"repodata/comps.xml": COMPS.encode() + b" "}, r"repodata/comps\.xml has sha256 .* it is damaged"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, bytes | None], message: str) -> None:
    files = {key: data for key, data in {**repository(FULL), **change}.items() if data is not None}
    with pytest.raises(PxeError, match=message):
        read(files)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (primary(listed("", "a.rpm")), "has a package without name or size"),
        (primary(listed("a", "a.rpm").replace('package="1234"', "")), "has a package without name or size"),
        (primary(listed("a", "/etc/passwd")), "'/etc/passwd' as the place of the package a"),
        (primary(listed("a", "")), "'' as the place of the package a"),
        (gzip.compress(primary(), mtime=0)[:-9], "is damaged: it cannot be unpacked"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><metadata/>', "declares XML entities"),
        (primary(listed("a", "a.rpm"))[:-20], "is not XML that can be read as a list of packages"),
    ],
)
def test_a_damaged_list_of_packages(data: bytes, message: str) -> None:
    with pytest.raises(PxeError, match=message):
        read(repository({"primary": ("p", data)}))


def test_unknown_checksum() -> None:
    with pytest.raises(PxeError, match="of the kind 'rot13'"):
        repodata.check(b"", ("rot13", ""))


def test_index_of_a_tree(tmp_path: pathlib.Path) -> None:
    other = {"primary": ("p.xml", primary(listed("zsh", "zsh.rpm"), listed("bash", "bash.rpm")))}
    for folder, files in (("BaseOS", FULL), ("AppStream", other)):
        for path, data in repository(files).items():
            (tmp_path / folder / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / path).write_bytes(data)
    assert repodata.index(str(tmp_path), ["BaseOS", "AppStream"]) == {
        "packages": ["bash", "zsh"],
        "provides": [],
        "groups": ["Core", "Nothing", "core", "empty"],
        "environments": ["Minimal Install", "minimal-environment"],
        "modules": ["nodejs:18", "perl:rhel8"],
    }
    (tmp_path / "BaseOS/repodata/comps.xml").unlink()
    with pytest.raises(PxeError, match=r"BaseOS/repodata/comps\.xml is missing"):
        repodata.index(str(tmp_path), ["BaseOS"])


@pytest.mark.skipif(not shutil.which("createrepo_c"), reason="no createrepo_c here")
@pytest.mark.parametrize("algorithm", ["sha", "sha256"])
def test_what_createrepo_writes(tmp_path: pathlib.Path, algorithm: str) -> None:
    comps = tmp_path / "comps.xml"
    comps.write_text(COMPS)
    tree = tmp_path / "tree"
    tree.mkdir()
    command = ["createrepo_c", "--quiet", "-s", algorithm, "-g", str(comps), str(tree)]
    subprocess.run(command, check=True)
    found = repodata.read_folder(str(tree))
    assert found.packages == []
    assert sorted(found.groups) == ["core", "empty"]
    assert {file.type for file in found.files} >= {"primary", "filelists", "other", "group"}
    assert {file.checksum[0] for file in found.files} == {algorithm}
    assert all((tree / file.href).stat().st_size == file.size for file in found.files)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_garbage_is_an_error_of_ours_or_empty(data: bytes) -> None:
    for parse in (
        repodata.parse_primary,
        repodata.parse_repomd,
        repodata.parse_comps,
        repodata.parse_modules,
    ):
        with contextlib.suppress(PxeError):
            assert parse(packed.unpack(data)) in ([], ({}, {}))
