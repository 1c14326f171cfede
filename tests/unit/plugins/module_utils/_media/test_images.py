# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import io
import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import debian, redhat
from ansible_collections.netinstall.pxe.plugins.module_utils._media import images, mediacheck
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.tests.unit.iso_images import (
    EL9_TREEINFO,
    Content,
    build,
    debian_files,
    initrd,
    redhat_files,
)

FAMILIES = {family.name: family for family in (debian.FAMILY, redhat.FAMILY)}
SHA = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.iso"
    path.write_bytes(b"content")
    return path


# Opening


def test_opens_a_complete_image(tmp_path: Path) -> None:
    path = tmp_path / "x.iso"
    path.write_bytes(build({"a": b"1"}))
    with images.open_image(str(path)) as image:
        assert image.read("a") == b"1"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            build({"a": b"1"})[:-1000],
            "is incomplete: it says that it has 5.* bytes, but 1000 of them are missing",
        ),
        (b"<html>", r"x\.iso is not an ISO 9660 image.*HTML"),
    ],
)
def test_refuses_what_is_no_complete_image(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.iso"
    path.write_bytes(data)
    with pytest.raises(PxeError, match=message), images.open_image(str(path)):
        pass


def test_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        PxeError, match="does not exist on this server; copy the image there, or give its url"
    ):
        images.open_file(str(tmp_path / "x.iso"))


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(PxeError, match="is not a file"):
            images.open_file(str(path))


# Checksums


def test_checksums_that_are_understood() -> None:
    assert images.parse_checksum(f"SHA256:{SHA.upper()}") == ("sha256", SHA)
    assert images.parse_checksum("sha512:" + "0" * 128) == ("sha512", "0" * 128)


@pytest.mark.parametrize(
    "text", ["", SHA, "sha256:", f"sha256:{SHA}0", f"sha256:{SHA[:-1]}g", "md5:" + "0" * 32]
)
def test_checksums_that_are_refused(text: str) -> None:
    with pytest.raises(PxeError, match="write 'sha256:' and 64 hexadecimal digits"):
        images.parse_checksum(text)


def test_verifies(file: Path) -> None:
    images.verify(str(file), f"sha256:{SHA}", None, write=True)
    with pytest.raises(PxeError, match=rf"x\.iso has sha256 {SHA}, not 0+ as described"):
        images.verify(str(file), "sha256:" + "0" * 64, None, write=True)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that something is hashed."""
    calls: list[str] = []
    real = hashlib.new

    def counting(algorithm: str) -> t.Any:
        calls.append(algorithm)
        return real(algorithm)

    monkeypatch.setattr(images.hashlib, "new", counting)
    return calls


def digest(file: Path, stamps: Path, write: bool = True) -> str:
    return images.digest_of(str(file), "sha256", str(stamps), write)


def test_hashes_once(file: Path, tmp_path: Path, hashed: list[str]) -> None:
    stamps = tmp_path / "new" / "stamps"
    assert digest(file, stamps) == digest(file, stamps) == SHA
    assert hashed == ["sha256"]
    assert images.digest_of(str(file), "sha512", str(stamps), True) == hashlib.sha512(b"content").hexdigest()
    assert digest(file, stamps) == SHA
    assert hashed == ["sha256", "sha512"]


def test_hashes_each_time_in_check_mode_and_keeps_nothing(
    file: Path, tmp_path: Path, hashed: list[str]
) -> None:
    digest(file, tmp_path / "stamps", write=False)
    digest(file, tmp_path / "stamps", write=False)
    assert len(hashed) == 2
    assert not (tmp_path / "stamps").exists()


def test_hashes_again_when_the_file_is_another(file: Path, tmp_path: Path) -> None:
    digest(file, tmp_path)
    status = file.stat()
    file.write_bytes(b"CONTENT")
    # Even if somebody sets the clock of the file back.
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert digest(file, tmp_path) == hashlib.sha256(b"CONTENT").hexdigest()


def test_hashes_again_when_the_file_was_replaced(file: Path, tmp_path: Path) -> None:
    digest(file, tmp_path)
    other = tmp_path / "other"
    other.write_bytes(b"another")
    other.replace(file)
    assert digest(file, tmp_path) == hashlib.sha256(b"another").hexdigest()


def test_files_of_one_name_have_their_own_stamps(file: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    other = tmp_path / "sub" / file.name
    other.write_bytes(b"another")
    assert digest(file, tmp_path / "s") != digest(other, tmp_path / "s")
    assert len(list((tmp_path / "s").iterdir())) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"digests": 1}', "\0"])
def test_a_damaged_stamp_is_not_believed(file: Path, tmp_path: Path, text: str) -> None:
    stamps = tmp_path / "stamps"
    digest(file, stamps)
    next(stamps.iterdir()).write_text(text)
    assert digest(file, stamps) == SHA


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_a_stamp_of_somebody_else_is_not_believed(file: Path, tmp_path: Path) -> None:
    stamps = tmp_path / "stamps"
    digest(file, stamps)
    stamp = next(stamps.iterdir())
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "digests": {"sha256": "0" * 64}}))
    assert digest(file, stamps) == "0" * 64
    os.chown(stamp, 65534, 65534)
    assert digest(file, stamps) == SHA


def test_remembers_what_was_hashed_under_another_name(file: Path, tmp_path: Path, hashed: list[str]) -> None:
    images.remember(str(file), f"sha256:{SHA}", str(tmp_path / "stamps"))
    assert digest(file, tmp_path / "stamps") == SHA
    assert hashed == []


# The media check


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[bool]]:
    """An image with a checksum inside, and each time that it was verified."""
    content = bytearray(build({"data": bytes(range(256)) * 4000}))
    area = slice(32768 + 883, 32768 + 883 + 512)
    content[area] = b" " * 512
    words = f"ISO MD5SUM = {hashlib.md5(content[:-4096]).hexdigest()};SKIPSECTORS = 2;"
    content[area] = words.encode().ljust(512)
    path = tmp_path / "x.iso"
    path.write_bytes(content)
    calls: list[bool] = []
    real = mediacheck.look

    def counting(image: t.Any, verify: bool) -> mediacheck.Result:
        calls.append(verify)
        return real(image, verify)

    monkeypatch.setattr(mediacheck, "look", counting)
    return path, calls


def test_the_media_check_is_made_once(checked: tuple[Path, list[bool]], tmp_path: Path) -> None:
    path, calls = checked
    stamps = tmp_path / "stamps"
    for write in (False, True, True):
        assert images.media_check_of(str(path), str(stamps), write) == ("passed", None)
    assert calls == [True, True]
    images.verify_media(str(path), str(stamps), write=True)
    # Checksums are kept beside it.
    assert digest(path, stamps) == hashlib.sha256(path.read_bytes()).hexdigest()
    images.media_check_of(str(path), str(stamps), write=True)
    assert len(calls) == 2


def test_an_image_that_fails_its_media_check(checked: tuple[Path, list[bool]], tmp_path: Path) -> None:
    path, _calls = checked
    content = bytearray(path.read_bytes())
    content[100_000] ^= 1
    path.write_bytes(content)
    stamps = str(tmp_path / "stamps")
    for _time in range(2):
        assert images.media_check_of(str(path), stamps, True) == ("failed", (0, len(content) - 4096))
    with pytest.raises(
        PxeError, match=r"x\.iso is damaged: it fails the media check .*from byte 0 to \d+; fetch"
    ):
        images.verify_media(str(path), stamps, write=True)


def test_an_image_without_a_media_check(tmp_path: Path) -> None:
    path = tmp_path / "x.iso"
    path.write_bytes(build({"a": b"1"}))
    assert images.media_check_of(str(path), None, True) == ("none", None)
    images.verify_media(str(path), None, write=True)


# Identification


def identify(files: dict[str, Content], **described: t.Any) -> dict[str, t.Any]:
    return images.identify(Image(io.BytesIO(build(files, "VOLUME"))), FAMILIES, described)


def test_identifies() -> None:
    found = identify(debian_files())
    assert found["family"] == "debian"
    assert found["volume_id"] == "VOLUME"
    assert found["size"] > 0
    assert found["recognised"] is True
    assert identify(debian_files(), family="debian", kernel=None, initrd=None) == found


def test_a_family_that_contradicts_the_image() -> None:
    with pytest.raises(
        PxeError, match=r"described as family 'redhat', but is Debian GNU/Linux 13\.1\.0 \(family 'debian'\)"
    ):
        identify(debian_files(), family="redhat", distribution="debian-13")


def test_a_family_that_nobody_knows() -> None:
    with pytest.raises(PxeError, match="family 'debain' is not known; write one of: debian, redhat"):
        identify(debian_files(), family="debain")


EL9 = redhat_files(EL9_TREEINFO, "1714869542\n9.4\nx86_64\n", ["BaseOS", "AppStream"])
FEDORA = redhat_files("[general]\nfamily = Fedora\nversion = 42\narch = x86_64\n")
STREAM = redhat_files("[general]\nfamily = CentOS Stream\nversion = 9\narch = x86_64\n")
NO_VERSION = redhat_files(None, "1\nx\nx86_64\n")


@pytest.mark.parametrize(
    ("files", "described", "version"),
    [
        (EL9, {"distribution": "rocky-9"}, "9.4"),
        (EL9, {"distribution": "rocky9.4-lab"}, "9.4"),
        (EL9, {"distribution": "el9"}, "9.4"),
        (EL9, {"distribution": "redhat"}, "9.4"),
        # The more exact of the two is kept.
        (EL9, {"distribution": "rocky", "version": "9"}, "9.4"),
        (EL9, {"distribution": "rocky-9", "version": "9.4.1"}, "9.4.1"),
        # What is written as its version counts more than its name.
        (EL9, {"distribution": "rocky-2", "version": "9"}, "9.4"),
        (FEDORA, {"distribution": "fedora-42"}, "42"),
        (STREAM, {"distribution": "centos-9"}, "9"),
        (STREAM, {"distribution": "centos-stream-9"}, "9"),
        (NO_VERSION, {"distribution": "centos-6"}, None),
        (NO_VERSION, {"distribution": "centos-6", "version": "6.8"}, "6.8"),
        (debian_files(), {"distribution": "debian-13"}, "13.1.0"),
        (debian_files(), {"distribution": "debian-amd64-trixie"}, "13.1.0"),
        (debian_files(), {"distribution": "debian-13", "version": "13"}, "13.1.0"),
        (debian_files(), {"version": "sid"}, "sid"),
        (
            debian_files(
                'Debian GNU/Linux testing "Forky" - Unofficial Snapshot amd64 NETINST 20260101-03:22'
            ),
            {"distribution": "debian-14"},
            "testing",
        ),
    ],
)
def test_an_image_under_its_name(
    files: dict[str, Content], described: dict[str, t.Any], version: str | None
) -> None:
    assert identify(files, **described)["version"] == version


@pytest.mark.parametrize(
    ("files", "described", "message"),
    [
        (
            EL9,
            {"distribution": "rocky-8"},
            r"described as 'rocky-8', but is Rocky Linux 9\.4; give the right image, or write its version \('9\.4'\)",
        ),
        (EL9, {"distribution": "rocky-9.3"}, r"described as 'rocky-9\.3', but is Rocky Linux 9\.4"),
        (
            EL9,
            {"distribution": "rocky-9", "version": "9.3"},
            r"described as version '9\.3', but is Rocky Linux 9\.4; give the right image, or correct the version",
        ),
        (
            EL9,
            {"distribution": "alma-9"},
            r"'alma-9', but is Rocky Linux 9\.4; give the right image, or rename the distribution",
        ),
        (
            FEDORA,
            {"distribution": "el-42"},
            "is Fedora 42; give the right image, or a name that begins with fedora",
        ),
        (EL9, {"distribution": "f9"}, "a name that begins with el"),
        (debian_files(), {"distribution": "debian-12"}, r"'debian-12', but is Debian GNU/Linux 13\.1\.0"),
    ],
)
def test_an_image_under_a_wrong_name(
    files: dict[str, Content], described: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(PxeError, match=message):
        identify(files, **described)


@pytest.mark.parametrize(
    "described", [{}, {"family": "debian"}, {"family": "debian", "kernel": "boot/linux"}]
)
def test_an_image_that_nobody_knows(described: dict[str, t.Any]) -> None:
    files: dict[str, Content] = {".disk/info": b"Other OS 1", "boot/linux": b"", "x": b""}
    with pytest.raises(PxeError) as error:
        identify(files, **described)
    message = str(error.value)
    assert "debian: .disk/info that begins with 'Debian GNU/Linux'" in message
    assert "redhat: .treeinfo with family" in message
    assert "volume 'VOLUME', .disk/info 'Other OS 1', at its root: .disk, boot, x" in message
    family = described.get("family", "debian or redhat")
    assert f"site_distributions.<name>: {{family: {family}, kernel: <path>, initrd: [<path>]}}" in message
    assert "by their names" not in message


def test_a_hint_at_the_files_of_an_unknown_image() -> None:
    deep = {f"d/e/f/g{number}/vmlinuz": b"" for number in range(2)}
    files: dict[str, Content] = {
        ".treeinfo": b"[general]\nfamily = openSUSE\nversion = 13.2\n",
        "media.repo": b"[x]\nname = Something\n",
        "boot/x86_64/loader/linux": b"",
        "boot/x86_64/loader/initrd": b"",
        "install/vmlinuz": b"",
        **deep,
    }
    with pytest.raises(PxeError) as error:
        identify(files, distribution="suse")
    message = str(error.value)
    assert "volume 'VOLUME', .treeinfo 'openSUSE', media.repo 'Something', at its root" in message
    assert "site_distributions.suse: {family:" in message
    assert (
        "Kernels by their names: install/vmlinuz, boot/x86_64/loader/linux; initrds: boot/x86_64/loader/initrd"
        in message
    )


def test_an_image_of_anaconda_that_is_described() -> None:
    """One that the description makes usable, although nothing on it tells what it is."""
    files: dict[str, Content] = {
        "boot/vmlinuz": b"k",
        "boot/initrd.img": b"i",
        "images/install.img": b"s",
        "repodata/repomd.xml": b"",
        "extra/repodata/repomd.xml": b"",
    }
    with pytest.raises(PxeError, match="Kernels by their names: boot/vmlinuz; initrds: boot/initrd"):
        identify(files, distribution="el-9")
    found = identify(
        files,
        distribution="el-9",
        family="redhat",
        version="9.4",
        kernel="boot/vmlinuz",
        initrd=["boot/initrd.img"],
    )
    assert found["recognised"] is False
    assert (found["family"], found["version"]) == ("redhat", "9.4")
    assert (found["kernel"], found["initrd"]) == ("boot/vmlinuz", ["boot/initrd.img"])
    assert found["stage2"] == "images/install.img"
    assert found["repositories"] == [{"id": "base", "path": ""}, {"id": "extra", "path": "extra"}]


def test_a_description_helps_with_a_damaged_treeinfo() -> None:
    files = redhat_files("nonsense\n")
    with pytest.raises(PxeError, match=r"\.treeinfo cannot be read"):
        identify(files)
    found = identify(
        files, family="redhat", kernel="images/pxeboot/vmlinuz", initrd=["images/pxeboot/initrd.img"]
    )
    assert (found["recognised"], found["stage2"]) == (False, "images/install.img")


def test_an_image_that_is_described() -> None:
    files: dict[str, Content] = {"boot/linux": b"k", "boot/initrd": initrd("cdrom-retriever")}
    found = identify(
        files, family="debian", kernel="boot/linux", initrd=["boot/initrd"], version="5", architecture="arm64"
    )
    assert found["recognised"] is False
    assert (found["family"], found["kernel"], found["initrd"]) == ("debian", "boot/linux", ["boot/initrd"])
    assert (found["version"], found["architecture"], found["codename"]) == ("5", "arm64", None)
    assert found["initrd_flavour"] == "cdrom"


def test_a_description_goes_over_what_is_recognised() -> None:
    files = {**debian_files(retriever="cdrom-retriever"), "own/initrd.gz": initrd()}
    found = identify(files, initrd=["own/initrd.gz"])
    assert (found["kernel"], found["initrd"], found["initrd_flavour"]) == (
        "install.amd/vmlinuz",
        ["own/initrd.gz"],
        "netboot",
    )


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (
            {"kernel": "install.amd/linux"},
            "no file 'install.amd/linux', which is described as its kernel; 'install.amd' holds: initrd.gz, vmlinuz",
        ),
        (
            {"initrd": ["boot/initrd"]},
            "no file 'boot/initrd', which is described as its initrd; there is no folder 'boot'",
        ),
        ({"kernel": "dists"}, "no file 'dists'"),
    ],
)
def test_a_description_of_files_that_are_not_there(described: dict[str, t.Any], message: str) -> None:
    with pytest.raises(PxeError, match=message):
        identify(debian_files(), **described)
