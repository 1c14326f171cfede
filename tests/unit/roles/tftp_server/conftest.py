# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role writes, rendered once for all tests: ansible-playbook takes its time to start."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

MAP = "/etc/netinstall-pxe/tftp-map"
XINETD = "/etc/xinetd.d/tftp"
SERVICE = "/etc/systemd/system/tftp-pxe.service"
SOCKET = "/etc/systemd/system/tftp-pxe.socket"


class Written(t.NamedTuple):
    """Texts by the files' names, and the folders that they speak of."""

    folder: pathlib.Path
    texts: dict[str, str]


@pytest.fixture(scope="session")
def written(renderer: t.Callable[[str], t.Any], tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("tftp_server")
    variables = {
        "tftp_server_address": "127.0.0.1",
        "tftp_server_root": str(folder / "boot"),
        "tftp_server_port_range": [40000, 40099],
        "tftp_server_subnets": ["127.0.0.0/24"],
        "__tftp_server_map_file": str(folder / "map"),
    }
    plain = {"tftp_server_address": "10.77.0.1", "__tftp_server_map_file": str(folder / "map")}
    files = [MAP, XINETD, SERVICE, SOCKET]
    jobs: list[tuple[str, t.Any]] = [(dest, variables) for dest in files]
    jobs += [(XINETD, plain), (SERVICE, plain), (SOCKET, plain)]
    names = [*files, "plain xinetd", "plain service", "plain socket"]
    texts = renderer("tftp_server").render(jobs)
    (folder / "map").write_text(texts[0], encoding="utf-8")
    (folder / "d").mkdir()
    (folder / "d" / "tftp").write_text(texts[1], encoding="utf-8")
    return Written(folder, dict(zip(names, texts, strict=True)))
