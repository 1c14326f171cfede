#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: public_files
short_description: Publish a folder with the site's own files
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Mirrors a folder of the control node or of the host to another folder on the host.
  - Each file is replaced atomically. Files that are no longer in the source are removed, and so are folders that become
    empty.
  - Symbolic links and special files are skipped. Owners and modes are not copied; everybody may read all files.
  - An existing folder that the module has not created is refused. It records the folders that it has created in
    a file of the same name with C(.json) appended.
  - Files of the control node are sent unchanged, also those that are encrypted by Ansible Vault.
extends_documentation_fragment:
  - netinstall.pxe._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: partial
    details: It shows the names of files, not what is in them.
  idempotent:
    support: full
options:
  root:
    description:
      - The folder that is published.
    type: path
    required: true
  folder:
    description:
      - The source folder on the control node. It is searched for in the folders of O(search).
      - With O(state=present), this or O(path) is required.
    type: str
  path:
    description:
      - The source folder on the host. With symbolic links resolved, it must not be inside the parent folder of O(root),
        nor contain that.
    type: path
  search:
    description:
      - Folders of the control node in which O(folder) is searched for. By default the usual ones for the user's own
        files, see P(netinstall.pxe.own_file#lookup).
    type: list
    elements: str
    default: []
  state:
    description:
      - With V(absent), what the module has published is removed.
    type: str
    choices: [present, absent]
    default: present
  manifest:
    description:
      - Set by the module itself, which compares files of the control node by it.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The path in the folder.
        type: str
        required: true
      sha256:
        description:
          - Its checksum.
        type: str
        required: true
      staged:
        description:
          - Where it has been put on the host.
        type: path
seealso:
  - module: ansible.builtin.copy
"""

EXAMPLES = r"""
- name: Publish a folder that lies beside the playbook
  netinstall.pxe.public_files:
    root: /srv/pxe/files
    folder: public

- name: Publish a folder of the host
  netinstall.pxe.public_files:
    root: /srv/pxe/files
    path: /srv/own
"""

RETURN = r"""
created:
  description: Files that are new.
  returned: success
  type: list
  elements: str
  sample: [tools/setup.sh]
replaced:
  description: Files with other content.
  returned: success
  type: list
  elements: str
removed:
  description: Files that are gone.
  returned: success
  type: list
  elements: str
"""

import contextlib
import hashlib
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    atomic_write,
    copy_files,
    files_below,
    remove_files,
)

NOTE = '{"made by": "netinstall.pxe.public_files"}\n'

# By path in the published folder: the folder and the path there of what it is to be; empty if it is not here yet.
Sources = dict[str, tuple[str, str]]


def digest(path: str) -> str:
    """SHA-256 of a file; empty if it is none."""
    if os.path.islink(path) or not os.path.isfile(path):
        return ""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            found.update(data)
    return found.hexdigest()


def compare(root: str, params: dict[str, t.Any], there: list[str]) -> tuple[Sources, list[str], list[str]]:
    """What is to be published, and of that what is new and what differs."""
    if params["path"]:
        sources = {name: (params["path"], name) for name in files_below(params["path"])}
        changes = copy_files(root, sources, check=True)
        return sources, changes.created, changes.changed
    manifest = params["manifest"] or []
    wanted = {one["name"]: one["sha256"] for one in manifest}
    created = [name for name in wanted if name not in there]
    replaced = [name for name in wanted if name in there and digest(os.path.join(root, name)) != wanted[name]]
    return {one["name"]: os.path.split(one["staged"] or "") for one in manifest}, created, replaced


def present(params: dict[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Publish the folder.

    :raises PxeError: somebody else made it, a file cannot be read, or the disk refuses.
    """
    root = params["root"]
    note = f"{root}.json"
    there = files_below(root) if os.path.lexists(root) else []
    if there and not os.path.exists(note):
        raise PxeError(
            f"{root} is there, and was not made by this module, which would remove what is in it; move it away"
        )
    if params["path"]:
        check_outside(params["path"], os.path.dirname(root))
    sources, created, replaced = compare(root, params, there)
    removed = [name for name in there if name not in sources]
    noted = os.path.exists(note)
    if not check and (created or replaced or removed or not noted):
        os.makedirs(root, 0o755, exist_ok=True)
        atomic_write(note, NOTE)
        # What has become a folder, or was one, must go before.
        remove_files(root, [name for name in removed if in_the_way(name, created)])
        copy_files(root, {name: sources[name] for name in sources if name in {*created, *replaced}})
        remove_files(root, [name for name in removed if not in_the_way(name, created)])
    changed = bool(created or replaced or removed or not noted)
    return {"changed": changed, "created": created, "replaced": replaced, "removed": removed}


def check_outside(path: str, site: str) -> None:
    """Refuse to show to everybody what lies beside the published folder: there are answer files with passwords.

    Paths are compared as they are without links: the plan has seen only what is written.
    """
    here, there = (os.path.join(os.path.realpath(each), "") for each in (path, site))
    if here.startswith(there) or there.startswith(here):
        lies = "is in" if here.startswith(there) else "holds"
        raise PxeError(
            f"path: {path} is {here.rstrip('/') or '/'}, which {lies} {site}; name a folder outside of that"
        )


def in_the_way(name: str, created: t.Iterable[str]) -> bool:
    return any(new.startswith(f"{name}/") or name.startswith(f"{new}/") for new in created)


def absent(root: str, check: bool) -> dict[str, t.Any]:
    note = f"{root}.json"
    if not os.path.exists(note):
        return {"changed": False, "created": [], "replaced": [], "removed": []}
    removed = files_below(root) if os.path.lexists(root) else []
    if not check:
        if removed:
            remove_files(root, removed)
        # What else is in there is somebody else's.
        with contextlib.suppress(OSError):
            os.rmdir(root)
        os.unlink(note)
    return {"changed": True, "created": [], "replaced": [], "removed": removed}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "required": True},
            "folder": {"type": "str"},
            "path": {"type": "path"},
            "search": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "manifest": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "sha256": {"type": "str", "required": True},
                    "staged": {"type": "path"},
                },
            },
        },
        required_if=[("state", "present", ["folder", "path"], True)],
        mutually_exclusive=[("folder", "path")],
        supports_check_mode=True,
    )
    params = module.params
    root = params["root"] = params["root"].rstrip("/")
    try:
        check = module.check_mode
        result = absent(root, check) if params["state"] == "absent" else present(params, check)
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    before = [*result["replaced"], *result["removed"]]
    after = [*result["replaced"], *result["created"]]
    module.exit_json(
        diff={
            "before_header": root,
            "after_header": root,
            "before": "".join(f"{name}\n" for name in before),
            "after": "".join(f"{name}{' (other content)' if name in before else ''}\n" for name in after),
        },
        **result,
    )


if __name__ == "__main__":
    main()
