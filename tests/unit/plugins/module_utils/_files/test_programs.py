# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._files.programs import make_runner


def test_the_runner_speaks_english() -> None:
    class Module:
        def run_command(self, command: list[str], environ_update: dict[str, str]) -> tuple[int, str, str]:
            assert environ_update["LC_ALL"] == "C"
            return 3, " ".join(command), "err"

    assert make_runner(Module())(["nginx", "-t"]) == (3, "nginx -t", "err")
