# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of the lab share."""

from __future__ import annotations

import pathlib

import _common
import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_build_happens_once(cache: pathlib.Path) -> None:
    built = []

    def build(work: pathlib.Path) -> None:
        built.append(work)
        (work / "disk").write_text("x", encoding="utf-8")

    first, second = _common.cached("image-1", build), _common.cached("image-1", build)
    assert first == second == cache / "image-1"
    assert (first / "disk").exists()
    assert len(built) == 1


def test_an_interrupted_build_leaves_nothing_that_looks_finished(cache: pathlib.Path) -> None:
    def fail(work: pathlib.Path) -> None:
        (work / "disk").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _common.cached("image-1", fail)
    assert [path for path in cache.iterdir() if path.is_dir()] == []


def test_what_a_killed_build_left_goes(cache: pathlib.Path) -> None:
    left = cache / ".image-1.abc"
    left.mkdir(parents=True)
    (left / "disk").write_text("half", encoding="utf-8")
    (cache / ".image-2.abc").mkdir()
    _common.cached("image-1", lambda work: (work / "disk").touch())
    assert sorted(path.name for path in cache.iterdir() if path.is_dir()) == [".image-2.abc", "image-1"]


def test_the_key_depends_on_each_input_and_on_their_borders(tmp_path: pathlib.Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("a", encoding="utf-8")
    keys = {
        _common.key_of("a", "b"),
        _common.key_of("ab"),
        _common.key_of("b", "a"),
        _common.key_of(listed, "c"),
    }
    assert len(keys) == 4
    assert _common.key_of(listed) == _common.key_of("a")


def test_debian_uris_are_those_of_debian() -> None:
    listing = "http://m/debian/ bookworm\nhttp://m/debian/ bookworm-updates\nhttp://m/sec bookworm-security\n"
    listing += "https://other/node nodistro\nhttps://other/debian bullseye-backports-sloppy\n"
    assert _common.debian_uris(listing) == {"http://m/debian": "main", "http://m/sec": "security"}


def test_apt_options_are_those_about_mirrors() -> None:
    dump = "\n".join(
        [
            'Acquire::http::Proxy "http://p:3128";',
            'Acquire::https::CAInfo "/etc/ca.pem";',
            'Acquire::https::Verify-Peer "";',
            'Acquire::Check-Valid-Until "false";',
            'Acquire::Languages "none";',
            'APT::Update::Post-Invoke:: "rm -rf /";',
        ]
    )
    assert _common.apt_options(dump) == [dump.splitlines()[index] for index in (0, 1, 3)]


def test_a_missing_program_names_the_package_list() -> None:
    with pytest.raises(_common.LabError, match=r"no-such-program is not installed.*packages\.txt"):
        _common.run(["no-such-program"])


def test_a_failed_program_shows_its_last_words() -> None:
    with pytest.raises(_common.LabError, match=r"(?s)status 3.*broken"):
        _common.run(["sh", "-c", "echo broken >&2; exit 3"])


def test_words_of_a_list(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "list"
    path.write_text("# why\na\n\nb # and why\n", encoding="utf-8")
    assert _common.words_of(path) == ["a", "b"]
