# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import io
import random
import shutil
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mediacheck
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.tests.unit.iso_images import build
from hypothesis import given
from hypothesis import strategies as st

needs_programs = pytest.mark.skipif(not shutil.which("implantisomd5"), reason="needs isomd5sum")


def image_file(path: Path, megabytes: int) -> Path:
    path.write_bytes(build({"data": random.Random(7).randbytes(megabytes * 1_000_000)}))
    return path


@pytest.fixture(scope="module")
def implanted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image of 5 MB into which isomd5sum's own program has written its words."""
    path = image_file(tmp_path_factory.mktemp("iso") / "x.iso", 5)
    subprocess.run(["implantisomd5", str(path)], check=True, stdout=subprocess.DEVNULL)
    return path


def look(data: bytes, verify: bool = True) -> mediacheck.Result:
    return mediacheck.look(Image(io.BytesIO(data)), verify)


def says_the_program(path: Path) -> str:
    """What checkisomd5 says, by its exit status."""
    done = subprocess.run(["checkisomd5", str(path)], check=False, capture_output=True)
    return {0: "passed", 1: "failed", 2: "none"}.get(done.returncode, f"exit status {done.returncode}")


@needs_programs
def test_reads_what_the_program_has_written(implanted: Path) -> None:
    found = mediacheck.read(Image(io.BytesIO(implanted.read_bytes())))
    assert found
    assert found.skipped_sectors == 15
    assert [len(digits) for digits in found.fragments] == [3] * 20
    assert look(implanted.read_bytes(), verify=False) == ("present", None)
    assert look(implanted.read_bytes()) == ("passed", None)


@needs_programs
@pytest.mark.parametrize(
    ("position", "status"),
    [
        (0, "failed"),
        (40_000, "failed"),
        (2_500_000, "failed"),
        (4_900_000, "failed"),
        # Its own words do not count, nor do the last 15 sectors.
        (32768 + 883 + 500, "passed"),
        (-1000, "passed"),
    ],
)
def test_agrees_with_the_program(implanted: Path, tmp_path: Path, position: int, status: str) -> None:
    data = bytearray(implanted.read_bytes())
    data[position] ^= 0xFF
    damaged = tmp_path / "damaged.iso"
    damaged.write_bytes(data)
    found = look(bytes(data))
    assert found.status == status == says_the_program(damaged)
    if found.damage:
        assert found.damage[0] <= position < found.damage[1]
        assert found.damage[1] - found.damage[0] < 700_000


@needs_programs
@given(st.data())
def test_any_damage_is_found_where_it_is(implanted: Path, data: st.DataObject) -> None:
    content = bytearray(implanted.read_bytes())
    position = data.draw(st.integers(40_000, len(content) - 15 * 2048 - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    found = look(bytes(content))
    assert found.status == "failed"
    assert found.damage
    begin, end = found.damage
    # Of a fragment's sum the image holds three digits: one damage in 4,096 shows in the next fragment only.
    assert begin - (end - begin) <= position < end


def test_without_words() -> None:
    data = build({"a": b"1"})
    assert look(data) == look(data, verify=False) == ("none", None)


# What is tried without the program: words written here.


def with_words(words: str, data: bytes | None = None) -> bytes:
    content = bytearray(data or build({"data": bytes(range(256)) * 4000}))
    at = 32768 + 883
    content[at : at + 512] = b" " * 512
    if "%s" in words:
        words %= hashlib.md5(content[: len(content) - 2 * 2048]).hexdigest()
    content[at : at + len(words)] = words.encode()
    return bytes(content)


def test_old_images_have_no_fragments() -> None:
    good = with_words("ISO MD5SUM = %s;SKIPSECTORS = 2;RHLISOSTATUS=0;")
    assert look(good) == ("passed", None)
    bad = bytearray(good)
    bad[100_000] ^= 1
    found = look(bytes(bad))
    assert found.status == "failed"
    assert found.damage == (0, len(good) - 2 * 2048)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "ISO MD5SUM = 123;SKIPSECTORS = 15;",
        "ISO MD5SUM = %s;",
        "ISO MD5SUM = %s;SKIPSECTORS = -1;",
        "made by something else; 1.0",
    ],
)
def test_other_words(words: str) -> None:
    assert look(with_words(words)).status == "none"


@pytest.mark.parametrize(
    "fragments",
    [
        "FRAGMENT SUMS = ;FRAGMENT COUNT = 20;",
        "FRAGMENT SUMS = abc;FRAGMENT COUNT = 0;",
        "FRAGMENT SUMS = abc;FRAGMENT COUNT = x;",
        "FRAGMENT SUMS = abc;FRAGMENT COUNT = 99;",
    ],
)
def test_odd_fragments_do_not_matter(fragments: str) -> None:
    assert look(with_words(f"ISO MD5SUM = %s;SKIPSECTORS = 2;{fragments}")).status == "passed"


@dataclass
class Words:
    """An image of nothing but words."""

    application_use: bytes
    size: int = 100_000
    application_use_at: int = 883

    def raw(self, length: int, piece: int) -> t.Iterator[bytes]:
        return (b"x" * min(piece, length - at) for at in range(0, length, piece))


@given(st.binary() | st.text(st.sampled_from("ISO MD5SUM=0123;FRAGENTCOUSKP \0")).map(str.encode))
def test_takes_any_words(words: bytes) -> None:
    prefix = b"ISO MD5SUM = %s;SKIPSECTORS = 1;" % (b"0" * 32)
    assert mediacheck.look(Words(words), verify=True).status in ("none", "failed")
    assert mediacheck.look(Words(prefix + words), verify=True).status == "failed"
