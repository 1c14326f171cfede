# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iso_mount
short_description: Mount an installation image, now and after each start of the host
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Mounts an ISO 9660 image read-only through a loop device and a systemd mount unit of its own, which mounts it again
    after each start of the host.
  - An image that is incomplete, is no ISO 9660 image, differs from its checksum, or is another one than it is
    described as, is refused before anything is changed.
  - An image that was replaced under the same name is unmounted and mounted again.
  - Mounts, units and files that are not this module's are never touched, but reported.
extends_documentation_fragment:
  - netinstall.pxe._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - systemd as the host's init system
  - losetup (util-linux)
  - a kernel with the file system iso9660 and loop devices
options:
  path:
    description:
      - The image on the host.
      - Required with O(state=present).
    type: path
  mountpoint:
    description:
      - The folder to mount it at. It is made when it is missing, and must be empty when it is not.
    type: path
    required: true
  checksum:
    description:
      - What the image must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
    type: str
  media_check:
    description:
      - Whether to refuse an image that fails the media check that is built into it; see
        O(netinstall.pxe.iso_info#module:media_check). An image without one is taken as it is.
    type: bool
    default: false
  stamps:
    description:
      - A folder in which computed checksums are kept; see O(netinstall.pxe.iso_info#module:stamps).
    type: path
  distribution:
    description:
      - What the image is called in the inventory; see O(netinstall.pxe.iso_info#module:distribution).
      - If any of O(distribution), O(family) and O(version) is given, the image must be one that is known, or be
        described by O(family), O(kernel) and O(initrd). Else any image is mounted.
    type: str
  family:
    description:
      - The installer that the image carries; see O(netinstall.pxe.iso_info#module:family).
    type: str
  version:
    description:
      - The version of the image; see O(netinstall.pxe.iso_info#module:version).
    type: str
  kernel:
    description:
      - The installer's kernel inside the image, if it cannot be recognised.
    type: str
  initrd:
    description:
      - The installer's initial RAM disks inside the image, if they cannot be recognised.
    type: list
    elements: str
  state:
    description:
      - With V(present), the image is mounted and its unit enabled.
      - With V(absent), it is unmounted, and the unit and the empty mount point are removed. The image itself stays.
    type: str
    choices: [present, absent]
    default: present
  options:
    description:
      - Mount options.
    type: list
    elements: str
    default: [ro, loop, nosuid, nodev, noexec]
  context:
    description:
      - The SELinux context that all files get, as an ISO 9660 file system has none and no service may read it as it is.
        C(system_u:object_r:public_content_t:s0) lets servers of HTTP, FTP, TFTP and NFS read it.
      - It is left out on a host whose kernel runs without SELinux.
    type: str
  before:
    description:
      - Units that are to start only after the image is mounted when the host starts. They start also if that fails.
    type: list
    elements: str
    default: []
seealso:
  - module: netinstall.pxe.iso_info
  - module: ansible.posix.mount
"""

EXAMPLES = r"""
- name: Mount an image
  netinstall.pxe.iso_mount:
    path: /srv/iso/debian-13.1.0-amd64-netinst.iso
    mountpoint: /srv/pxe/trees/debian-13
    before: [nginx.service]

- name: Mount an image on a host with SELinux, if it is whole and CentOS 6
  netinstall.pxe.iso_mount:
    path: /srv/iso/CentOS-6.8-x86_64-bin-DVD1.iso
    mountpoint: /srv/pxe/trees/centos-6
    distribution: centos-6
    media_check: true
    context: system_u:object_r:public_content_t:s0

- name: Unmount it, also for the future
  netinstall.pxe.iso_mount:
    mountpoint: /srv/pxe/trees/debian-13
    state: absent
"""

RETURN = r"""
unit:
  description: The systemd unit that mounts the image.
  returned: success
  type: str
  sample: srv-pxe-trees-debian\x2d13.mount
steps:
  description:
    - "What was done, or in check mode would be: V(folder), V(unmount), V(unit), V(mount), V(enable), V(forget),
      V(remove_folder)."
  returned: success
  type: list
  elements: str
  sample: [folder, unit, mount, enable]
reason:
  description: Why the image was mounted, mounted again or unmounted; empty when it was not.
  returned: success
  type: str
  sample: the image was changed
image:
  description:
    - What the image is, as M(netinstall.pxe.iso_info) returns it, without what takes long. Null if nobody knows it.
  returned: success and O(state=present)
  type: dict
  sample: {family: redhat, product: CentOS, version: "6.8", disc: 1}
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mounts, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import (
    identify,
    open_image,
    verify,
    verify_media,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image, IsoError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.mount_units import (
    Worker,
    check_system,
    describe,
    diff,
    find,
    identity_of,
    options_with,
    real_point,
    runner,
)

_DESCRIBED = ("distribution", "family", "version", "kernel", "initrd")


def wanted(params: dict[str, t.Any], keep: bool) -> tuple[unit_files.ImageMount, dict[str, t.Any] | None]:
    """Check the image, and say what is to be mounted, and what is known of it.

    :param keep: whether a computed checksum may be kept.
    :raises PxeError: the image is not there, not whole, no ISO 9660, or not the described one.
    """
    path = params["path"]
    with open_image(path) as image:
        identity = identity_of(path)
        # Before the slow part, so that a wrong image is known at once.
        known = _identify(image, {key: params[key] for key in _DESCRIBED})
        _refuse_links_out(image)
    if params["checksum"]:
        verify(path, params["checksum"], params["stamps"], keep)
    if params["media_check"]:
        verify_media(path, params["stamps"], keep)
    options = options_with(params["options"], params["context"])
    target = unit_files.ImageMount(path, params["mountpoint"], identity, options, tuple(params["before"]))
    return target, known


def _refuse_links_out(image: Image) -> None:
    """A server that shows the mounted image would follow them to its own files.

    :raises PxeError: there are such links.
    """
    found = image.links_out()
    if found:
        shown = ", ".join(f"{path} -> {target}" for path, target in list(found.items())[:3])
        raise PxeError(
            f"has {len(found)} links that point outside it ({shown}), through which a web server would show files of "
            "this host; do not mount it, but make its tree without them (layout: copy)"
        )


def _identify(image: Image, described: dict[str, t.Any]) -> dict[str, t.Any] | None:
    """What the image is. One of which nothing is demanded need not be known."""
    try:
        return identify(image, FAMILIES, described)
    except IsoError:
        raise
    except PxeError:
        if any(described.values()):
            raise
        return None


def run_module(module: AnsibleModule) -> dict[str, t.Any]:
    """Decide, then act unless in check mode; return the module's result."""
    params, run = module.params, runner(module)
    point = params["mountpoint"] = real_point(params["mountpoint"])
    found = find(point, run)
    known = None
    if params["state"] == "present":
        target, known = wanted(params, keep=not module.check_mode)
        decision = mounts.decide_present(target, found)
        text, after = unit_files.unit_text(target), f"mounted: {target.image}\n"
    else:
        decision = mounts.decide_absent(point, found)
        text, after = "", "not mounted\n"
    if "mount" in decision.steps:
        check_system(run)
    if decision.steps and not module.check_mode:
        Worker(run, point, text, found.unit).take(decision.steps)
    return {
        "changed": bool(decision.steps),
        "unit": unit_files.unit_name(point),
        "steps": decision.steps,
        "reason": decision.reason,
        **({"image": known and {"path": params["path"], **known}} if params["state"] == "present" else {}),
        "diff": diff(point, describe(found), after + text) if decision.steps else {},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "mountpoint": {"type": "path", "required": True},
            "checksum": {"type": "str"},
            "media_check": {"type": "bool", "default": False},
            "stamps": {"type": "path"},
            **{key: {"type": "str"} for key in ("distribution", "family", "version", "kernel", "context")},
            "initrd": {"type": "list", "elements": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "options": {
                "type": "list",
                "elements": "str",
                "default": ["ro", "loop", "nosuid", "nodev", "noexec"],
            },
            "before": {"type": "list", "elements": "str", "default": []},
        },
        required_if=[("state", "present", ["path"])],
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run_module(module))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
