# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's base image: a small Debian with the boot services' packages in place, made without root."""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

from _common import HERE, apt_options, cached, code_of, key_of, run, say, words_of
from _mirror import Source, debian_sources, text_of, whole_lists
from _packages import Apt

GUEST = HERE / "guest"
PACKAGES = HERE / "server-packages.txt"
DISK_SIZE = "20G"
# Debian switches these on when it installs them; a role that configures a service switches it on itself.
SERVICES_OFF = (
    "dnsmasq isc-dhcp-server kea-dhcp4-server nfs-server nginx tftpd-hpa vsftpd xinetd apt-daily.timer "
    "apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer"
)
FSTAB = (
    "/dev/vda / ext4 rw,noatime,commit=60 0 0\n"
    "LABEL=lab-iso /srv/iso ext4 ro,nofail,x-systemd.device-timeout=60s 0 0\n"
)


class ServerImage(t.NamedTuple):
    """The files that start a server: a raw ext4 disk without boot loader, and what boots it."""

    disk: Path
    kernel: Path
    initrd: Path


def server_image(release: str) -> ServerImage:
    """Return the base image of a Debian release, built if the cache lacks it (a minute or two)."""
    sources, options = debian_sources(release), apt_options(run(["apt-config", "dump"]))
    inputs: list[str | Path] = [
        release,
        text_of(sources),
        *options,
        FSTAB,
        SERVICES_OFF,
        PACKAGES,
        *code_of(__file__),
        *sorted(GUEST.iterdir()),
    ]
    folder = cached(
        f"server-{release}-{key_of(*inputs)}", lambda work: build(work, release, sources, options)
    )
    return ServerImage(folder / "disk.raw", folder / "vmlinuz", folder / "initrd.img")


def build(work: Path, release: str, sources: list[Source], options: list[str]) -> None:
    """Fill a folder with disk.raw, vmlinuz and initrd.img."""
    say(f"building the {release} server image")
    debian_root(work, release, sources, options, server_packages(), hooks())
    # fakeroot lets an ordinary user unpack root's files and put them into a file system.
    script = (
        "set -e; mkdir root; tar -C root -xf root.tar; "
        "cp -L root/vmlinuz root/initrd.img .; chmod 0644 vmlinuz initrd.img; "
        f"truncate -s {DISK_SIZE} disk.raw; mke2fs -q -t ext4 -L lab-root -d root disk.raw; "
        "rm -rf root root.tar"
    )
    run(["fakeroot", "sh", "-c", script], cwd=work)


def server_packages() -> list[str]:
    """Return the packages of a server besides Debian's essential ones."""
    return ["linux-image-cloud-amd64", *words_of(PACKAGES)]


def debian_root(
    work: Path,
    release: str,
    sources: list[Source],
    options: list[str],
    packages: t.Iterable[str],
    customize: t.Iterable[str],
    environment: t.Mapping[str, str] | None = None,
) -> Path:
    """Make a small Debian system in a folder, and return it as a tar file."""
    apt = whole_lists(work / "apt", sources, options)
    # apt's own; what it takes from the folder are lists alone.
    shutil.rmtree(apt.lists / "partial")
    (apt.lists / "lock").unlink(missing_ok=True)
    tar = work / "root.tar"
    words = mmdebstrap(release, tar, apt, options, packages, customize)
    run(words, env={**os.environ, **(environment or {})})
    shutil.rmtree(apt.home)
    return tar


def mmdebstrap(
    release: str,
    tar: Path,
    apt: Apt,
    options: list[str],
    packages: t.Iterable[str],
    customize: t.Iterable[str],
) -> list[str]:
    """Return the command that makes a small Debian system as a tar file, from lists that are there already."""
    words = ["mmdebstrap", "--mode=auto", "--variant=minbase", f"--include={','.join(packages)}"]
    words += ["--skip=update", f'--setup-hook=copy-in "{apt.lists}" /var/lib/apt']
    words += [
        f"--aptopt={line}"
        for line in [*options, 'Acquire::Languages "none";', 'APT::Install-Recommends "false";']
    ]
    words += [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale", "info")]
    words += [f"--customize-hook={hook}" for hook in customize]
    return [*words, release, str(tar), str(apt.sources)]


def hooks() -> t.Iterator[str]:
    """Yield the commands that finish the new system ($1)."""
    yield f'copy-in "{GUEST}/lab-seed" /usr/local/sbin'
    yield f'copy-in "{GUEST}/lab-seed.service" /etc/systemd/system'
    yield f'copy-in "{GUEST}/10-uplink.network" /etc/systemd/network'
    yield 'chmod 0755 "$1/usr/local/sbin/lab-seed"; mkdir -p "$1/srv/iso"; rm -f "$1"/etc/ssh/ssh_host_*'
    yield f"printf '%s' '{FSTAB}' > \"$1/etc/fstab\"".replace("\n", "\\n").replace("'%s'", "'%b'")
    yield 'printf "nameserver 10.0.2.3\\n" > "$1/etc/resolv.conf"; printf "127.0.0.1 localhost\\n" > "$1/etc/hosts"'
    authorities = "/usr/local/share/ca-certificates"
    yield f'mkdir -p "$1{authorities}"; cp {authorities}/*.crt "$1{authorities}/" || true'
    yield 'chroot "$1" update-ca-certificates >/dev/null'
    yield 'chroot "$1" systemctl enable lab-seed systemd-networkd ssh'
    # One by one: a name that the release does not have must not keep the others on.
    yield f'for name in {SERVICES_OFF}; do chroot "$1" systemctl disable "$name" 2>/dev/null || true; done'
    yield 'chroot "$1" systemctl mask apt-daily.service apt-daily-upgrade.service systemd-networkd-wait-online.service'
    yield 'rm -f "$1"/var/cache/apt/archives/*.deb'
