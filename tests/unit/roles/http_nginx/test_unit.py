# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service of an nginx that is not the distribution's, as systemd and logrotate read it."""

from __future__ import annotations

import configparser
import os
import pathlib
import subprocess
import typing as t

import pytest

UNIT = "/etc/systemd/system/nginx-pxe.service"
LOGROTATE = "/etc/logrotate.d/nginx-pxe"


class Rendered(t.NamedTuple):
    unit: str
    newer: str
    logrotate: str


@pytest.fixture(scope="module")
def rendered(renderer: t.Callable[[str], t.Any]) -> Rendered:
    variables = {"http_nginx_program": "/usr/sbin/nginx", "http_nginx_address": "10.77.0.1"}
    old, new = (
        {**variables, "__http_nginx_program": {"stat": {"checksum": checksum}}} for checksum in ("1", "2")
    )
    return Rendered(*renderer("http_nginx").render([(UNIT, old), (UNIT, new), (LOGROTATE, old)]))


def test_it_runs_the_program_with_its_own_configuration(rendered: Rendered) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(rendered.unit)
    service = parsed["Service"]
    assert service["ExecStart"] == "/usr/sbin/nginx -c /etc/netinstall-pxe/nginx/nginx.conf"
    # checked again at each start, whoever has edited the file since
    assert service["ExecStartPre"] == f"{service['ExecStart']} -t"
    assert service["NoNewPrivileges"] == "yes"
    assert "CAP_SYS_ADMIN" not in service["CapabilityBoundingSet"]


def test_a_program_that_was_built_anew_is_another_unit(rendered: Rendered) -> None:
    """By which the role knows that it must be started again."""
    assert rendered.unit != rendered.newer


@pytest.mark.skipif(
    not pathlib.Path("/usr/sbin/nginx").exists(), reason="needs nginx: apt-get install nginx-light"
)
def test_systemd_understands_every_line(
    rendered: Rendered, systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]
) -> None:
    assert systemd_says({"nginx-pxe.service": rendered.unit}) == []


@pytest.mark.skipif(
    os.geteuid() != 0 or not pathlib.Path("/usr/sbin/logrotate").exists(),
    reason="needs root, and apt-get install logrotate",
)
def test_logrotate_understands_it(rendered: Rendered, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "nginx-pxe"
    path.write_text(rendered.logrotate, encoding="utf-8")
    path.chmod(0o644)
    done = subprocess.run(
        ["/usr/sbin/logrotate", "--debug", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    assert "/var/log/nginx-pxe/netinstall-pxe.log" in done.stderr
