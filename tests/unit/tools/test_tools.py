# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools in tests/tools that parse something."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import subprocess
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


STEPS = """
.RECIPEPREFIX = >
good:
> @echo in good
bad:
> @echo in bad; false
# Each of these two ends when the other one has begun.
left:
> @touch left.begun; timeout 20 sh -c 'until [ -e right.begun ]; do sleep 0.05; done'
right:
> @touch right.begun; timeout 20 sh -c 'until [ -e left.begun ]; do sleep 0.05; done'
endless:
> @flock held sh -c 'touch endless.begun; sleep 60'
begun:
> @timeout 20 sh -c 'until [ -e endless.begun ]; do sleep 0.05; done'; kill -TERM $$(cat pid)
"""


def run_steps(folder: pathlib.Path, *steps: str) -> subprocess.CompletedProcess[str]:
    """Exit code and output of run-steps in a folder with the targets above; its process number is in the file pid."""
    (folder / "Makefile").write_text(STEPS, encoding="utf-8")
    command = ["sh", "-c", 'echo $$ > pid; exec "$@"', "sh", str(TOOLS / "run-steps"), *steps]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=60)


def test_a_step_that_fails_ends_none_of_the_others(tmp_path: pathlib.Path) -> None:
    done = run_steps(tmp_path, "bad", "good", "+", "bad", "good")
    assert done.returncode == 1
    assert done.stdout.count("in good") == 2
    assert done.stdout.endswith("Failed: bad bad\n2 passed, 2 failed\n")


def test_the_end_of_what_a_failed_step_printed_comes_last(tmp_path: pathlib.Path) -> None:
    done = run_steps(tmp_path, "bad", "good")
    assert "=== bad, the end of it\n" in done.stdout.partition("--- good: passed")[2]
    assert "*** [Makefile" in done.stdout.partition("=== bad, the end of it\n")[2], done.stdout


def test_steps_behind_the_plus_are_made_beside_the_others(tmp_path: pathlib.Path) -> None:
    done = run_steps(tmp_path, "left", "+", "right", "good")
    assert done.returncode == 0, done.stdout
    assert re.search(r"in good\n--- good: passed after \d+ s\n\n3 passed, 0 failed\n\Z", done.stdout), (
        done.stdout
    )


def test_only_a_failure_beside_the_others_is_a_failure(tmp_path: pathlib.Path) -> None:
    assert run_steps(tmp_path, "good").returncode == 0
    assert run_steps(tmp_path, "good", "+", "bad").returncode == 1


def test_nothing_outlives_an_interrupted_run(tmp_path: pathlib.Path) -> None:
    done = run_steps(tmp_path, "begun", "+", "endless")
    assert done.returncode == 130
    freed = subprocess.run(["flock", "--timeout", "10", "held", "true"], cwd=tmp_path, check=False)
    assert freed.returncode == 0
