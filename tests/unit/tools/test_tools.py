# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools in tests/tools that parse something."""

from __future__ import annotations

import importlib.util
import pathlib
import types

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


def load(name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


role_readme = load("role_readme")
ansible_test_home = load("ansible_test_home")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("see V(true) and O(media_root)", "see `true` and `media_root`"),
        ("I(slanted) B(bold)", "*slanted* **bold**"),
        ("L(iPXE, https://ipxe.org)", "[iPXE](https://ipxe.org)"),
        ("SERVICE(x)", "SERVICE(x)"),
    ],
)
def test_markup(text: str, expected: str) -> None:
    assert role_readme.markdown(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", '`""`'),
        ("a|b", "`a\\|b`"),
        ([], "`[]`"),
        ({"a": [1, True]}, "`{a: [1, true]}`"),
        (8080, "`8080`"),
        (None, "`null`"),
        ("{{ x }}\n", "`{{ x }}`"),
    ],
)
def test_default(value: object, expected: str) -> None:
    assert role_readme.literal(value) == expected


def write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_readme(tmp_path: pathlib.Path) -> None:
    role = tmp_path / "media"
    specs = """
argument_specs:
  main:
    short_description: Trees
    description: [Makes trees.]
    options:
      media_root: {type: path, description: Where., required: true}
      media_images:
        type: list
        elements: dict
        description: Images.
        options:
          path: {type: path, required: true, description: The file.}
  remove:
    short_description: Takes them away
    description: All of them.
    examples: "- hosts: all"
"""
    write(role / "meta" / "argument_specs.yml", specs)
    write(role / "defaults" / "main.yml", "media_images: []\n")
    text = role_readme.readme(role)
    assert "# Role `netinstall.pxe.media`\n\nTrees\n\nMakes trees.\n" in text
    assert "| `media_root` | path | **required** | Where. |" in text
    assert "| `media_images` | list of dict | `[]` | Images. |" in text
    assert "`media_images[]`:\n\n| variable" in text
    assert "| `path` | path | **required** | The file. |" in text
    assert "## Entry point `remove`" in text
    assert "```yaml\n- hosts: all\n```" in text


def test_pip_settings_of_the_environment_win() -> None:
    listing = (
        ":env:.cert='/env.crt'\n"
        "global.cert='/file.crt'\n"
        "global.index-url='https://index.example/simple'\n"
        'global.trusted-host="it\'s"\n'
        "download.timeout='5'\n"
    )
    assert ansible_test_home.pip_settings(listing) == {
        "cert": "/env.crt",
        "index-url": "https://index.example/simple",
        "trusted-host": "it's",
    }
