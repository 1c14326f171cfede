# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What the install trees of a server have."""

from __future__ import annotations

import base64
import json
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _unlogged


def read(
    action: t.Any, distributions: t.Iterable[str], root: str, task_vars: dict[str, t.Any]
) -> dict[str, t.Any]:
    """The lists of packages of these distributions, as far as the server has any: of mirrors nothing is known.

    :arg action: the action plugin that asks
    :raises PxeError: one cannot be read, or is damaged.
    """
    found = {}
    for name in sorted(distributions):
        path = f"{root}/media/{name}.json"
        reply = _unlogged.execute(action, "ansible.builtin.slurp", {"src": path}, task_vars)
        if "content" in reply:
            found[name] = _parsed(base64.b64decode(reply["content"]), path)
        elif "not found" not in str(reply.get("msg")):
            raise PxeError(f"{path} on the server cannot be read: {reply.get('msg')}")
    return found


def _parsed(data: bytes, path: str) -> dict[str, t.Any]:
    """:raises PxeError: it is not what the module that makes trees writes."""
    try:
        index = json.loads(data)
    except ValueError:
        index = None
    if not _is_index(index):
        raise PxeError(
            f"{path} on the server is damaged; remove it and run netinstall.pxe.site, which writes it again"
        )
    return t.cast("dict[str, t.Any]", index)


def _is_index(data: object) -> bool:
    """Names in lists, by kind; the same again for repositories that must be named."""
    if not isinstance(data, dict) or not isinstance(data.get("packages"), list):
        return False
    lists = [value for key, value in data.items() if key != "disabled"]
    disabled = data.get("disabled", {})
    return (
        all(isinstance(value, list) and all(isinstance(name, str) for name in value) for value in lists)
        and isinstance(disabled, dict)
        and all(map(_is_index, disabled.values()))
    )
