# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import io
import itertools
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

import pycdlib
import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._media import iso
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import SECTOR, Image, IsoError
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Content, Link, build
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LONG = "a-name-that-needs-a-continuation-area-" + "x" * 200
FILES: dict[str, Content] = {
    "readme": b"hello\n",
    "Folder/Deep/file.TXT": b"deep\n",
    "empty": b"",
    "big": bytes(range(256)) * 9000,
    LONG: b"long\n",
    "link": Link("Folder/Deep/file.TXT"),
    "Folder/up": Link("../readme"),
    "Folder/absolute": Link("/readme"),
    "Folder/self": Link("."),
    "to-folder": Link("Folder/Deep"),
    "broken": Link("nowhere"),
    "loop": Link("loop"),
}


def image_of(data: bytes) -> Image:
    return Image(io.BytesIO(data))


@pytest.fixture(scope="module")
def rock() -> Image:
    return image_of(build(FILES, volume_id="Some Disc 1"))


def test_volume(rock: Image) -> None:
    assert rock.volume_id == "Some Disc 1"
    assert rock.size == rock.actual_size
    assert rock.size % SECTOR == 0
    assert rock.missing == 0


@pytest.mark.parametrize("path", [path for path, content in FILES.items() if isinstance(content, bytes)])
def test_reads_files(rock: Image, path: str) -> None:
    assert rock.read(path) == FILES[path]
    assert rock.read(f"/{path}") == FILES[path]
    assert rock.exists(path)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("link", b"deep\n"),
        ("Folder/up", b"hello\n"),
        ("Folder/absolute", b"hello\n"),
        ("Folder/self/Deep/file.TXT", b"deep\n"),
        ("to-folder/file.TXT", b"deep\n"),
        ("to-folder/../up", b"hello\n"),
        ("../../readme", b"hello\n"),
        ("Folder/./Deep//file.TXT", b"deep\n"),
    ],
)
def test_follows_links(rock: Image, path: str, content: bytes) -> None:
    assert rock.read(path) == content


@pytest.mark.parametrize(
    "path", ["nothing", "README", "readme/x", "broken", "loop", "Folder", "", "Folder/Deep/file.txt"]
)
def test_what_is_no_file_is_none(rock: Image, path: str) -> None:
    assert rock.read(path) is None
    assert rock.chunks(path) is None


def test_lists(rock: Image) -> None:
    assert rock.listdir() == sorted({path.split("/")[0] for path in FILES})
    assert rock.listdir("to-folder") == ["file.TXT"]
    assert rock.listdir("readme") == rock.listdir("nothing") == []


def test_walks_through_everything(rock: Image) -> None:
    found = dict(rock.walk())
    assert {path for path, entry in found.items() if not entry.is_folder} == set(FILES)
    assert {path for path, entry in found.items() if entry.is_folder} == {"Folder", "Folder/Deep"}
    order = list(found)
    assert order.index("Folder") < order.index("Folder/Deep") < order.index("Folder/Deep/file.TXT")
    for path, content in FILES.items():
        if isinstance(content, Link):
            assert found[path].target == str(content)
        else:
            assert b"".join(rock.content(found[path])) == content


def damaged(change: t.Callable[[bytearray], None]) -> Image:
    data = bytearray(build({"FOLDER/AA": b"1", "FOLDER/BB": b"2"}, rock_ridge=False))
    change(data)
    return image_of(bytes(data))


def record(data: bytearray, name: bytes) -> int:
    """Where the directory record of a name begins (ECMA-119 9.1: its name is at byte 33)."""
    return data.rindex(bytes([len(name)]) + name) - 32


def folder_in_itself(data: bytearray) -> None:
    start, folder = record(data, b"AA.;1"), record(data, b"FOLDER")
    data[start + 2 : start + 18] = data[folder + 2 : folder + 18]
    data[start + 25] |= 2


def content_outside(data: bytearray) -> None:
    start = record(data, b"AA.;1")
    data[start + 10 : start + 14] = b"\xff\xff\xff\x7f"


def name_with_slash(data: bytearray) -> None:
    start = record(data, b"AA.;1")
    data[start + 33 : start + 36] = b"../"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (folder_in_itself, "has the folder 'folder/aa' inside itself"),
        (content_outside, "the image ends at byte .* but refers to 2147483647 bytes"),
        (name_with_slash, r"has an impossible name, '../"),
    ],
)
def test_refuses_to_walk_through_damaged_folders(change: t.Callable[[bytearray], None], message: str) -> None:
    with pytest.raises(IsoError, match=message):
        list(damaged(change).walk())


def test_knows_links(rock: Image) -> None:
    assert rock.is_link("link")
    assert rock.is_link("Folder/up")
    assert not rock.is_link("Folder")
    assert not rock.is_link("nothing/at/all")


def test_reads_in_pieces_and_to_a_limit(rock: Image) -> None:
    pieces = list(rock.chunks("big") or ())
    assert len(pieces) == 3
    assert b"".join(pieces) == FILES["big"]
    assert rock.read("big", limit=300) == bytes(range(256)) + bytes(range(44))


def test_what_is_behind_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_of(build({"big": bytes(5 << 20)}))
    sizes = sizes_read(image, monkeypatch)
    assert image.read("big", limit=10) == bytes(10)
    assert sum(sizes) < 2 << 20


def sizes_read(image: Image, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much is read of an image at a time, from now on."""
    sizes: list[int] = []
    read_at = image._read_at

    def counted(offset: int, length: int) -> bytes:
        sizes.append(length)
        assert len(sizes) < 1000, "it never ends"
        return read_at(offset, length)

    monkeypatch.setattr(image, "_read_at", counted)
    return sizes


def test_plain_names_are_those_that_linux_shows() -> None:
    image = image_of(build({"README": b"1", "SUB/FILE.TXT": b"2"}, rock_ridge=False))
    assert image.listdir() == ["readme", "sub"]
    assert image.read("sub/file.txt") == b"2"


def test_joliet_names_are_used_without_rock_ridge() -> None:
    files: dict[str, bytes] = {"ReadMe.Txt": b"1", "Ünïcode": b"2", "Sub/x": b"3"}
    image = pytest.importorskip("pycdlib").PyCdlib()
    image.new(joliet=3)
    image.add_directory("/D", joliet_path="/Sub")
    for number, (path, content) in enumerate(files.items()):
        where = "/D" if "/" in path else ""
        image.add_fp(io.BytesIO(content), len(content), f"{where}/F{number}.;1", joliet_path=f"/{path}")
    out = io.BytesIO()
    image.write_fp(out)
    read = image_of(out.getvalue())
    assert {path: read.read(path) for path in files} == files


def test_rock_ridge_goes_before_joliet() -> None:
    assert image_of(build({"a:b?c": b"1"}, joliet=False)).listdir() == ["a:b?c"]
    assert image_of(build({"name": b"1"}, joliet=True)).listdir() == ["name"]


def test_relocated_folders() -> None:
    """ISO 9660 allows eight levels; Rock Ridge moves deeper folders elsewhere and says so."""
    deep = "/".join(f"level-{number}" for number in range(12))
    image = image_of(build({f"{deep}/file": b"deep"}))
    assert image.read(f"{deep}/file") == b"deep"
    assert image.listdir(deep) == ["file"]
    assert image.listdir(f"{deep}/../..") == ["level-10"]
    # Where they really are is kept out of sight, as Linux does.
    assert image.listdir("rr_moved") == []


def test_files_of_several_sections() -> None:
    """Files beyond 4 GiB are several records of one name (ECMA-119 6.5.1); here two small ones."""
    data = bytearray(build({"AA": b"x" * SECTOR, "AB": b"y" * 10}, rock_ridge=False))
    record = data.index(b"AA.;1") - 33
    data[record + 25] |= 0x80
    assert image_of(bytes(data)).read("ab") == b"x" * SECTOR + b"y" * 10


@pytest.mark.skipif(not shutil.which("xorriso"), reason="needs xorriso")
def test_an_image_of_the_usual_tool(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "dists/trixie").mkdir(parents=True)
    (tree / "dists/trixie/Release").write_text("Codename: trixie\n")
    (tree / "dists/stable").symlink_to("trixie")
    (tree / LONG).write_text("long")
    os.utime(tree / LONG, (1400000123, 1400000123))
    for number in range(300):
        (tree / f"file-{number}").touch()
    target = tmp_path / "x.iso"
    command = ["xorriso", "-as", "mkisofs", "-quiet", "-V", "Debian 13", "-r", "-J", "-joliet-long"]
    # West of Greenwich, by three hours and a half.
    zone = {**os.environ, "TZ": "NST3:30"}
    subprocess.run([*command, "-o", str(target), str(tree)], check=True, capture_output=True, env=zone)
    with target.open("rb") as file:
        image = Image(file)
        assert (image.volume_id, image.missing) == ("Debian 13", 0)
        assert image.read("dists/stable/Release") == b"Codename: trixie\n"
        assert image.read(LONG) == b"long"
        assert len(image.listdir()) == 302
        entry = image.lookup(LONG)
        assert entry
        assert entry.modified == 1400000123


# Damage


def test_notices_how_much_is_missing() -> None:
    data = build({"a": b"x" * 10 * SECTOR})
    image = image_of(data[:-100])
    assert image.missing == 100


def test_data_that_are_missing_are_an_error() -> None:
    data = build({"a": b"x" * 10 * SECTOR})
    image = image_of(data[: -5 * SECTOR])
    with pytest.raises(IsoError, match=r"ends at byte \d+, but refers to"):
        image.read("a")


SMALL = build({"a/b": b"1", "c": Link("a/b"), "d" * 230: b"2"}, joliet=False)


def walk(image: Image, folder: str = "", depth: int = 0) -> None:
    """Touch all that there is, to a bound: a damaged image may hold itself."""
    for name in itertools.islice(image.listdir(folder), 20):
        path = f"{folder}/{name}"
        image.is_link(path)
        image.read(path, limit=SECTOR)
        if depth < 3:
            walk(image, path, depth + 1)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(16 * SECTOR, len(SMALL) - 1), st.integers(0, 255)), max_size=12))
def test_damage_is_an_iso_error_and_nothing_else(bytes_changed: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL)
    for position, value in bytes_changed:
        data[position] = value
    with contextlib.suppress(IsoError):
        walk(image_of(bytes(data)))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(SMALL)))
def test_a_cut_image_is_an_iso_error_and_nothing_else(length: int) -> None:
    try:
        image = image_of(SMALL[:length])
        assert image.missing == len(SMALL) - length
        walk(image)
    except IsoError:
        pass


NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/;"), min_size=1, max_size=60
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(NAMES.filter(lambda name: name not in (".", "..")), st.binary(max_size=5000), max_size=12)
)
def test_reads_what_was_written(files: dict[str, bytes]) -> None:
    image = image_of(build(t.cast("dict[str, Content]", files)))
    assert image.listdir() == sorted(files)
    assert {name: image.read(name) for name in files} == files


# Hostile images


@pytest.mark.parametrize(
    ("target", "out"),
    [
        ("/etc/passwd", True),
        ("/", True),
        ("..", True),
        ("folder/../..", True),
        ("nowhere/../../x", True),
        ("up/..", True),
        ("loop", True),
        ("folder/out", True),
        ("folder/file", False),
        ("folder/..", False),
        ("./up/folder", False),
        ("nowhere/file", False),
    ],
)
def test_which_links_lead_out(target: str, out: bool) -> None:
    files: dict[str, Content] = {
        "folder/file": b"",
        "folder/out": Link("../../x"),
        "up": Link("folder/.."),
        "loop": Link("loop"),
        "link": Link(target),
    }
    image = Image(io.BytesIO(build(files)))
    found = image.links_out()
    assert ("link" in found) is out
    assert found["folder/out"] == "../../x"
    assert "up" not in found


def test_debians_own_links_lead_nowhere_out() -> None:
    files: dict[str, Content] = {
        "dists/trixie/Release": b"",
        "dists/stable": Link("trixie"),
        "debian": Link("."),
        "firmware/a": Link("../pool/a"),
    }
    assert Image(io.BytesIO(build(files))).links_out() == {}


def test_of_two_entries_of_one_name_the_first_counts() -> None:
    data = build({"aa": Link("/etc"), "bb/file": b"x"})
    # Rock Ridge's name of the folder becomes that of the link.
    assert data.count(b"NM\x07\x01\x00bb") == 1
    image = Image(io.BytesIO(data.replace(b"NM\x07\x01\x00bb", b"NM\x07\x01\x00aa")))
    found = [(path, entry.target) for path, entry in image.walk()]
    assert found == [("aa", "/etc")]
    assert image.is_link("aa")


def test_links_that_linux_would_see_and_we_not_are_damage() -> None:
    data = build({"aa": Link("/etc")})
    for extension in (b"RRIP_1991A", b"IEEE_P1282"):
        data = data.replace(extension, b"X" * 10)
    image = Image(io.BytesIO(data))
    with pytest.raises(IsoError, match=r"links .*without Rock Ridge"):
        list(image.walk())


def test_an_absurd_number_of_files_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso, "_MOST_ENTRIES", 3)
    image = Image(io.BytesIO(build({"a": b"", "b": b"", "c": b""})))
    assert len(list(image.walk())) == 3
    data = build({"aa": b"", "bb": b"", "cc": b"", "dd": b""})
    # Those of one name count, too: each is read.
    for image_data in (data, data.replace(b"NM\x07\x01\x00dd", b"NM\x07\x01\x00cc")):
        with pytest.raises(IsoError, match="more than 3 files"):
            list(image_of(image_data).walk())


def test_an_absurdly_large_folder_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    image = image_of(build({"a": b""}))
    monkeypatch.setattr(iso, "_LARGEST_FOLDER", SECTOR - 1)
    with pytest.raises(IsoError, match=f"claims {SECTOR} bytes: the image is damaged"):
        list(image.walk())


def test_continuations_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that leads to itself, and says that it is large (SUSP 5.1)."""
    data = build({"a": b""})
    data += bytes(-len(data) % SECTOR)
    numbers = (len(data) // SECTOR, 0, 1 << 20)
    entry = b"CE\x1c\x01" + b"".join(n.to_bytes(4, "little") + n.to_bytes(4, "big") for n in numbers)
    image = image_of(data + entry + bytes(1 << 20))
    sizes = sizes_read(image, monkeypatch)
    assert image._system_use(entry).name is None
    assert 0 < len(sizes) <= 64
    assert max(sizes) <= 32 * SECTOR


@pytest.mark.parametrize(("names", "damaged"), [(9, False), (40, True)])
def test_files_that_lie_one_over_the_other_are_bounded(names: int, damaged: bool) -> None:
    """Hard links share their content, as those of mkisofs do; a small image must not fill a disk by them."""
    made = pycdlib.PyCdlib()
    made.new(interchange_level=3, rock_ridge="1.09")
    made.add_fp(io.BytesIO(bytes(4 << 20)), 4 << 20, "/A0.;1", rr_name="a0")
    for number in range(1, names):
        made.add_hard_link(iso_old_path="/A0.;1", iso_new_path=f"/A{number}.;1", rr_name=f"a{number}")
    out = io.BytesIO()
    made.write_fp(out)
    assert out.tell() < 5 << 20
    image = Image(out)
    if damaged:
        with pytest.raises(IsoError, match="files of more than 16 times its own size"):
            list(image.walk())
    else:
        assert sum(entry.size for _path, entry in image.walk()) >= names * (4 << 20)


def test_an_absurdly_long_path_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso, "_LONGEST_PATH", 8)
    assert list(Image(io.BytesIO(build({"aaa/bbb": b""}))).walk())
    with pytest.raises(IsoError, match="a path of more than 8 bytes"):
        list(Image(io.BytesIO(build({"aaa/bbbb": b""}))).walk())
