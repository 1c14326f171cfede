# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the images of a small Enterprise Linux release, FOLDER/1.iso and FOLDER/2.iso.

Runs on the control node, with the tests' own Python. Its packages can be indexed, but not installed.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / ".ansible" / "collections"))

from ansible_collections.netinstall.pxe.tests.unit import tree_images
from ansible_collections.netinstall.pxe.tests.unit.iso_images import build


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--release", choices=["6", "9"], default="6")
    parser.add_argument(
        "--more", metavar="NAME", help="add a package to the second disc, which its metadata do not list"
    )
    parser.add_argument(
        "--cut", action="store_true", help="damage a package of the second disc, and its kernel"
    )
    arguments = parser.parse_args()
    first, second = tree_images.el6() if arguments.release == "6" else tree_images.el9()
    if arguments.cut:
        path = next(path for path in second if path.endswith(".rpm"))
        first, second = {**first, "images/pxeboot/vmlinuz": b"other"}, {**second, path: b"cut"}
    if arguments.more:
        second = {**second, **tree_images.contents(tree_images.packages([arguments.more]))}
        # A disc need not have metadata.
        second = {path: data for path, data in second.items() if not path.startswith("repodata/")}
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for number, files in enumerate((first, second), start=1):
        image = build(files, f"EL{arguments.release} DISC {number}")
        (arguments.folder / f"{number}.iso").write_bytes(image)


if __name__ == "__main__":
    main()
