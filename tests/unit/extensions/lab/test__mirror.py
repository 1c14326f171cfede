# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists from a real mirror on the loopback interface, which is broken as real ones are in the middle of an update."""

from __future__ import annotations

import functools
import http.server
import os
import pathlib
import shutil
import subprocess
import threading
import typing as t

import _common
import _images
import _live_iso
import _mirror
import pytest

UDEB = (
    "Package: anna\nVersion: 1\nArchitecture: amd64\nFilename: pool/a.udeb\nSize: 1\nSHA256: "
    + "0" * 64
    + "\n"
)
INDEX = "main/debian-installer/binary-amd64"
COMPONENTS = "main main/debian-installer"


def gpg(home: pathlib.Path, *words: str) -> None:
    subprocess.run(
        ["gpg", "--homedir", str(home), "--batch", "--quiet", "--yes", *words], check=True, timeout=60
    )


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: t.Any) -> None:
        """Says nothing."""


class Mirror:
    """A mirror with one release under its codename and, if asked, its alias."""

    def __init__(self, root: pathlib.Path, keys: pathlib.Path, uri: str) -> None:
        self.root, self.keys, self.uri = root, keys, uri

    def write(self, suite: str, codename: str = "trixie", udebs: str = UDEB) -> None:
        """Writes a suite, signed and whole."""
        dist = self.root / "dists" / suite
        for folder, text in (("main/binary-amd64", UDEB.replace("anna", "acl")), (INDEX, udebs)):
            (dist / folder).mkdir(parents=True, exist_ok=True)
            (dist / folder / "Packages").write_text(text, encoding="utf-8")
            subprocess.run(["xz", "-kf", str(dist / folder / "Packages")], check=True, timeout=20)
        for name in ("Release", "InRelease"):
            (dist / name).unlink(missing_ok=True)
        fields = {"Codename": codename, "Architectures": "amd64", "Components": "main main/debian-installer"}
        words = [
            word
            for name, value in fields.items()
            for word in ("-o", f"APT::FTPArchive::Release::{name}={value}")
        ]
        done = subprocess.run(
            ["apt-ftparchive", *words, "release", str(dist)], capture_output=True, check=True, timeout=60
        )
        (dist / "Release").write_bytes(done.stdout)
        gpg(self.keys, "--clearsign", "-o", str(dist / "InRelease"), str(dist / "Release"))

    def update_half(self, suite: str) -> None:
        """Brings a new index of the installer, while InRelease is still the old one."""
        index = self.root / "dists" / suite / INDEX / "Packages"
        index.write_text(UDEB.replace("Version: 1", "Version: 1+deb13u2"), encoding="utf-8")
        subprocess.run(["xz", "-kf", str(index)], check=True, timeout=20)

    def source(self) -> _mirror.Source:
        return _mirror.Source(self.uri, "trixie", COMPONENTS, "trixie", str(self.keys / "ring.gpg"))

    def lists(self, home: pathlib.Path) -> list[tuple[str, str]]:
        """Package and version of all lists that the lab takes from it."""
        apt = _mirror.whole_lists(home, [self.source()], [])
        return [
            (one["Package"], one["Version"])
            for component in COMPONENTS.split()
            for one in apt.index(component)
        ]


@pytest.fixture(scope="module")
def keys() -> t.Iterator[pathlib.Path]:
    if shutil.which("apt-ftparchive") is None:
        pytest.skip("the lab's images are built on Debian only; this machine has no apt")
    # gpg-agent's socket must have a short path.
    home = pathlib.Path(f"/tmp/netinstall-gpg-{os.getpid()}")
    home.mkdir(mode=0o700)
    gpg(
        home,
        "--passphrase",
        "",
        "--quick-generate-key",
        "Mirror <mirror@lab.example>",
        "rsa2048",
        "sign",
        "1d",
    )
    gpg(home, "--export", "-o", str(home / "ring.gpg"))
    yield home
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=20)
    shutil.rmtree(home)


@pytest.fixture
def mirror(tmp_path: pathlib.Path, keys: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Mirror]:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    root = tmp_path / "mirror"
    root.mkdir()
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(root))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Mirror(root, keys, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


WHOLE = [("acl", "1"), ("anna", "1")]


def test_a_whole_suite_is_taken_by_its_name(
    mirror: Mirror, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.write("trixie")
    assert mirror.lists(tmp_path / "apt") == WHOLE
    assert capsys.readouterr().out == ""


def test_in_the_middle_of_an_update_the_alias_is_taken(
    mirror: Mirror, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.write("trixie")
    mirror.update_half("trixie")
    mirror.write("stable")
    assert mirror.lists(tmp_path / "apt") == WHOLE
    assert "trixie is not whole on the mirror; taking stable" in capsys.readouterr().out


def test_a_release_whose_alias_has_moved_on_is_found_under_its_next_one(
    mirror: Mirror, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.write("trixie")
    mirror.update_half("trixie")
    mirror.write("stable", codename="forky")
    mirror.write("oldstable")
    assert mirror.lists(tmp_path / "apt") == WHOLE
    assert "taking oldstable" in capsys.readouterr().out


def test_without_a_whole_alias_the_kept_lists_are_taken(
    mirror: Mirror, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.write("trixie")
    mirror.lists(tmp_path / "first")
    mirror.update_half("trixie")
    mirror.write("stable")
    mirror.update_half("stable")
    assert mirror.lists(tmp_path / "second") == WHOLE
    assert "taking those kept on 2" in capsys.readouterr().out


def test_kept_lists_know_the_name_under_which_they_came(
    mirror: Mirror, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.write("trixie")
    mirror.update_half("trixie")
    mirror.write("stable")
    mirror.lists(tmp_path / "first")
    shutil.rmtree(mirror.root / "dists")
    assert mirror.lists(tmp_path / "second") == WHOLE
    assert capsys.readouterr().out.endswith("(stable)\n")


def test_newer_lists_replace_those_that_were_kept(mirror: Mirror, tmp_path: pathlib.Path) -> None:
    mirror.write("trixie")
    mirror.lists(tmp_path / "first")
    mirror.write("trixie", udebs=UDEB.replace("Version: 1", "Version: 3"))
    mirror.lists(tmp_path / "second")
    shutil.rmtree(mirror.root / "dists")
    assert mirror.lists(tmp_path / "third") == [("acl", "1"), ("anna", "3")]


@pytest.mark.parametrize("alias", ["none", "of another release", "unsigned", "half"])
def test_what_is_not_whole_and_signed_is_never_taken(
    mirror: Mirror, tmp_path: pathlib.Path, alias: str
) -> None:
    mirror.write("trixie")
    mirror.update_half("trixie")
    if alias != "none":
        mirror.write("stable", codename="forky" if alias == "of another release" else "trixie")
    if alias == "half":
        mirror.update_half("stable")
    if alias == "unsigned":
        shutil.copy(mirror.root / "dists/stable/Release", mirror.root / "dists/stable/InRelease")
    with pytest.raises(_common.LabError) as error:
        mirror.lists(tmp_path / "apt")
    told = str(error.value)
    assert told.startswith(f"{mirror.uri} does not have trixie whole and signed")
    assert "Packages.xz File has unexpected size" in told
    assert "let this machine's apt use another mirror" in told
    assert "\n" not in told


@pytest.mark.usefixtures("keys")
def test_a_mirror_that_does_not_answer(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself apt only warns of it, and succeeds."""
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    source = _mirror.Source("http://127.0.0.1:9", "trixie", COMPONENTS, "trixie")
    with pytest.raises(_common.LabError, match="does not have trixie whole and signed"):
        _mirror.whole_lists(tmp_path / "apt", [source], [])


def test_each_suite_is_taken_by_its_own_name(
    mirror: Mirror, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.write("trixie")
    mirror.write("trixie-updates", codename="trixie-updates")
    mirror.update_half("trixie-updates")
    mirror.write("stable-updates", codename="trixie-updates")
    sources = [mirror.source(), mirror.source()._replace(suite="trixie-updates", name="trixie-updates")]
    apt = _mirror.whole_lists(tmp_path / "apt", sources, [])
    assert sorted(apt.targets("$(RELEASE)"))[::2] == ["stable-updates", "trixie"]
    assert "taking stable-updates" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("updates", "suites"),
    [(True, ["trixie", "trixie-updates", "trixie-security"]), (False, ["trixie"])],
)
def test_sources_of_another_release(
    monkeypatch: pytest.MonkeyPatch, updates: bool, suites: list[str]
) -> None:
    listing = "http://m/debian/ bookworm\nhttp://m/sec/ bookworm-security\n"
    monkeypatch.setattr(_mirror, "run", lambda *_words: listing)
    assert [source.suite for source in _mirror.debian_sources("trixie", updates=updates)] == suites


def test_a_machine_without_debian_sources_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mirror, "run", lambda *_words: "http://archive/ubuntu noble\n")
    with pytest.raises(_common.LabError, match="no source for Debian"):
        _mirror.debian_sources("trixie")


def test_systems_are_made_from_the_lists_that_were_checked(mirror: Mirror, tmp_path: pathlib.Path) -> None:
    """A second update by mmdebstrap would find the mirror as it is by then."""
    mirror.write("trixie")
    apt = _mirror.whole_lists(tmp_path / "apt", [mirror.source()], [])
    words = _images.mmdebstrap("trixie", tmp_path / "root.tar", apt, [], ["acl"], [])
    assert "--skip=update" in words
    assert f'--setup-hook=copy-in "{apt.lists}" /var/lib/apt' in words
    assert words[-1] == str(apt.sources)


def test_the_code_of_an_image_is_all_that_makes_it() -> None:
    names = {path.name for path in _common.code_of(_live_iso.__file__)}
    assert names == {"_live_iso.py", "_images.py", "_mirror.py", "_packages.py"}


def test_the_live_image_is_built_anew_when_what_makes_it_changes(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its list of packages lies in its own file, what is asked of mmdebstrap in another."""
    monkeypatch.setattr(_mirror, "run", lambda *_words: "http://m/debian/ bookworm\n")
    monkeypatch.setattr(_live_iso, "run", lambda *_words: "")
    names: list[str] = []

    def cached(name: str, _build: object) -> pathlib.Path:
        names.append(name)
        return tmp_path

    monkeypatch.setattr(_live_iso, "cached", cached)
    copy = shutil.copytree(_common.HERE, tmp_path / "lab")
    monkeypatch.setattr(_live_iso, "__file__", str(copy / "_live_iso.py"))
    _live_iso.live_iso()
    _live_iso.live_iso()
    for change in ("_images.py", "_live_iso.py", "_mirror.py"):
        with (copy / change).open("a", encoding="utf-8") as handle:
            handle.write("# changed\n")
        _live_iso.live_iso()
    monkeypatch.setattr(_live_iso, "PACKAGES", (*_live_iso.PACKAGES, "nano"))
    _live_iso.live_iso()
    assert names[0] == names[1]
    assert len(set(names)) == 5
