# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iso_info
short_description: Tell what an installation image is
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Reads an ISO 9660 image as a file. Nothing is mounted, and no privileges are needed beyond reading it.
  - Says which installer it carries (the family), which release it is, and where its kernel and initrd are.
  - It goes by the image's own files (C(.treeinfo), C(.discinfo), C(media.repo), C(.disk/info), C(dists/*/Release)), its
    volume identifier and its layout, never by the name of the file.
  - An image that is not recognised can be described with O(family), O(kernel) and O(initrd).
  - An image that is incomplete, or another one than it is described as, is an error.
extends_documentation_fragment:
  - netinstall.pxe._attributes.info_module
options:
  path:
    description:
      - The image on the host.
    type: path
    required: true
  checksum:
    description:
      - What the image must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
      - An image that differs is an error.
    type: str
  sha256:
    description:
      - Whether to return the image's own checksum. It takes a while to read some gigabytes.
    type: bool
    default: false
  media_check:
    description:
      - Whether to verify the checksum that C(implantisomd5) has put into the image, as anaconda's media check and
        C(checkisomd5) do. It takes a while to read some gigabytes.
      - The result is RV(image.media_check). An image that fails is no error here, but it is in
        M(netinstall.pxe.iso_mount).
    type: bool
    default: false
  stamps:
    description:
      - A folder in which computed checksums are kept, so that they are not computed again as long as the image is
        the same file, of the same size and with the same times. It is made when it is missing.
      - Without it, a checksum is computed each time it is asked for. In check mode nothing is kept.
    type: path
  distribution:
    description:
      - What the image is called in the inventory, such as V(rocky-9). An image of another product or release than the
        name says is an error.
    type: str
  family:
    description:
      - The installer that the image carries, if it cannot be recognised. One that contradicts what is recognised is
        an error.
    type: str
  kernel:
    description:
      - The installer's kernel, as a path inside the image, if it cannot be recognised or is another one.
    type: str
  initrd:
    description:
      - The installer's initial RAM disks, as paths inside the image, if they cannot be recognised or are others.
    type: list
    elements: str
  architecture:
    description:
      - The architecture of an image that cannot be recognised, by its distribution's own name (V(amd64), V(x86_64)).
    type: str
  version:
    description:
      - The version of the image. One that contradicts what is recognised is an error; V(9) does not contradict V(9.4),
        but V(9.3) does.
      - It counts more than a number in O(distribution).
    type: str
seealso:
  - module: netinstall.pxe.iso_mount
"""

EXAMPLES = r"""
- name: Look at an image
  netinstall.pxe.iso_info:
    path: /srv/iso/debian-13.1.0-amd64-netinst.iso
  register: debian

- name: Make sure that both DVDs are whole, and those of CentOS 6.8
  netinstall.pxe.iso_info:
    path: /srv/iso/CentOS-6.8-x86_64-bin-DVD{{ item }}.iso
    distribution: centos-6
    version: "6.8"
    media_check: true
  loop: [1, 2]
  register: centos
  failed_when: centos is failed or centos.image.media_check == 'failed'

- name: Look at an image, and make sure that it is the right one
  netinstall.pxe.iso_info:
    path: /srv/iso/debian-13.1.0-amd64-netinst.iso
    checksum: sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
    stamps: /srv/pxe/iso/.verified

- name: Use an image that is not known
  netinstall.pxe.iso_info:
    path: /srv/iso/kali-linux.iso
    family: debian
    kernel: install.amd/vmlinuz
    initrd: [install.amd/initrd.gz]
"""

RETURN = r"""
image:
  description: What the image is. A key whose value is not known is null.
  returned: success
  type: dict
  contains:
    path:
      description: The image.
      type: str
      sample: /srv/iso/debian-13.1.0-amd64-netinst.iso
    family:
      description: The installer it carries.
      type: str
      sample: debian
    product:
      description: The product's own name.
      type: str
      sample: Debian GNU/Linux
    version:
      description: Version, with the point release.
      type: str
      sample: 13.1.0
    codename:
      description: Name of the release, as its mirrors use it.
      type: str
      sample: trixie
    suite:
      description: The release's present place among the others.
      type: str
      sample: stable
    architecture:
      description: Architecture of the installer, by the distribution's own name.
      type: str
      sample: amd64
    variant:
      description: Kind of image or edition.
      type: str
      sample: NETINST
    disc:
      description: Number of the image in its set, from 1 on.
      type: int
      sample: 1
    volume_id:
      description: The volume identifier.
      type: str
      sample: Debian 13.1.0 amd64 n
    size:
      description: Length of the image by its own account, in bytes. The file may be longer, never shorter.
      type: int
      sample: 821035008
    kernel:
      description: The installer's kernel inside the image; null on a disc that carries no installer.
      type: str
      sample: install.amd/vmlinuz
    initrd:
      description: The installer's initial RAM disks inside the image.
      type: list
      elements: str
      sample: [install.amd/initrd.gz]
    initrd_flavour:
      description:
        - Where Debian's installer gets its further parts from. V(netboot), from a mirror over the network;
          V(cdrom), from a CD in the machine, which a machine that boots from the network does not have.
      type: str
      sample: cdrom
    network_mistake:
      description:
        - Why machines cannot be installed over the network with this image alone, and what to give besides.
        - Empty if they can.
      type: str
      sample: ""
    kernel_releases:
      description: Kernels for which a Debian image carries the installer's modules.
      type: list
      elements: str
      sample: [6.12.43+deb13-amd64]
    recognised:
      description: Whether the image was recognised, rather than described.
      type: bool
      sample: true
    discs:
      description:
        - All numbers that an image of Enterprise Linux says it has (C(.discinfo)). A DVD may stand for several CDs.
        - None if it is not one of several.
      type: list
      elements: int
      sample: [1]
    timestamp:
      description: What the discs of one set of Enterprise Linux have in common (C(.discinfo)).
      type: str
      sample: "1463887421.604021"
    stage2:
      description: What an initrd of anaconda fetches next, inside the image.
      type: str
      sample: images/install.img
    repositories:
      description: Repositories of RPM packages in the image.
      type: list
      elements: dict
      contains:
        id:
          description: What the image calls it.
          type: str
          sample: BaseOS
        path:
          description: Where it is inside the image; empty for the root.
          type: str
          sample: BaseOS
    media_check:
      description:
        - The checksum that C(implantisomd5) has put into the image. V(none), there is none; V(present), it was not
          verified; V(passed) or V(failed) with O(media_check=true).
      type: str
      sample: passed
    media_check_damage:
      description: The bytes between which the first damage is, if the media check failed.
      type: list
      elements: int
      sample: [2260992, 2490368]
    sha256:
      description: The image's own checksum.
      returned: when O(sha256=true)
      type: str
      sample: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mediacheck
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import (
    digest_of,
    identify,
    media_check_of,
    open_image,
    verify,
)

_DESCRIBED = ("distribution", "family", "kernel", "initrd", "architecture", "version")


def look(params: dict[str, t.Any], keep: bool) -> dict[str, t.Any]:
    """Return what the module returns as ``image``.

    :param keep: whether computed checksums may be kept.
    :raises PxeError: the image is not there, not whole, not the described one, or not known.
    """
    path, stamps = params["path"], params["stamps"]
    with open_image(path) as image:
        # Before the slow part, so that a wrong image is known at once.
        found = identify(image, FAMILIES, {key: params[key] for key in _DESCRIBED})
        check = mediacheck.look(image, verify=False)
    if params["checksum"]:
        verify(path, params["checksum"], stamps, keep)
    if params["sha256"]:
        found["sha256"] = digest_of(path, "sha256", stamps, keep)
    if params["media_check"]:
        check = media_check_of(path, stamps, keep)
    family = FAMILIES[found["family"]]
    return {
        "path": path,
        **found,
        "network_mistake": family.network_mistake(found, params["distribution"] or "<name>"),
        "media_check": check.status,
        "media_check_damage": check.damage,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "checksum": {"type": "str"},
            "sha256": {"type": "bool", "default": False},
            "media_check": {"type": "bool", "default": False},
            "stamps": {"type": "path"},
            "distribution": {"type": "str"},
            "family": {"type": "str"},
            "kernel": {"type": "str"},
            "initrd": {"type": "list", "elements": "str"},
            "architecture": {"type": "str"},
            "version": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, image=look(module.params, keep=not module.check_mode))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
