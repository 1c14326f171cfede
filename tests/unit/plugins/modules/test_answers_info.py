# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.modules import answers_info

Run = t.Callable[[dict[str, t.Any]], dict[str, t.Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the module in this process, and has its result."""

    def runs(found: dict[str, t.Any]) -> dict[str, t.Any]:
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"found": found}}).encode()
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments)
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        with pytest.raises(SystemExit) as caught:
            answers_info.main()
        assert caught.value.code in (0, None)
        return t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))

    return runs


def script(shell: str, text: str) -> dict[str, str]:
    return {"address": "site_profiles.x.answers.post", "shell": shell, "text": text}


@pytest.mark.parametrize(
    ("shell", "text", "where"),
    [
        ("bash", "true\nif true; then\necho SECRET; fi; fi\n", "line 3"),
        ("bash", "true\necho 'SECRET\n", "line 2"),
        ("sh", "a=(SECRET 2)", "the script"),
        ("python3", "password = 'SECRET'\nif password\n", "line 2"),
    ],
)
def test_a_script_that_cannot_be_read(shell: str, text: str, where: str, run: Run) -> None:
    result = run({"scripts": [script(shell, text)]})
    (mistake,) = result["mistakes"]
    assert mistake["address"] == "site_profiles.x.answers.post"
    assert mistake["message"].startswith(f"{where} is not valid for {shell}; correct it")
    assert result["lines"] == [f"1. {mistake['address']}: {mistake['message']}"]
    assert "SECRET" not in json.dumps(result)


@pytest.mark.parametrize(
    ("shell", "text"),
    [
        ("bash", "a=(1 2)\ndiff <(ls) <(ls)\n"),
        ("sh", "in-target sh -c 'echo x >/etc/x'; [ -e /x ] || :"),
        ("python3", "print('x')"),
        ("bash", ""),
    ],
)
def test_a_script_that_can(shell: str, text: str, run: Run) -> None:
    result = run({"scripts": [script(shell, text)]})
    assert (result["mistakes"], result["lines"]) == ([], [])


def test_nothing_of_a_script_is_run(tmp_path: t.Any, run: Run) -> None:
    for shell in ("sh", "bash"):
        run({"scripts": [script(shell, f"touch {tmp_path}/{shell}\n$(touch {tmp_path}/sub)\n")]})
    run({"scripts": [script("python3", f"open('{tmp_path}/python3', 'w')")]})
    assert list(tmp_path.iterdir()) == []


def test_what_nothing_here_can_read(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda *_args, **_more: None)
    result = run({"scripts": [script("ksh", "if")]})
    assert result["unchecked"] == ["site_profiles.x.answers.post"]
    assert result["mistakes"] == []


def test_mistakes_that_were_found_before_come_first(run: Run) -> None:
    known = {"address": "site_answers.timezone", "message": "is wrong"}
    result = run({"mistakes": [known], "scripts": [script("bash", "if")]})
    assert result["mistakes"][0] == known
    assert [line[:3] for line in result["lines"]] == ["1. ", "2. "]
