# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Scripts that start something: the kernel of a profile or a rescue system, or an entry of the site's own.

What belongs to one installation comes to a profile's script in settings: ``install_arguments``, and ``release``, the
URL that releases it, with ``armed_script`` and ``local_script`` for when it does not.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Entry, Kernel, Words
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import (
    FETCH,
    HOLD_PAUSE,
    SAY_LOCAL_BOOT,
    TIMEOUT,
    retry,
    script_of,
    text,
    url_of,
    words,
)

#: Nothing of an armed installation is left for a kernel that is started otherwise.
NOT_ARMED = ["clear install_arguments ||", "clear release ||"]
_NO_KERNEL = [
    "echo On the server: is the distribution's tree mounted?  In Ansible: run the site playbook.",
    *SAY_LOCAL_BOOT,
]
# The server's word must not be there when the kernel starts: it would be taken for an initrd.
_RELEASE = [
    "isset ${release} || goto start",
    f"imgfetch --name release --timeout {TIMEOUT} ${{release}} && imgfree release || goto refused",
    "# Released: if this kernel does not start, it may be loaded again.",
    "clear release ||",
    "",
    ":start",
]


def profile_script(profile: Entry) -> str:
    """``profiles/<profile>.ipxe``: kernel, initrd and the arguments that are the same for all machines.

    The release is asked for last of all, so that a kernel that cannot be loaded costs no installation.
    """
    kernel = profile.boots
    return script_of(
        "boot_files",
        [
            f"Profile {profile.name}: {profile.label}",
            f"Distribution {kernel.distribution}. An armed machine arrives here with its install_arguments.",
        ],
        [
            f"echo Loading {text(profile.label, f'{profile.address}.label')}",
            *_start(kernel, _RELEASE),
            f"echo Profile {profile.name} cannot be loaded. The disk was not touched.",
            *_NO_KERNEL,
            "",
            ":refused",
            "imgfree ||",
            "echo The server did not release the installation. This boot has changed nothing on the disk.",
            "# Without a pause a server that cannot record a release would be asked for kernels without end.",
            f"prompt --timeout {HOLD_PAUSE * 1000} It asks again in {HOLD_PAUSE} seconds. Press a key to ask now. ||",
            "# There it is said why; local.ipxe if it is no longer armed.",
            f"{FETCH} ${{armed_script}} ||",
            f"{FETCH} ${{local_script}} ||",
            "echo The server cannot be reached.",
            "goto refused",
        ],
    )


def settings_of(boot_url: str, arguments: str, release: str, own: str) -> list[str]:
    """What a profile's script is told of an installation.

    :param own: the URL of the script that comes again if the server does not release it.
    """
    return [
        f"set install_arguments {arguments}" if arguments else "clear install_arguments ||",
        f"set release {release}",
        f"set armed_script {own}",
        f"set local_script {url_of(boot_url, paths.LOCAL)}",
    ]


def start_profile(boot_url: str, profile: str) -> list[str]:
    """What follows is for when there is no such script."""
    return [
        "set attempt:int32 0",
        ":try",
        f"{FETCH} {url_of(boot_url, paths.profile_script(profile))} ||",
        *retry("try", f"The server does not hand out profile {profile}"),
    ]


def rescue_script(rescue: Entry) -> str:
    """``rescue/<distribution>.ipxe``: the distribution's own rescue system."""
    return script_of(
        "boot_files",
        [f"The rescue system of {rescue.name}."],
        [
            f"echo Loading the rescue system of {rescue.name}",
            *_start(rescue.boots),
            f"echo The rescue system of {rescue.name} cannot be loaded. The disk was not touched.",
            *_NO_KERNEL,
        ],
    )


def entry_script(boot_url: str, entry: Entry) -> str:
    """``entries/<name>.ipxe``: an entry of the site's own."""
    address, program = entry.address, entry.programs["ipxe"]
    label = text(entry.label, f"{address}.label")
    url = _own_url(boot_url, program.file)
    if program.action == "kernel":
        initrds = [_own_url(boot_url, path) for path in program.initrds]
        start = _start(Kernel("", url, initrds, [Words(f"{address}.append", program.arguments)]))
    else:
        replace = "--replace " if program.action == "script" else ""
        start = [f"chain {replace}--autofree --timeout {TIMEOUT} {url} ||"]
    return script_of(
        "boot_files",
        [f"An entry of the site's own: {entry.name}."],
        [
            f"echo Loading {label}",
            *NOT_ARMED,
            *start,
            f"echo {label} cannot be started. Nothing was changed on this machine.",
            *SAY_LOCAL_BOOT,
        ],
    )


def _own_url(boot_url: str, path: str) -> str:
    return url_of(path) if "://" in path else url_of(boot_url, path)


def _start(kernel: Kernel, release: t.Sequence[str] = ()) -> list[str]:
    """Load and start a kernel; what follows is for when that fails.

    :param release: what comes between.
    """
    # UEFI kernels under iPXE before 2.0 find their initrd by this argument only.
    names = [_initrd_name(url, number, len(kernel.initrds)) for number, url in enumerate(kernel.initrds)]
    arguments = [words(part.said, part.address) for part in kernel.arguments]
    line = ["kernel", url_of(kernel.url), *(f"initrd={name}" for name in names), *arguments]
    return [
        "set attempt:int32 0",
        ":try",
        f"{' '.join(part for part in line if part)} ${{install_arguments}} || goto failed",
        *(f"initrd --name {name} {url_of(url)} || goto failed" for name, url in zip(names, kernel.initrds)),
        *release,
        "boot || goto failed",
        "",
        ":failed",
        # A kernel without its initrd would be in the way of the next try.
        "imgfree ||",
        *retry("try", "Kernel or initrd cannot be loaded"),
    ]


def _initrd_name(url: str, number: int, count: int) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "_", url.rsplit("/", 1)[-1])
    return name if count == 1 else f"{number}-{name}"
