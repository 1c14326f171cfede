# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _per_machine


def test_what_is_marked_as_unsafe_stays_as_it_is() -> None:
    text = "echo ${#all[@]} and ${all#} {{.Names}} {% x"
    loader = DataLoader()
    answers = loader.load(f"post: !unsafe '{text}'", file_name="/all.yml")
    evaluation = _per_machine.Evaluation({}, loader)
    assert (evaluation.value(answers, "answers"), evaluation.mistakes) == ({"post": text}, [])
    evaluation.value({"post": _per_machine.trust_as_template(text)}, "answers")
    assert [mistake.partition(": ")[0] for mistake in evaluation.mistakes] == ["answers.post"]
