# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Runs programs of this host."""

from __future__ import annotations

import typing as t

# Takes a command as a list of words, returns its exit status, standard output and standard error.
Runner = t.Callable[[list[str]], tuple[int, str, str]]


def make_runner(module: t.Any) -> Runner:
    """Wrap ``AnsibleModule.run_command``: a list of words in, (status, stdout, stderr) in English out."""

    def run(command: list[str]) -> tuple[int, str, str]:
        # Messages are parsed: no translations.
        status, out, err = module.run_command(command, environ_update={"LC_ALL": "C", "LANGUAGE": "C"})
        return int(status), out, err

    return run
