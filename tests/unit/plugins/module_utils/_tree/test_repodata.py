# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tracemalloc
import typing as t
from xml.sax.saxutils import escape, quoteattr

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repodata
from hypothesis import given
from hypothesis import strategies as st

COMMON = "http://linux.duke.edu/metadata/common"
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


def package(name: str, href: str, size: int = 1234, base: str = "") -> str:
    where = f" xml:base={quoteattr(base)}" if base else ""
    return (
        f'<package type="rpm"><name>{escape(name)}</name><arch>noarch</arch>'
        f'<checksum type="sha256" pkgid="YES">{"ab" * 32}</checksum>'
        f'<size package="{size}" installed="1" archive="2"/><location{where} href={quoteattr(href)}/>'
        "<format><file>/etc/x</file></format></package>"
    )


def primary(*packages: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="{COMMON}" packages="{len(packages)}">'
        f"{''.join(packages)}</metadata>"
    ).encode()


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
    "primary": ("primary.xml.gz", gzip.compress(primary(package("bash", "Packages/bash.rpm")), mtime=0)),
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
    text = primary(package("bash", "b.rpm"), package("vim-enhanced", "v.rpm")).decode()
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
    data = pack(primary(package("bash", "bash.rpm")))
    assert [package.name for package in read(repository({"primary": ("p", data)})).packages] == ["bash"]


@pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd here")
def test_zstd_by_what_it_is_given() -> None:
    def run(option: str, data: bytes) -> bytes:
        return subprocess.run(["zstd", option, "--stdout"], input=data, stdout=-1, check=True).stdout

    files = repository({"primary": ("p.zst", run("-1", primary(package("bash", "bash.rpm"))))})
    assert len(read(files, unzstd=lambda data: run("-d", data)).packages) == 1


def test_zstd_without_anything_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> t.NoReturn:
        raise ImportError(name)

    monkeypatch.setattr(repodata.importlib, "import_module", nothing)
    files = repository({"primary": ("p.zst", b"\x28\xb5\x2f\xfd....")})
    with pytest.raises(PxeError, match=r"repodata/p\.zst is packed by Zstandard.*install the program zstd"):
        read(files)


@pytest.mark.parametrize("algorithm", ["sha", "sha1", "sha256", "sha512"])
def test_every_checksum(algorithm: str) -> None:
    assert read(repository(FULL, algorithm)).files[0].checksum[0] == algorithm


def test_groups_that_are_only_there_packed() -> None:
    files = {"primary": FULL["primary"], "group_gz": ("comps.xml.gz", gzip.compress(COMPS.encode(), mtime=0))}
    assert "core" in read(repository(files)).groups


@pytest.mark.parametrize(
    ("href", "base", "expected"),
    [
        ("Packages/a.rpm", "", "Packages/a.rpm"),
        ("./Packages/a.rpm", "", "Packages/a.rpm"),
        ("../Packages/a.rpm", "", "../Packages/a.rpm"),
        ("Packages/a&b.rpm", "media://1467300000.123456#2", "Packages/a&b.rpm"),
        ("a.rpm", "http://elsewhere.example/x/", "http://elsewhere.example/x/a.rpm"),
        ("ftp://elsewhere.example/a.rpm", "", "ftp://elsewhere.example/a.rpm"),
    ],
)
def test_where_a_package_lies(href: str, base: str, expected: str) -> None:
    (found,) = repodata.parse_primary(primary(package("a", href, base=base)))
    assert found.href == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repodata/repomd.xml": None}, r"repodata/repomd\.xml is missing: this is no RPM repository"),
        ({"repodata/repomd.xml": b"<html>"}, r"repodata/repomd\.xml is no XML"),
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
        (primary(package("", "a.rpm")), "has a package without name or size"),
        (primary(package("a", "a.rpm").replace('package="1234"', "")), "has a package without name or size"),
        (primary(package("a", "/etc/passwd")), "'/etc/passwd' as the place of the package a"),
        (primary(package("a", "")), "'' as the place of the package a"),
        (gzip.compress(primary(), mtime=0)[:-9], "is damaged: it cannot be unpacked"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><metadata/>', "declares XML entities"),
        (primary(package("a", "a.rpm"))[:-20], "is no XML that is understood as a list of packages"),
    ],
)
def test_a_damaged_list_of_packages(data: bytes, message: str) -> None:
    with pytest.raises(PxeError, match=message):
        read(repository({"primary": ("p", data)}))


@pytest.mark.parametrize("href", ["../../etc/passwd", "/etc/passwd", "http://elsewhere.example/p.xml"])
def test_metadata_outside_of_the_repository(href: str) -> None:
    text = f'<repomd><data type="primary"><location href="{href}"/></data></repomd>'
    with pytest.raises(PxeError, match=r"repomd\.xml gives"):
        repodata.parse_repomd(text.encode())


def test_unknown_checksum() -> None:
    with pytest.raises(PxeError, match="of the kind 'rot13'"):
        repodata.check(b"", ("rot13", ""))


def test_index_of_a_tree(tmp_path: pathlib.Path) -> None:
    other = {"primary": ("p.xml", primary(package("zsh", "zsh.rpm"), package("bash", "bash.rpm")))}
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


# Printable, without what XML cannot hold.
TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc")), min_size=1
)
NAMES = TEXT.map(str.strip).filter(bool)
HREFS = st.from_regex(r"[A-Za-z0-9_+~^-]{1,8}(/[A-Za-z0-9_+~^&'\"<-]{1,8}){0,2}\.rpm", fullmatch=True)


@given(st.lists(st.tuples(NAMES, HREFS, st.integers(0, 2**40)), max_size=5))
def test_reads_whatever_is_written(items: list[tuple[str, str, int]]) -> None:
    found = repodata.parse_primary(primary(*(package(*item) for item in items)))
    assert [(one.name, one.href, one.size) for one in found] == items


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_garbage_is_an_error_of_ours_or_empty(data: bytes) -> None:
    for parse in (
        repodata.parse_primary,
        repodata.parse_repomd,
        repodata.parse_comps,
        repodata.parse_modules,
    ):
        with contextlib.suppress(PxeError):
            assert parse(repodata.unpack(data)) in ([], ({}, {}))


# Hostile metadata

HOSTILE = """
import gzip, lzma, bz2, resource, sys
from ansible_collections.netinstall.pxe.plugins.module_utils import _repodata
head, piece = b"<metadata>" + {between!r}, {piece!r} * (1 << 20)
pack = {{"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}}["{kind}"]
data = pack(head + piece * ({size} // len(piece)))
del piece
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    _repodata.parse_primary(_repodata.pieces(data))
except _repodata.PxeError as exc:
    print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, exc)
"""


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
@pytest.mark.parametrize(
    ("between", "piece"), [(b"", b" "), (b"<package>", b"<a/>"), (b"<package>", b"x"), (b"<", b"a")]
)
def test_what_is_small_when_packed_does_not_fill_the_memory(kind: str, between: bytes, piece: bytes) -> None:
    size = 64 << 20
    script = HOSTILE.format(between=between, piece=piece, kind=kind, size=size)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    before, after, message = done.stdout.split(" ", 2)
    assert "has an element of more than 8 MiB or 200000 parts" in message, done.stderr
    # In KiB. The packer's own work counts before.
    assert int(after) - int(before) < 100_000


def test_an_element_of_many_parts_is_damage() -> None:
    """Each is some bytes in the file, and a hundred in the memory."""
    parts = b"<a/>" * repodata._MOST_ELEMENTS
    assert len(parts) < 1 << 20
    package = b"<metadata><package>"
    with pytest.raises(PxeError, match="more than 8 MiB or 200000 parts"):
        repodata.parse_primary(package + parts)
    # Not of a list as a whole.
    group = b"<group><id>x</id>" + parts[: len(parts) // 2] + b"</group>"
    assert list(repodata.parse_comps(b"<comps>" + group * 3 + b"</comps>")[0]) == ["x"]


def test_what_was_read_is_not_kept() -> None:
    """A list may be larger than the memory, if its elements are not."""
    data = b"<comps>" + b"<category/>" * 200_000 + b"</comps>"
    tracemalloc.start()
    assert repodata.parse_comps(data) == ({}, {})
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 << 20


def test_no_file_unpacks_to_more_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repodata, "LARGEST_UNPACKED", 1 << 20)
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert len(repodata.unpack(pack(b" " * (1 << 20)))) == 1 << 20
        with pytest.raises(PxeError, match="larger than 1 MiB when it is unpacked"):
            repodata.unpack(pack(b" " * ((1 << 20) + 1)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize(
    "declared", ['<!DOCTYPE x [<!ENTITY a "b">]>', "<!DOCTYPE x [<!ELEMENT a ANY>]>", "<!DOCTYPE x [ ]>"]
)
def test_no_encoding_hides_entities(encoding: str, declared: str) -> None:
    name = "utf-16" if encoding.startswith("utf-16") else encoding
    text = f'<?xml version="1.0" encoding="{name}"?>{declared}<comps><group><id>x</id></group></comps>'
    with pytest.raises(PxeError, match="declares XML entities or a document type"):
        repodata.parse_comps(text.encode(encoding))
    with pytest.raises(PxeError, match="declares XML entities or a document type"):
        repodata.parse_comps(bytes([byte]) for byte in text.encode(encoding))


def test_a_list_of_modules_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "document: modulemd\ndata:\n" + " " * 2_000_000 + "\n" * 100_000 + "  name: x\n  stream: y\n"
    assert repodata.parse_modules(hostile.encode()) == ["x:y"]
    monkeypatch.setattr(repodata, "_LARGEST_MODULES", 1 << 20)
    with pytest.raises(PxeError, match="larger than 1 MiB"):
        repodata.parse_modules(hostile.encode())


def test_a_line_of_modules_is_not_kept_as_a_whole() -> None:
    pieces = (b"x" * (1 << 16) for _number in range(500))
    tracemalloc.start()
    assert repodata.parse_modules(pieces) == []
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize("bound", ["_MOST_PACKAGES", "_MOST_NAMES"])
def test_a_list_of_packages_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    data = primary(*(package(name, f"{name}.rpm") for name in ("a", "b", "c")))
    assert len(repodata.parse_primary(data)) == 3
    monkeypatch.setattr(repodata, bound, 2 if bound == "_MOST_PACKAGES" else -1)
    with pytest.raises(PxeError, match="lists more than"):
        repodata.parse_primary(data)


def test_a_stored_file_is_bounded(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repodata").mkdir()
    (tmp_path / "repodata/repomd.xml").write_bytes(b" " * ((1 << 20) + 1))
    monkeypatch.setattr(repodata, "LARGEST", 1 << 20)
    with pytest.raises(PxeError, match="is larger than 1 MiB"):
        repodata.read_folder(str(tmp_path))


def test_xz_takes_no_more_memory_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lzma.compress(b"x" * 100, preset=6)
    assert repodata.unpack(data) == b"x" * 100
    monkeypatch.setattr(repodata, "_XZ_MEMORY", 1 << 20)
    with pytest.raises(PxeError, match="cannot be unpacked"):
        repodata.unpack(data)
