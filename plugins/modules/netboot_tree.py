# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: netboot_tree
short_description: Lay out kernel and initrd of a network installer, or of a diskless machine
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Takes kernel and initrd out of Debian's C(netboot.tar.gz) and publishes them in a folder, both or none.
  - Debian's CD and DVD images carry an installer that looks for a CD. A machine that boots from the network needs this
    one besides.
  - Of a root file system that diskless machines mount by NFS it does the same with the kernel and initrd in it.
  - From a mirror it fetches kernel and initrd, and compares them with the checksums that the mirror says, in
    C(.treeinfo) of an Enterprise Linux or Fedora (of old ones there may be none), or in C(SHA256SUMS) of Debian's
    installer. The latter's own checksum is in C(InRelease), whose signature is verified if the host has C(gpgv)
    and O(keyring). Only what has changed on the mirror is fetched again. If the mirror is down, what was published
    of it stays.
extends_documentation_fragment:
  - netinstall.pxe._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  path:
    description:
      - The archive on the host.
      - With O(state=present), this, O(root) or O(mirror) is required.
    type: path
  root:
    description:
      - A folder on the host with a root file system.
      - Its kernel is the one to which C(boot/vmlinuz) or C(vmlinuz) leads, with C(initrd.img) beside it; without these
        links the newest C(boot/vmlinuz-RELEASE) for which there is C(boot/initrd.img-RELEASE) or
        C(boot/initramfs-RELEASE.img). Links are followed as the machine would, inside the folder.
    type: path
  mirror:
    description:
      - The URL of a mirror, without a slash at its end, which is the folder with C(.treeinfo) or, of Debian, the one
        with C(dists/).
    type: str
  family:
    description:
      - What is on the mirror, or in the archive; such as V(debian) or V(redhat).
      - For an archive, the default is the first family that has any.
    type: str
  distribution:
    description:
      - The distribution's name. If its number is not that of what is on the mirror, this is an error.
    type: str
  version:
    description:
      - The version, likewise.
    type: str
  suite:
    description:
      - Of Debian the release's name, such as V(trixie). By default that of O(version), or else of the number in
        O(distribution).
    type: str
  architecture:
    description:
      - The architecture. By default that of the mirror, or of Debian V(amd64).
    type: str
  keyring:
    description:
      - The keys that may have signed C(InRelease). A file that is not there verifies nothing.
    type: path
    default: /usr/share/keyrings/debian-archive-keyring.gpg
  dest:
    description:
      - The folder for C(linux) and C(initrd.gz). It is made when it is missing.
    type: path
    required: true
  checksum:
    description:
      - What the archive must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
    type: str
  stamps:
    description:
      - A folder in which computed checksums are kept; see O(netinstall.pxe.iso_info#module:stamps).
    type: path
  state:
    description:
      - With V(absent), the module's files are removed, and the folder if nothing else is in it.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netinstall.pxe.iso_info
"""

EXAMPLES = r"""
- name: Lay out the network installer of Debian 13
  netinstall.pxe.netboot_tree:
    path: /srv/iso/debian-13-netboot.tar.gz
    checksum: sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
    dest: /srv/pxe/trees/debian-13-netboot

- name: Lay out kernel and initrd of a mirror
  netinstall.pxe.netboot_tree:
    mirror: http://mirror.example/rocky/9/BaseOS/x86_64/os
    family: redhat
    distribution: rocky-9
    dest: /srv/pxe/trees/rocky-9-netboot

- name: Lay out kernel and initrd of diskless machines
  netinstall.pxe.netboot_tree:
    root: /srv/roots/desk
    dest: /srv/pxe/trees/desk-netboot
"""

RETURN = r"""
netboot:
  description: What the archive or the root file system holds. What is not known is null.
  returned: when O(state=present)
  type: dict
  contains:
    kernel:
      description: The kernel's name in the folder.
      type: str
      sample: linux
    initrd:
      description: The initial RAM disks' names in the folder.
      type: list
      elements: str
      sample: [initrd.gz]
    architecture:
      description: Debian's name of the architecture.
      type: str
      sample: amd64
    version:
      description: The distribution's version.
      type: str
      sample: "13"
    codename:
      description: The release's name.
      type: str
      sample: trixie
    build:
      description: The installer's version.
      type: str
      sample: 20250803+deb13u1
    kernel_release:
      description: The kernel's release, on x86.
      type: str
      sample: 6.12.43+deb13-amd64
mirror:
  description: What is known of the mirror.
  returned: when O(mirror) is given
  type: dict
  contains:
    changed:
      description:
        - Whether kernel or initrd on the mirror are others than those that were published before. They are published
          now, or in check mode would be.
      type: bool
    checksums:
      description: Whether the mirror says checksums of both.
      type: bool
    signed:
      description: Whether a signature vouches for the checksums. Null where mirrors have none.
      type: bool
    unreachable:
      description: Why the mirror cannot be asked; what was published before stays then. Null if it can.
      type: str
"""

import contextlib
import http.client
import json
import os
import shutil
import ssl
import string
import tempfile
import typing as t
import urllib.error
import urllib.parse

from ansible.module_utils import urls
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families.netboot import (
    Netboot,
    kernel_release,
    read_root,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    Changes,
    Data,
    publish,
    read_file,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mirrors
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import open_file, verify
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import has_user

# Says that the folder is ours, and what is in it.
LABEL = ".netboot.json"
FILES = ("initrd.gz", "linux", LABEL)
REDIRECTS = (301, 302, 303, 307, 308)
STEPS = 10
# What a mirror is asked for, and what is found.
ASKED = ("mirror", "family", "distribution", "version", "suite", "architecture")
FOUND = ("kernel", "initrd", "architecture", "version", "codename", "build", "kernel_release")


def facts(netboot: Netboot) -> dict[str, t.Any]:
    return {"kernel": "linux", "initrd": ["initrd.gz"], **{key: getattr(netboot, key) for key in FOUND[2:]}}


def read(params: dict[str, t.Any], check: bool) -> Netboot:
    """Read the archive or the root file system.

    :raises PxeError: the archive is not there, not the described one, or not Debian's netboot.tar.gz; or what should be
        a root file system has no kernel.
    """
    if params["root"]:
        return read_root(params["root"])
    path = params["path"]
    if params["checksum"]:
        verify(path, params["checksum"], params["stamps"], write=not check)
    with open_file(path) as file:
        try:
            return reader(params["family"])(file)
        except PxeError as exc:
            raise PxeError(f"{path} {exc}") from exc


def reader(family: str | None) -> t.Callable[[t.BinaryIO], Netboot]:
    """What reads the archive: the family's, or that of the first one that has such archives."""
    found = [one.read_netboot for name, one in FAMILIES.items() if family in (None, name)]
    readers = [one for one in found if one]
    if not readers:
        raise PxeError(f"cannot be read: the family {family!r} has no archives of network installers")
    return readers[0]


def present(params: dict[str, t.Any], check: bool) -> tuple[Changes, dict[str, t.Any]]:
    """Publish kernel and initrd; return what changed and what they are."""
    netboot = read(params, check)
    found = facts(netboot)
    label = json.dumps(found, indent=2, sort_keys=True) + "\n"
    # The kernel last: whoever gets the new kernel gets the new initrd.
    wanted: dict[str, Data] = {"initrd.gz": netboot.initrd, "linux": netboot.kernel, LABEL: label}
    return publish(params["dest"], wanted, check=check), found


def fetch(url: str, limit: int) -> bytes | None:
    """What is at a URL; nothing if the server knows of none.

    :raises PxeError: the server cannot be asked, has too much, or leads to where it is less safe.
    """
    try:
        with open_url(url) as response:
            data = bytes(response.read(limit + 1))
            length = response.headers.get("Content-Length", "")
            chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"
    except urllib.error.HTTPError as exc:
        if exc.code in (404, 410):
            return None
        busy = exc.code >= 500 or exc.code == 429
        raise (mirrors.UnreachableError if busy else PxeError)(
            f"{url}: the server answers {exc.code} {exc.reason}; correct the mirror"
        ) from exc
    # A ValueError is of a host or path that cannot be asked for.
    except (OSError, ValueError, http.client.HTTPException, urls.ConnectionError, urls.NoSSLError) as exc:
        reason = getattr(exc, "reason", None) or exc
        raise (mirrors.UnreachableError if is_down(reason) else PxeError)(
            f"{url}: cannot be fetched: {reason}"
        ) from exc
    if len(data) > limit:
        raise PxeError(f"{url} has more than {limit >> 20} MiB: it is something else")
    if length.isdigit() and len(data) != int(length):
        raise PxeError(f"{url}: the connection broke; run again")
    if not chunked and not length.isdigit():
        raise PxeError(
            f"{url}: the server does not say how long the file is, so that nobody knows whether it is whole; "
            "write another mirror"
        )
    return data


def is_down(reason: object) -> bool:
    """Whether it is the network or the server, not what it says or who vouches for it."""
    return isinstance(reason, OSError) and not isinstance(reason, (ssl.SSLError, ValueError))


def open_url(url: str) -> t.Any:
    """Follow a mirror to where it leads. Each step is a request of its own: with the password of ~/.netrc for that host
    only, and with https if the first one has it."""
    asked = url
    for _step in range(STEPS):
        try:
            return urls.open_url(
                url,
                timeout=60,
                decompress=False,
                headers={"Accept-Encoding": "identity"},
                follow_redirects="no",
            )
        except urllib.error.HTTPError as exc:
            location = exc.headers.get("Location") if exc.code in REDIRECTS else None
            if not location:
                raise
            url = urllib.parse.urljoin(url, urllib.parse.quote(location, string.punctuation, "latin-1"))
            refuse_detour(asked, url)
    raise PxeError(f"{asked}: the server leads to {STEPS} others, one after the other; write another mirror")


def refuse_detour(asked: str, told: str) -> None:
    """Mirrors hand on to others; https vouches for what is in the file only if all of them have it."""
    scheme = told.partition(":")[0].lower()
    if scheme not in ("https", "http") or (asked.startswith("https:") and scheme != "https"):
        raise PxeError(
            f"{asked}: the server leads to another one by {scheme}, which does not vouch for what it sends; "
            "write another mirror"
        )


def verifier(module: AnsibleModule) -> mirrors.Verify:
    """What reads InRelease: gpgv, if it and the keys are there."""
    keyring, gpgv = module.params["keyring"], shutil.which("gpgv")

    def verify(signed: bytes) -> tuple[str, bool]:
        if not gpgv or not os.path.exists(keyring):
            return mirrors.unverified(signed)
        with tempfile.TemporaryDirectory(dir=module.tmpdir) as folder:
            path, text = (os.path.join(folder, name) for name in ("InRelease", "Release"))
            with open(path, "wb") as file:
                file.write(signed)
            command = [gpgv, "--status-fd", "1", "--keyring", keyring, "--output", text, path]
            _status, out, err = module.run_command(command, environ_update={"LC_ALL": "C"})
            said = mirrors.said_by_gpgv(out)
            if said:
                raise PxeError(
                    f"InRelease of the mirror: {said} ({keyring}: {' '.join(err.split())[-200:]}); nothing was "
                    "changed. Write another mirror, or the keyring that it is signed by"
                )
            return read_file(text).decode("utf-8", "replace"), True

    return verify


def published(dest: str) -> dict[str, t.Any]:
    """What is published of a mirror: its label, if the files are those that it speaks of."""
    try:
        label = json.loads(read_file(os.path.join(dest, LABEL)))
        sums = label["sums"]
        for name in ("linux", "initrd.gz"):
            if mirrors.digest(read_file(os.path.join(dest, name)), sums[name]) != sums[name]:
                return {}
    except (PxeError, ValueError, KeyError, TypeError):
        return {}
    return t.cast("dict[str, t.Any]", label)


def of_mirror(module: AnsibleModule) -> tuple[Changes, dict[str, t.Any]]:
    """Publish kernel and initrd of a mirror; return what changed, and what is known of them.

    A mirror that is down changes nothing: the rest of a site must not depend on it.

    :raises PxeError: the mirror has not what is described, or not what it says.
    """
    if has_user(module.params["mirror"]):
        raise PxeError(
            "mirror has a user name in it, and perhaps a password, which everybody could read in the folder"
        )
    try:
        return ask(module)
    except mirrors.UnreachableError as exc:
        known = published(module.params["dest"])
        if known.get("asked") != {key: module.params[key] for key in ASKED}:
            raise
        mirror = {
            "changed": False,
            "checksums": None not in known["told"].values(),
            "signed": known["signed"],
            "unreachable": str(exc),
        }
        return Changes(), {"netboot": {key: known[key] for key in FOUND}, "mirror": mirror}


def ask(module: AnsibleModule) -> tuple[Changes, dict[str, t.Any]]:
    """Publish what a mirror has now."""
    params, check = module.params, module.check_mode
    installer = mirrors.find(params, fetch, verifier(module))
    known = published(params["dest"])
    sources = {"initrd.gz": installer.initrd, "linux": installer.kernel}
    same = known.get("sources") == sources
    told = {name: installer.checksums.get(url) for name, url in sources.items()}
    current = bool(known) and same and None not in told.values() and known.get("told") == told
    wanted: dict[str, Data] = {}
    for name, url in sources.items():
        # In check mode an unknown kernel stands for itself.
        wanted[name] = (
            read_file(os.path.join(params["dest"], name))
            if current or (check and known and told[name] is None)
            else b""
            if check
            else mirrors.read(installer, url, fetch)
        )
    kernel = wanted["linux"]
    found = {
        "kernel": "linux",
        "initrd": ["initrd.gz"],
        "build": None,
        "kernel_release": kernel_release(t.cast("bytes", kernel)),
        **installer.facts,
    }
    sums = {
        name: mirrors.digest(t.cast("bytes", data), told[name] or "sha256:") for name, data in wanted.items()
    }
    asked = {key: params[key] for key in ASKED}
    label = {
        **found,
        "asked": asked,
        "signed": installer.signed,
        "sources": sources,
        "told": told,
        "sums": sums,
    }
    wanted[LABEL] = json.dumps(label, indent=2, sort_keys=True) + "\n"
    mirror = {
        "changed": bool(known) and same and known["sums"] != sums,
        "checksums": None not in told.values(),
        "signed": installer.signed,
        "unreachable": None,
    }
    return publish(params["dest"], wanted, check=check), {"netboot": found, "mirror": mirror}


def absent(dest: str, check: bool) -> Changes:
    """Remove our files, if the folder is ours, and the folder."""
    if not os.path.exists(os.path.join(dest, LABEL)):
        return Changes()
    changes = publish(dest, {}, owned=lambda relpath: relpath in FILES, check=check)
    if not check:
        with contextlib.suppress(OSError):
            os.rmdir(dest)
    return changes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "root": {"type": "path"},
            "dest": {"type": "path", "required": True},
            "checksum": {"type": "str"},
            "stamps": {"type": "path"},
            "mirror": {"type": "str"},
            "family": {"type": "str"},
            "distribution": {"type": "str"},
            "version": {"type": "str"},
            "suite": {"type": "str"},
            "architecture": {"type": "str"},
            "keyring": {"type": "path", "default": "/usr/share/keyrings/debian-archive-keyring.gpg"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["path", "root", "mirror"], True)],
        required_by={"mirror": ["family"]},
        mutually_exclusive=[("root", "path", "mirror"), ("root", "checksum"), ("mirror", "checksum")],
        supports_check_mode=True,
    )
    params, check = module.params, module.check_mode
    result: dict[str, t.Any] = {}
    try:
        if params["state"] == "absent":
            changes = absent(params["dest"], check)
        elif params["mirror"]:
            changes, result = of_mirror(module)
        else:
            changes, found = present(params, check)
            result = {"netboot": found}
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=bool(changes), diff=changes.diff(params["dest"]), **result)


if __name__ == "__main__":
    main()
