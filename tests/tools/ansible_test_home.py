# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible_test_home.py FOLDER: prepares FOLDER as $HOME for ansible-test, which has to make virtual environments.

It must manage with and without the Internet. ansible-test runs pip without the caller's environment: what that says
about indexes and certificates has to be in ``~/.config/pip/pip.conf``. And it fetches pip's bootstrap script from a
host that a network with only package indexes does not reach: there a stand-in, which uses the pip that comes with
Python, takes the script's place in ansible-test's cache.
"""

from __future__ import annotations

import ast
import configparser
import pathlib
import re
import subprocess
import sys
import urllib.request

import ansible_test

STAND_IN = """\
# Takes the place of get-pip.py, which could not be downloaded. ansible-test gives it pip's options and requirements.
import subprocess
import sys

NOT_PIPS = ("--no-setuptools", "--no-wheel")  # options of get-pip.py itself
# In processes of their own, because ansible-test runs this file inside its own wrapper of pip.
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
arguments = [argument for argument in sys.argv[1:] if argument not in NOT_PIPS]
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", *arguments]).returncode)
"""


def pip_settings(listing: str) -> dict[str, str]:
    """What ``pip config list`` prints (``global.index-url='…'``, ``:env:.cert='…'``) as option → value.

    The environment's come last: they win, as they do in pip.
    """
    found = re.findall(r"^(\S+?)\.([\w-]+)=('.*'|\".*\")$", listing, flags=re.MULTILINE)
    found.sort(key=lambda item: item[0] == ":env:")
    return {
        option: ast.literal_eval(value) for section, option, value in found if section in ("global", ":env:")
    }


def write_pip_conf(home: pathlib.Path) -> None:
    """Keeps the caller's pip settings where pip finds them without the caller's environment."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    parser = configparser.RawConfigParser()
    parser["global"] = {**pip_settings(listing), "quiet": "2", "root-user-action": "ignore"}
    path = home / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # an index's address may hold a password
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)


def pip_version() -> str:
    """The version whose bootstrap script this ansible-test wants."""
    source = pathlib.Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text(
        encoding="utf-8"
    )
    found = re.search(r"\bpip='([\d.]+)'", source)
    if not found:
        sys.exit(
            "ansible-test no longer says which pip it wants: see get_venv_packages() in python_requirements.py"
        )
    return found.group(1)


def write_get_pip(home: pathlib.Path) -> None:
    """Fetches pip's bootstrap script into ansible-test's cache; failing that, puts the stand-in there."""
    version = pip_version()
    path = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    url = f"https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            text = answer.read().decode("utf-8")
    except OSError as error:
        print(f"pip's bootstrap script cannot be fetched ({error}): using the pip that comes with Python")
        text = STAND_IN
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Fills the folder; to be run with the caller's own $HOME, whose pip settings count too."""
    home = pathlib.Path(sys.argv[1])
    write_pip_conf(home)
    write_get_pip(home)


if __name__ == "__main__":
    main()
