# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import json
import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check
from ansible_collections.netinstall.pxe.plugins.modules import kickstart_validate
from ansible_collections.netinstall.pxe.plugins.modules.kickstart_validate import main


def write_repository(folder: pathlib.Path, name: str) -> None:
    """The metadata of a repository with one package."""
    primary = (
        f'<metadata><package type="rpm"><name>{name}</name><arch>noarch</arch><checksum type="sha256">0</checksum>'
        '<size package="1"/><location href="x.rpm"/></package></metadata>'
    )
    digest = hashlib.sha256(primary.encode()).hexdigest()
    (folder / "repodata").mkdir(parents=True)
    (folder / "repodata" / "primary.xml").write_text(primary, encoding="utf-8")
    (folder / "repodata" / "repomd.xml").write_text(
        f'<repomd><data type="primary"><checksum type="sha256">{digest}</checksum>'
        '<location href="repodata/primary.xml"/></data></repomd>',
        encoding="utf-8",
    )


def test_a_tree_is_read(tmp_path: pathlib.Path) -> None:
    for path, name in (("", "zsh"), ("AppStream", "bash"), ("addons/HA", "pcs"), ("a/b/c", "deep")):
        write_repository(tmp_path / path, name)
    assert kickstart_validate.read_tree(str(tmp_path))["packages"] == ["bash", "pcs", "zsh"]


def test_a_folder_without_repositories_is_no_tree(tmp_path: pathlib.Path) -> None:
    with pytest.raises(PxeError, match="nor in the folders below: it is not an install tree"):
        kickstart_validate.read_tree(str(tmp_path))


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check, "IMPORT_ERROR", "No module named 'pykickstart'")
    basic = kickstart_validate.AnsibleModule.__module__
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"content": "lang\n", "version": "RHEL9"}})
    monkeypatch.setattr(f"{basic}._ANSIBLE_ARGS", arguments.encode())
    monkeypatch.setattr(f"{basic}._ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit):
        main()
    said = json.loads(capsys.readouterr().out)
    assert said["failed"]
    assert "pykickstart" in said["msg"]
    assert "required Python library" in said["msg"]
