# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Debian live image: Debian's own kernel, live-boot and system, laid out as live-build does.

Unpacked, the same system is a root for NFS. When it is up it says on the console who it is and where its system came
from, for tests that wait for it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from _common import HERE, apt_options, cached, code_of, key_of, run, say
from _images import debian_root
from _mirror import Source, debian_sources, text_of

RELEASE = "bookworm"
NAME = "debian-live-12-lab.iso"
PACKAGES = ("linux-image-cloud-amd64", "live-boot", "overlayroot", "systemd-sysv", "udev", "zstd")
GUEST = HERE / "live"


def live_iso() -> Path:
    """Return the image, built if the cache lacks it (some minutes)."""
    sources, options = debian_sources(RELEASE), apt_options(run(["apt-config", "dump"]))
    key = key_of(text_of(sources), *options, *PACKAGES, *code_of(__file__), *sorted(GUEST.iterdir()))
    return cached(f"live-{key}", lambda work: build(work, sources, options)) / NAME


def build(work: Path, sources: list[Source], options: list[str]) -> None:
    """Leave the image in a folder, and nothing else."""
    say("building a live image from Debian's packages")
    tree = work / "tree"
    (tree / "live").mkdir(parents=True)
    (tree / ".disk").mkdir()
    (tree / ".disk/info").write_text(
        'Official Debian GNU/Linux Live 12 "Bookworm" lab amd64\n', encoding="utf-8"
    )
    hooks = [
        f'copy-in "{GUEST}/lab-live.service" /etc/systemd/system',
        'chroot "$1" systemctl --quiet enable lab-live.service',
        f'cp -L "$1/vmlinuz" "$1/initrd.img" "{tree}/live"; chmod 0644 "{tree}"/live/*',
        'rm -rf "$1"/boot/* "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*',
    ]
    tar = debian_root(work, RELEASE, sources, options, PACKAGES, hooks)
    # An emulated processor takes long to unpack what is compressed any better.
    script = 'sqfstar -quiet -no-progress -comp gzip "$1" <"$2"'
    run(["sh", "-c", script, "sh", tree / "live/filesystem.squashfs", tar])
    label = ["-V", "d-live 12 lab amd64", "-r", "-J", "-joliet-long"]
    run(["xorriso", "-as", "mkisofs", "-quiet", *label, "-o", work / NAME, tree])
    shutil.rmtree(tree)
    tar.unlink()
