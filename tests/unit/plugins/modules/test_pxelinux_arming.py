# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import io
import json
import os
import pathlib
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import folders
from ansible_collections.netinstall.pxe.plugins.modules import pxelinux_arming
from ansible_collections.netinstall.pxe.plugins.modules.pxelinux_arming import absent, present, run
from ansible_collections.netinstall.pxe.tests.unit.pxelinux_site import (
    ARMED,
    FOLDER,
    NODE01,
    NODE02,
    published,
)


@pytest.fixture
def boot(tmp_path: pathlib.Path) -> pathlib.Path:
    return published(tmp_path)


def test_check_then_do_then_nothing(boot: pathlib.Path) -> None:
    both = [NODE01, NODE02]
    checked = present(str(boot.parent), both, check=True)
    assert not (boot / ARMED).exists()
    done = present(str(boot.parent), both, check=False)
    assert checked.created == done.created == [ARMED, ARMED[:-1] + "2"]
    assert "APPEND auto=true" in (boot / ARMED).read_text()
    assert not present(str(boot.parent), both, check=False)
    another = {**NODE01, "token": "f" * 32}
    assert present(str(boot.parent), [another], check=False).changed == [ARMED]


@pytest.mark.parametrize("state", ["present", "absent", "only"])
def test_it_works_alone(boot: pathlib.Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """The lock is that of arming and of the programs that take back."""
    present(str(boot.parent), [NODE01], check=False)
    monkeypatch.setattr(folders, "_LOCK_SECONDS", 0.3)
    holder = os.open(boot.parent, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    for check in (True, False):
        others = [] if state == "only" else [NODE02 if state == "present" else NODE01]
        if check:
            assert run(str(boot.parent), state, others, check)
        else:
            with pytest.raises(PxeError, match=rf"process {os.getpid()}, "):
                run(str(boot.parent), state, others, check)
    assert [path.name for path in (boot / ARMED).parent.iterdir()] == [pathlib.Path(ARMED).name]
    os.close(holder)
    assert run(str(boot.parent), state, others, check)


def test_disarm_one(boot: pathlib.Path) -> None:
    present(str(boot.parent), [NODE01, NODE02], check=False)
    named = {"machine": "node01", "mac": "52:54:00:AA:00:01"}
    assert absent(str(boot.parent), [named], check=True).removed == [ARMED]
    assert (boot / ARMED).exists()
    assert absent(str(boot.parent), [named], check=False).removed == [ARMED]
    assert [path.name for path in (boot / ARMED).parent.iterdir()] == ["01-52-54-00-aa-00-02"]
    assert not absent(str(boot.parent), [named], check=False)
    absent(str(boot.parent), [NODE02], check=False)
    assert not (boot / ARMED).parent.exists()
    assert (boot / FOLDER / "pxelinux.cfg" / "01-52-54-00-aa-00-01").exists()


def test_the_answer_file_is_the_release(boot: pathlib.Path) -> None:
    """By HTTP; an FTP server can ask nobody."""
    folder = f"10.77.0.11/{NODE01['token']}"
    for scheme, wanted in (("http", f"{folder}/1795186800-4000000000"), ("ftp", folder)):
        words = [f"url={scheme}://10.77.0.1/answers/{folder}/preseed.cfg"]
        present(str(boot.parent), [{**NODE01, "install_arguments": words}], check=False)
        assert f"APPEND url={scheme}://10.77.0.1/answers/{wanted}/preseed.cfg\n" in (boot / ARMED).read_text()


def test_neither_diff_nor_journal_shows_a_token(
    boot: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal: list[str] = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr("syslog.syslog", lambda *words: journal.append(str(words)))
    arguments = {"root": str(boot.parent), "installations": [NODE01], "_ansible_diff": True}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(SystemExit):
        pxelinux_arming.main()
    said = capsys.readouterr().out
    assert NODE01["token"] in (boot / ARMED).read_text()
    assert "01234567..." in said
    assert [text for text in (said, *journal) if NODE01["token"] in text] == []
    # Not that it is masked, but that nothing of it is told: an argument may hold other secrets.
    assert [text for text in journal if "installations" in text] == []


def test_the_window_is_what_arming_recorded(boot: pathlib.Path) -> None:
    item = {key: value for key, value in NODE01.items() if key != "window"}
    with pytest.raises(PxeError, match="node01: it is not armed on this server; arm it first"):
        present(str(boot.parent), [item], check=False)
    assert present(str(boot.parent), [item], check=True).created == [ARMED]
    record = boot.parent / "events" / "10.77.0.11" / NODE01["token"] / "armed"
    record.parent.mkdir(parents=True)
    record.write_text('{"from": 1795186801, "until": 1795208401}')
    present(str(boot.parent), [item], check=False)
    assert f"# 10.77.0.11/{NODE01['token']}/1795186801-1795208401\n" in (boot / ARMED).read_text()


def test_nothing_to_disarm(tmp_path: pathlib.Path) -> None:
    assert not absent(str(tmp_path / "none"), [NODE01], check=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "break_it", "words"),
    [
        ({"token": None}, None, "node01: token must be given"),
        ({"install_arguments": []}, None, "install_arguments must be given"),
        ({"token": "short"}, None, "32 hexadecimal digits"),
        ({"address": "10.77.0.11/x"}, None, "not an IPv4 address"),
        (
            {"mac": "52:54:00:aa:00:09"},
            None,
            "01-52-54-00-aa-00-09 is missing on the server; run netinstall.pxe.site",
        ),
        ({"profile": "p9"}, None, "profiles/p9.cfg is missing"),
        ({"install_arguments": ["a b"]}, None, "pxelinux cannot pass 'a b' on"),
        ({}, ("kernels/d/i", None), "kernels/d/i is missing; run netinstall.pxe.site first"),
        ({}, ("profiles/p1.cfg", "<html>"), "is damaged"),
        ({}, ("pxelinux.cfg/01-52-54-00-aa-00-01", "DEFAULT local\n"), "of the chain with iPXE"),
    ],
)
def test_one_that_cannot_be_armed_stops_all(
    boot: pathlib.Path, changes: dict[str, t.Any], break_it: tuple[str, str | None] | None, words: str
) -> None:
    if break_it:
        path = boot / FOLDER / break_it[0]
        path.unlink()
        if break_it[1]:
            path.write_text(break_it[1])
    with pytest.raises(PxeError, match=words):
        present(str(boot.parent), [NODE02, {**NODE01, **changes}], check=False)
    assert not (boot / ARMED).parent.exists()
