# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""pykickstart's handlers, each made once and used again: making a new one takes 15 ms."""

from __future__ import annotations

import copy
import functools
import typing as t

try:
    from pykickstart import version as ks_version
    from pykickstart.ko import KickstartObject
except ImportError:
    KickstartObject = None


class Pristine:
    """A handler of one version, put back into its first state for each use: making a new one takes 15 ms."""

    def __init__(self, version: int) -> None:
        self.handler = ks_version.makeVersion(version)
        objects = {id(each): each for each in [self.handler, *self.handler.commands.values()]}
        # Copies are kept, and copies of them are used.
        self.states = [(each, copy_of(vars(each))) for each in objects.values()]

    def take(self) -> t.Any:
        for each, state in self.states:
            attributes = vars(each)
            attributes.clear()
            attributes.update(copy_of(state))
        return self.handler


def copy_of(state: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: _copied(value) for name, value in state.items()}


def _copied(value: t.Any) -> t.Any:
    """A copy of what reading a kickstart changes in place: lists, dicts, and the handler's package list."""
    if isinstance(value, (list, dict, set)):
        return value.copy()
    return copy.deepcopy(value) if isinstance(value, KickstartObject) and _is_data(value) else value


def _is_data(value: t.Any) -> bool:
    """Whether it holds data only: neither a command nor a handler."""
    return not hasattr(value, "handler") and not hasattr(value, "commands")


@functools.cache
def pristine(version: int) -> Pristine:
    return Pristine(version)
