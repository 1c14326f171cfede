# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import filled, form_mistakes

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 someone@somewhere"
HASH = "$6$salt$abcdefGHI./"


def accounts(**changes: t.Any) -> dict[str, t.Any]:
    return filled(changes, _answers.LOGIN)


@pytest.mark.parametrize(
    ("answers", "mistake"),
    [
        ({"root_password_hash": "secret"}, "root_password_hash: is not a hash"),
        ({"root_ssh_keys": [KEY, "id_ed25519"]}, "root_ssh_keys[1]: is not an SSH public key"),
        ({"root_ssh_keys": [KEY + "\nssh-rsa AAAA two"]}, "root_ssh_keys[0]: is not an SSH public key"),
        ({"users": [{}]}, "users[0].name: '' is not the name"),
        ({"users": [{"name": "root"}]}, "users[0].name: root exists already"),
        ({"users": [{"name": "a", "gecos": "a:b"}]}, "users[0].gecos: write one line"),
        ({"users": [{"name": "a", "groups": ["x y"]}]}, "users[0].groups[0]: 'x y' is not the name"),
        ({"users": [{"name": "a", "password_hash": "x"}]}, "users[0].password_hash: is not a hash"),
    ],
)
def test_accounts(answers: dict[str, t.Any], mistake: str) -> None:
    [found] = _answers.account_mistakes(accounts(**answers))
    assert found.startswith(mistake)
    assert "secret" not in found


def test_good_accounts() -> None:
    users = [{"name": "ops", "password_hash": HASH, "ssh_keys": [f'from="10.0.0.0/8" {KEY}']}]
    assert list(_answers.account_mistakes(accounts(root_password_hash="!", users=users))) == []


@pytest.mark.parametrize(
    ("answers", "somebody"),
    [
        ({}, False),
        ({"root_password_hash": "!", "users": [{"name": "a", "password_hash": "*"}]}, False),
        ({"root_password_hash": HASH}, True),
        ({"root_ssh_keys": [KEY]}, True),
        ({"users": [{"name": "a", "ssh_keys": [KEY]}]}, True),
    ],
)
def test_somebody_can_log_in(answers: dict[str, t.Any], somebody: bool) -> None:
    assert (list(_answers.nobody_mistakes(accounts(**answers))) == []) is somebody


def test_words() -> None:
    values = {
        "locale": "de_DE.UTF-8",
        "keyboard": "us; reboot",
        "timezone": "UTC",
        "ntp_server": "",
        "console": "",
    }
    assert list(form_mistakes(values, _answers.PLACE, "answers.")) == [
        "answers.keyboard: 'us; reboot' is not usable; write it like us"
    ]
