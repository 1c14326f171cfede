# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Who made a network card, by IEEE's registry of MAC addresses, of which netaddr has a copy (as old as its release)."""

from __future__ import annotations

from ansible.errors import AnsibleError
from ansible.module_utils.basic import missing_required_lib

try:
    import netaddr
except ImportError:
    netaddr = None

# Owners of a block of whom the registry has no name: sold on in parts, which netaddr does not have, or kept secret.
_NOBODY = frozenset(("IEEE Registration Authority", "Private"))


def require() -> None:
    """:raises AnsibleError: netaddr is not there."""
    if netaddr is None:
        raise AnsibleError(
            missing_required_lib("netaddr", reason="on the control node, to say who made a network card")
        )


def vendor_of(mac: str) -> str | None:
    """The name that the registry has for a MAC address; ``None`` if it has none, as for most virtual machines.

    :raises AnsibleError: netaddr is not there.
    """
    require()
    address = netaddr.EUI(mac)
    try:
        block = address.iab if address.is_iab() else address.oui
    except netaddr.NotRegisteredError:
        return None
    # A few have spaces of other kinds.
    name = " ".join(block.registration().org.split())
    return None if name in _NOBODY else name
