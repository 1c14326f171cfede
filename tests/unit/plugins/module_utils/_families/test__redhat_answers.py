# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._families import _redhat_answers


def test_answers_are_copied() -> None:
    answers = {"a": 1}
    complete = _redhat_answers.complete_answers(answers, {"name": "centos-6"})
    assert complete == answers
    assert complete is not answers
