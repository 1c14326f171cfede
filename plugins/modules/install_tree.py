# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: install_tree
short_description: Make one install tree of one or more installation images
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Lays the files of one or more images over each other, so that an installer finds all packages in one tree. Of files
    of the same name, those of the first image are seen; which ones that are is reported.
  - Packages of all images are reachable by one repository. Where they lie on several images, its metadata are made
    anew by C(createrepo_c), with the groups of the first image and the modules of all of them. Packages that the
    images' own metadata describe are not read for that.
  - A single image that is whole in itself becomes the tree as it is. So does each repository that lies on one image,
    as BaseOS and AppStream do.
  - Before anything is changed, the images are compared with what they say of themselves - every package that the
    metadata list must be there with the right size, kernel, initrd and second stage must be there and have the
    checksums of C(.treeinfo) -, and everything that is wrong is told at once. Images are read without mounting them.
  - The tree is there after each start of the host. An interrupted run is repaired by the next one.
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
  - createrepo_c, where the packages of one repository lie on several images
  - with O(layout=overlay), what M(netinstall.pxe.iso_mount) needs, and a kernel with the file system overlay if there
    are several images
  - zstd, for metadata that are packed by it
options:
  dest:
    description:
      - The folder of the tree.
    type: path
    required: true
  media:
    description:
      - A folder of the tree's own for what is beside it, such as the mounted images.
    type: path
    required: true
  index:
    description:
      - A file to be written with the names of all packages, groups, environments and modules of the tree, as JSON.
        Without it, the name is that of O(media) with C(.json) added.
    type: path
  images:
    description:
      - The images in the order of the discs.
      - Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The image on the host.
        type: path
        required: true
      checksum:
        description:
          - What the image must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
        type: str
  layout:
    description:
      - With V(overlay), images are mounted, and several of them as one tree. Nothing is copied but the metadata that
        are made anew.
      - With V(hardlink), the files of each image are copied once into a folder of its own, and the tree consists of
        hard links to them. When one image is replaced, the others are not read again. O(dest) and O(media) must be on
        one file system.
      - With V(copy), the files are copied into the tree. Neither this nor V(hardlink) mounts anything, so that they
        work where the kernel has no C(iso9660), as in containers.
      - All three make trees of the same content.
    type: str
    choices: [overlay, hardlink, copy]
    default: overlay
  kernel:
    description:
      - Path of the kernel in the tree. Without it, C(.treeinfo) says.
    type: str
  initrd:
    description:
      - Paths of the initial RAM disks. Without them, C(.treeinfo) says.
    type: list
    elements: str
    default: []
  name:
    description:
      - How messages call the tree, such as V(site_distributions.centos-6); its images are then called
        C(site_distributions.centos-6.isos[0]) and so on.
    type: str
  stamps:
    description:
      - A folder in which computed checksums are kept; see O(netinstall.pxe.iso_info#module:stamps).
    type: path
  options:
    description:
      - Mount options.
    type: list
    elements: str
    default: [ro, loop, nosuid, nodev, noexec]
  context:
    description:
      - The SELinux context that all files get that are mounted; see O(netinstall.pxe.iso_mount#module:context).
        Copied files have the labels that the host gives them.
    type: str
  before:
    description:
      - Units that are to start only after the tree is mounted when the host starts. They start also if that fails.
    type: list
    elements: str
    default: []
  state:
    description:
      - With V(absent), the tree, what is mounted for it, O(media) and O(index) are removed. The images stay.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netinstall.pxe.iso_info
  - module: netinstall.pxe.iso_mount
"""

EXAMPLES = r"""
- name: Make one tree of two DVDs
  netinstall.pxe.install_tree:
    images:
      - path: /srv/iso/CentOS-6.8-x86_64-bin-DVD1.iso
      - path: /srv/iso/CentOS-6.8-x86_64-bin-DVD2.iso
    dest: /srv/pxe/trees/centos-6
    media: /srv/pxe/media/centos-6
    before: [nginx.service]

- name: Make a tree where nothing can be mounted
  netinstall.pxe.install_tree:
    images:
      - path: /srv/iso/Rocky-9.4-x86_64-dvd.iso
    dest: /srv/pxe/trees/rocky-9
    media: /srv/pxe/media/rocky-9
    layout: copy

- name: Take it away
  netinstall.pxe.install_tree:
    dest: /srv/pxe/trees/rocky-9
    media: /srv/pxe/media/rocky-9
    state: absent
"""

RETURN = r"""
path:
  description: The folder of the tree.
  returned: success
  type: str
  sample: /srv/pxe/trees/centos-6
layout:
  description: The layout.
  returned: when O(state=present)
  type: str
  sample: overlay
kernel:
  description: Path of the kernel in the tree.
  returned: when O(state=present)
  type: str
  sample: images/pxeboot/vmlinuz
initrd:
  description: Paths of the initial RAM disks.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [images/pxeboot/initrd.img]
stage2:
  description: Path of the installer's second stage; null if C(.treeinfo) does not say.
  returned: when O(state=present)
  type: str
  sample: images/install.img
repositories:
  description: The repositories of the tree.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    id:
      description: Its name in C(.treeinfo).
      type: str
      sample: AppStream
    path:
      description: Path in the tree; empty for the tree itself.
      type: str
      sample: AppStream
    packages:
      description: How many packages it has.
      type: int
      sample: 5432
    merged:
      description: Whether its metadata were made anew.
      type: bool
      sample: false
packages:
  description: How many packages there are in all repositories.
  returned: when O(state=present)
  type: int
  sample: 6583
conflicts:
  description: Files that images have under the same name, but not with the same content.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    path:
      description: The file's path in the tree.
      type: str
      sample: README
    kept:
      description: The number of the image whose file is seen, from 1.
      type: int
      sample: 1
    dropped:
      description: The number of the image whose file is not.
      type: int
      sample: 2
index_path:
  description: The file with the names of packages, groups, environments and modules.
  returned: success
  type: str
  sample: /srv/pxe/media/centos-6.json
seconds:
  description:
    - How long it took to look at the images, to make metadata anew, and all in all. What was not done is null or
      missing.
  returned: when O(state=present)
  type: dict
  sample: {look: 0.9, createrepo: 2.1, all: 3.4}
steps:
  description: What was done, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: ["begin /srv/pxe/media/centos-6", "folder /srv/pxe/media/centos-6/disc1"]
reason:
  description: Why the tree was made or mounted; empty when it was not.
  returned: success
  type: str
  sample: the images were changed
"""

import contextlib
import os
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import files, layout, look, tree, zstd
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.builder import Builder, locked, result_of
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.images import Images


class Tree:
    """One run for one tree: look, decide, act."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module, self.params = module, module.params
        self.run = mount_units.runner(module)
        for key in ("dest", "media"):
            self.params[key] = mount_units.real_point(self.params[key])
        self.index = self.params["index"] or f"{self.params['media']}.json"
        self.images = Images(self.params["name"], self.params["images"] or ())

    def look(self) -> layout.Found:
        number = len(self.images.described)
        return look.look_for(self.params["dest"], self.params["media"], self.index, number, self.run)

    def wanted(self) -> layout.Wanted:
        """What is to be there.

        :raises PxeError: an image is not there, or not the described one.
        """
        params = self.params
        return layout.Wanted(
            params["dest"],
            params["media"],
            params["layout"],
            self.images.identify(params["stamps"], keep=not self.module.check_mode),
            params["kernel"],
            tuple(params["initrd"]),
            mount_units.options_with(params["options"], params["context"]),
            tuple(params["before"]),
        )

    def survey(self, stack: contextlib.ExitStack) -> tree.Survey:
        """Look at the images, which stay open as long as the stack.

        :raises PxeError: something is wrong with them: all of it at once.
        """
        unzstd = zstd.unpacker(self.module.get_bin_path("zstd"), self.module.tmpdir, self.run)
        found = self.images.survey(stack, self.params["kernel"], self.params["initrd"], unzstd)
        for warning in found.warnings:
            self.module.warn(warning)
        if found.problems:
            raise PxeError("\n".join(found.problems))
        return found

    def present(self) -> dict[str, t.Any]:
        check = self.module.check_mode
        target = self.wanted()
        found = self.look()
        with contextlib.ExitStack() as stack:
            started = time.monotonic()
            folder = target.fingerprinted(found.plain)
            found.fingerprint = files.fingerprint(folder) if folder else None
            looked = self.survey(stack) if layout.why_build(target, found) else None
            seconds = {"look": time.monotonic() - started if looked else None}
            plain = looked.plain if looked else found.plain
            decision = layout.decide_present(target, found, plain)
            units = target.units(plain)
            look.check_before(self.run, target, found, looked, check)
            look.check_mounts(self.run, decision.steps, units)
            if decision.steps and not check:
                builder = Builder(self.run, target, found, self.index, units, looked)
                with locked(os.path.dirname(target.media)):
                    builder.take(decision.steps)
                seconds.update(createrepo=builder.seconds, all=time.monotonic() - started)
            result = result_of(looked) if looked else (found.stamp or {})["result"]
        before = layout.describe(found.stamp, found.units)
        after = layout.describe(target.told, {unit.point: unit_files.unit_text(unit) for unit in units})
        return {
            **self.told(decision, before, after),
            **result,
            "layout": target.layout,
            "seconds": seconds,
        }

    def absent(self) -> dict[str, t.Any]:
        found = self.look()
        decision = layout.decide_absent(self.params["dest"], self.params["media"], self.index, found)
        if decision.steps and not self.module.check_mode:
            target = layout.Wanted(self.params["dest"], self.params["media"], "", ())
            with locked(os.path.dirname(target.media)):
                Builder(self.run, target, found, self.index).take(decision.steps)
        before = layout.describe(found.stamp, found.units)
        return self.told(decision, before, "no tree\n")

    def told(self, decision: layout.Decision, before: str, after: str) -> dict[str, t.Any]:
        return {
            "changed": bool(decision.steps),
            "path": self.params["dest"],
            "index_path": self.index,
            "steps": [str(step) for step in decision.steps],
            "reason": decision.reason,
            "diff": mount_units.diff(self.params["dest"], before, after) if decision.steps else {},
        }


def main() -> None:
    image = {"path": {"type": "path", "required": True}, "checksum": {"type": "str"}}
    module = AnsibleModule(
        argument_spec={
            "dest": {"type": "path", "required": True},
            "media": {"type": "path", "required": True},
            "index": {"type": "path"},
            "images": {"type": "list", "elements": "dict", "options": image},
            "layout": {"type": "str", "choices": list(layout.LAYOUTS), "default": "overlay"},
            "kernel": {"type": "str"},
            "initrd": {"type": "list", "elements": "str", "default": []},
            "name": {"type": "str"},
            "context": {"type": "str"},
            "stamps": {"type": "path"},
            "options": {
                "type": "list",
                "elements": "str",
                "default": ["ro", "loop", "nosuid", "nodev", "noexec"],
            },
            "before": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["images"])],
        supports_check_mode=True,
    )
    # What is published can be read by everybody, whatever the account's umask.
    os.umask(0o022)
    try:
        wanted = Tree(module)
        module.exit_json(**(wanted.absent() if module.params["state"] == "absent" else wanted.present()))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
