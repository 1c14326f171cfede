# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import make_runner
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import packed, zstd

pytestmark = pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd here")

Unpack = t.Callable[[bytes], bytes]


@pytest.fixture
def unpack(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Unpack:
    """Unpacks by the program zstd, started as modules start programs."""
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", b'{"ANSIBLE_MODULE_ARGS": {}}')
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    run = make_runner(basic.AnsibleModule({}))

    def pieces(packed: bytes) -> t.Iterator[bytes]:
        return zstd.unpack_zstd(packed, "zstd", str(tmp_path), run)

    return lambda data: b"".join(packed.pieces(data, pieces))


def compressed(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-1", "--stdout"], input=data, stdout=-1, check=True).stdout


def test_zstd_of_more_than_a_pipe_holds(unpack: Unpack) -> None:
    data = os.urandom(8 << 20)
    assert unpack(compressed(data)) == data


def test_zstd_that_becomes_too_large_is_cut_off(
    unpack: Unpack, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(packed, "LARGEST_UNPACKED", 1 << 20)
    assert unpack(compressed(bytes(1 << 20))) == bytes(1 << 20)
    with pytest.raises(PxeError, match="larger than 1 MiB when it is unpacked"):
        unpack(compressed(bytes(64 << 20)))
    assert (tmp_path / "unpacked").stat().st_size == (1 << 20) + 1


@pytest.mark.parametrize("length", [12, -8])
def test_damaged_zstd(unpack: Unpack, length: int) -> None:
    with pytest.raises(PxeError, match="cannot be unpacked by zstd: "):
        unpack(compressed(os.urandom(1 << 20))[:length])


def test_temporary_folders_are_gone_afterwards(tmp_path: pathlib.Path) -> None:
    def run(command: list[str]) -> tuple[int, str, str]:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert zstd.unpacker(None, str(tmp_path), run) is None
    unpack = zstd.unpacker("zstd", str(tmp_path), run)
    assert unpack is not None
    assert b"".join(t.cast("t.Iterable[bytes]", unpack(compressed(b"x")))) == b"x"
    assert list(tmp_path.iterdir()) == []
