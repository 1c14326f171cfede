# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role builds the real dnsmasq and nginx, and the tests of the services pass with what it has built."""

from __future__ import annotations

import os
import pathlib
import sys
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.sources.conftest import (
    ACCOUNT,
    NEEDS,
    ROOT,
    checksum,
    play,
    run,
)

NAMES = ("dnsmasq", "nginx")
pytestmark = NEEDS

# What the services' own tests run with a program found in PATH
SERVICE_TESTS = {
    "dnsmasq": [
        "-k",
        "dnsmasq",
        "tests/unit/roles/dhcp/test_conversation.py",
        "tests/unit/roles/dhcp_dnsmasq",
    ],
    "nginx": ["tests/unit/roles/http_nginx/test_site.py"],
}


@pytest.fixture(scope="session")
def archives(fetch: t.Callable[..., pathlib.Path]) -> dict[str, pathlib.Path]:
    """The upstream archive of each program's source package."""
    found = {}
    for name in NAMES:
        # The archive alone: what Debian changes in it is not asked for.
        (found[name],) = fetch(name, "--tar-only").glob(f"{name}_*.orig.tar.*[!c]")
    return found


@pytest.fixture(scope="session")
def built(folder: pathlib.Path, archives: dict[str, pathlib.Path]) -> dict[str, pathlib.Path]:
    """The programs, as role source_build has published them."""
    variables = {
        "source_build_prefix": str(folder / "prefix"),
        "source_build_build_account": ACCOUNT,
        "source_build_cache": str(folder / "cache"),
        "source_build_programs": {
            name: {"archive": str(path), "checksum": checksum(path)} for name, path in archives.items()
        },
    }
    published = play(folder, "source_build", "source_build_published", variables)
    return {name: pathlib.Path(path) for name, path in published.items()}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_version_of_the_archive(
    name: str, archives: dict[str, pathlib.Path], built: dict[str, pathlib.Path], folder: pathlib.Path
) -> None:
    version = archives[name].name.removeprefix(f"{name}_").split(".orig.")[0].split("+")[0]
    said = run(built[name], "--version" if name == "dnsmasq" else "-v", cwd=folder)
    assert f"version {version}" in said or f"version: nginx/{version}" in said, said


@pytest.mark.parametrize("name", NAMES)
def test_the_service_works_with_it(name: str, built: dict[str, pathlib.Path], folder: pathlib.Path) -> None:
    first, used = folder / f"bin-{name}", folder / f"used-{name}"
    first.mkdir()
    used.touch()
    # Services have accounts of their own.
    used.chmod(0o666)
    (first / name).write_text(f'#!/bin/sh\necho >>{used}\nexec {built[name]} "$@"\n', encoding="utf-8")
    (first / name).chmod(0o755)
    command = (sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *SERVICE_TESTS[name])
    said = run(*command, cwd=ROOT, PATH=f"{first}:{os.environ['PATH']}")
    assert " passed" in said, said
    assert used.stat().st_size > 0, f"the tests ran with another {name}"
