# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.masked import FilterModule, masked


def test_masked() -> None:
    assert masked({"answers": {"a": "b"}}) == {"answers": {"a": "********"}}
    assert masked([{"name": "a", "answers": {"b": 7}}]) == [{"name": "a", "answers": {"b": 0}}]


def test_anything_else_is_refused_without_showing_it() -> None:
    with pytest.raises(AnsibleFilterError, match="takes a site") as caught:
        masked("the-secret")
    assert "the-secret" not in str(caught.value)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"masked": masked}
