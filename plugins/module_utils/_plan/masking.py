# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Takes the secrets out of a description before it becomes arguments of a module, which ``-vvv`` shows.

What remains has the same shape: each mapping its keys, each value its type, so that the plan finds the same
mistakes in it.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import SITE_KEYS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import MACHINE_KEYS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu import MENU_KEYS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.profiles import PROFILE_KEYS

MASK = "********"
# Only what is known to be public is shown: a secret under a mistyped key stays one.
_PUBLIC_IN_SITE = frozenset(SITE_KEYS) - {"answers"}
_PUBLIC_IN_PROFILE = frozenset(PROFILE_KEYS) - {"answers"}
_PUBLIC_IN_MENU = frozenset(MENU_KEYS)
_PUBLIC_IN_MACHINE = (frozenset(MACHINE_KEYS) | {"name"}) - {"answers"}
HASHES = ("menu_password_hash", "password_hash")
# Of a password's hash, what says how it was made.
_METHOD = re.compile(r"\$[0-9a-z]{1,2}\$")
_USER_IN_URL = re.compile(r"(?<=://)[^/\s]*(?=@)")


def mask(value: t.Any) -> t.Any:
    """The same shape with other contents.

    A secret that cannot be had here and now, such as a vaulted one without the vault's password, becomes ``None``:
    the plan needs none of them.
    """
    if isinstance(value, dict):
        return {key: _mask_item(value, key) for key in value}
    if isinstance(value, (list, tuple)):
        return [_mask_item(value, index) for index in range(len(value))]
    if value is None or isinstance(value, bool):
        return value
    return 0 if isinstance(value, (int, float)) else MASK


def _mask_item(container: t.Any, key: t.Any) -> t.Any:
    try:
        # ansible-core 2.19 and later render a template, and decrypt, when the item is asked for.
        item = container[key]
    except Exception:  # whatever a template may raise
        return None
    return mask(item)


def mask_site(site: dict[str, t.Any]) -> dict[str, t.Any]:
    """Hide answers, hashes of passwords, whatever is not known, and users and passwords in URLs of images."""
    masked = _mask_all_but(site, _PUBLIC_IN_SITE)
    if "menu" in masked:
        masked["menu"] = _mask_all_but(masked["menu"], _PUBLIC_IN_MENU)
    profiles = masked.get("profiles")
    if isinstance(profiles, dict):
        masked["profiles"] = {
            name: _mask_all_but(profile, _PUBLIC_IN_PROFILE) for name, profile in profiles.items()
        }
    elif profiles is not None:
        masked["profiles"] = mask(profiles)
    if "distributions" in masked:
        masked["distributions"] = _mask_users(masked["distributions"])
    return masked


def mask_machines(machines: list[t.Any]) -> list[t.Any]:
    """Hide answers and whatever is not known."""
    return [_mask_all_but(machine, _PUBLIC_IN_MACHINE) for machine in machines]


def _mask_all_but(value: t.Any, public: t.Container[str]) -> t.Any:
    if not isinstance(value, dict):
        return mask(value)
    return {key: _public(value, key) if key in public else _mask_item(value, key) for key in value}


def _public(container: dict[t.Any, t.Any], key: t.Any) -> t.Any:
    """What is public, but hashes: of these the plan sees by which method they were made."""
    if key not in HASHES:
        return container[key]
    masked = _mask_item(container, key)
    method = _METHOD.match(container[key]) if isinstance(masked, str) else None
    return f"{method[0]}{MASK}" if method else masked


def _mask_users(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _mask_users(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mask_users(item) for item in value]
    return _USER_IN_URL.sub(MASK, value) if isinstance(value, str) else value
