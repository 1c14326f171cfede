# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kickstart_validate
short_description: Find what is wrong with kickstarts
version_added: 1.0.0
description:
  - Checks kickstarts with C(pykickstart), the engine of the program C(ksvalidator), and reports every problem with its
    file and line, where the program stops at the first one of many kinds.
  - Says of a removed or deprecated command or option which version removed or deprecated it.
  - Looks further than the program. Packages, groups and repositories are compared with an install tree, disks with
    those of the machine, storage commands with each other, and network commands with each other.
  - Checks any number of kickstarts in one run, many times faster than the program.
  - No message shows passwords, passphrases, or contents of scripts.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment:
  - netinstall.pxe._attributes.info_module
requirements:
  - pykickstart (tested with 3.78) on the host that the module runs on. Debian has no package of it, so that it is best
    installed beside Ansible, and the module run with C(delegate_to=localhost).
options:
  path:
    description:
      - The kickstart. Relative paths that it includes begin in its folder.
    type: path
  content:
    description:
      - The text of the kickstart. Relative paths that it includes begin in the current folder.
    type: str
  name:
    description:
      - How messages call the kickstart. The default is its path.
    type: str
  version:
    description:
      - Version of the kickstart syntax, by C(pykickstart)'s name for it, such as V(RHEL9) or V(F42).
      - The default is what the comment C(#version=) in the kickstart says. The installer writes one into
        C(anaconda-ks.cfg).
    type: str
  index:
    description:
      - What the install tree offers. The keys V(packages), V(groups), V(environments) and V(modules) hold lists of
        names, of groups and environments also their ids, of modules C(name:stream). Names under V(provides) may be
        asked for, too.
      - Without it and without O(tree), packages and groups are not checked.
    type: dict
  tree:
    description:
      - The folder of the install tree, if it is on the host that the module runs on. What it offers is read from
        its metadata.
    type: path
  urls:
    description:
      - Where the install tree is served, as the kickstart may name it.
      - The default is that C(url) leads to the tree.
      - What is not in the tree is only a warning if the kickstart names other repositories, too.
    type: list
    elements: str
    default: []
  disks:
    description:
      - The disks of the machine that may be written to, as V(/dev/vda) or V(/dev/disk/by-id/...).
      - Without it, names of disks are not checked.
    type: list
    elements: str
    default: []
  generated:
    description:
      - Texts, by path, of files that C(%include) finds on the machine, as scripts of the kickstart write them.
    type: dict
    default: {}
  origins:
    description:
      - Which lines of the kickstart come from another file. Messages name that file, and the line in it.
    type: list
    elements: dict
    default: []
    suboptions:
      file:
        description: Name of the file, as messages call it.
        type: str
        required: true
      first:
        description: The first line, from 1 on, of the kickstart that is from the file.
        type: int
        required: true
      lines:
        description: The numbers in the file of this line and of those that follow.
        type: list
        elements: int
        required: true
  for_machine:
    description:
      - Whether another machine reads the kickstarts. Then C(%include) and C(%ksappend) are those of that machine. URLs
        are not fetched, which is a warning, and files of this host are not looked at. A path that no C(%pre) script
        writes is an error.
      - Disks of this machine that are not in O(disks) must stay as they are. A kickstart that lets the installer choose
        a disk without C(ignoredisk --only-use) is an error.
    type: bool
    default: false
  kickstarts:
    description:
      - Further kickstarts. What one does not say is taken from the options of the same name.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: As O(path).
        type: path
      content:
        description: As O(content).
        type: str
      name:
        description: As O(name).
        type: str
      version:
        description: As O(version).
        type: str
      index:
        description: As O(index).
        type: dict
      distribution:
        description: A key of O(indexes), instead of O(kickstarts[].index).
        type: str
      tree:
        description: As O(tree).
        type: path
      urls:
        description: As O(urls).
        type: list
        elements: str
      disks:
        description: As O(disks).
        type: list
        elements: str
      generated:
        description: As O(generated).
        type: dict
      origins:
        description: As O(origins).
        type: list
        elements: dict
        suboptions:
          file:
            description: Name of the file, as messages call it.
            type: str
            required: true
          first:
            description: The first line, from 1 on, of the kickstart that is from the file.
            type: int
            required: true
          lines:
            description: The numbers in the file of this line and of those that follow.
            type: list
            elements: int
            required: true
  indexes:
    description:
      - Several O(index) by name, for O(kickstarts[].distribution). Thousands of kickstarts can share one.
    type: dict
    default: {}
  follow_includes:
    description:
      - Whether C(%include) is followed, as C(ksvalidator -i) does. Files are looked for on the host that the module
        runs on; URLs are fetched.
      - Files that a C(%pre) script of the kickstart writes are left alone, where C(ksvalidator -i) refuses them. They
        are recognised by their path in a C(%pre) script, or below C(/tmp), C(/run), C(/var) or C(/dev/shm).
      - C(%ksappend) is always followed.
    type: bool
    default: true
  references:
    description:
      - Whether to look further than C(ksvalidator) does.
    type: bool
    default: true
  strict:
    description:
      - Whether warnings are errors, such as those about deprecated commands. C(ksvalidator) takes them for errors,
        so that with O(strict=true) and O(references=false) the module decides as the program does.
    type: bool
    default: false
  fail:
    description:
      - Whether errors let the module fail.
    type: bool
    default: true
seealso:
  - name: pykickstart
    description: Documentation of the kickstart syntax.
    link: https://pykickstart.readthedocs.io/
"""

EXAMPLES = r"""
- name: Check a kickstart
  netinstall.pxe.kickstart_validate:
    path: files/web.ks
    version: RHEL9
  delegate_to: localhost

- name: Check a template against a tree and a machine
  netinstall.pxe.kickstart_validate:
    content: "{{ lookup('ansible.builtin.template', 'web.ks.j2') }}"
    name: node01
    version: RHEL9
    tree: /srv/pxe/trees/rocky-9
    urls: [http://10.77.0.1/trees/rocky-9]
    disks: [/dev/vda]
    strict: true

- name: Check many, and look at the result
  netinstall.pxe.kickstart_validate:
    kickstarts:
      - {path: el6.ks, version: RHEL6}
      - {path: el10.ks, version: RHEL10}
    fail: false
  register: checked
"""

RETURN = r"""
valid:
  description: Whether there are no errors.
  returned: always
  type: bool
problems:
  description: Errors and warnings, kickstart by kickstart, in the order of the lines.
  returned: always
  type: list
  elements: dict
  contains:
    kickstart:
      description: Name of the kickstart.
      type: str
    file:
      description: The file that the line is in. It is the name of the kickstart, or path or URL of what it includes.
      type: str
    line:
      description: The line, from 1 on.
      type: int
    severity:
      description: V(error) or V(warning).
      type: str
    kind:
      description:
        - V(removed) and V(deprecated) for commands and options that were; V(unknown-package) and V(unknown-group) (of
          environments and modules, too) for what is not in the tree; V(source) for C(url) and C(repo); V(storage) and
          V(network); V(include) for files that cannot be read; V(parse) for everything else.
      type: str
    text:
      description: What is wrong, and what to write instead.
      type: str
    quote:
      description:
        - The line of a kickstart that is no file, without its secrets. It is empty where a line may be a part of a
          script or of a secret.
      type: str
  sample:
    - kickstart: node01
      file: node01
      line: 3
      severity: error
      kind: removed
      text: install was removed in RHEL9; leave it out
      quote: install
error_lines:
  description: The errors as lines of text. They quote the lines of a kickstart that is no file.
  returned: always
  type: list
  elements: str
  sample: ["node01 line 3: install was removed in RHEL9; leave it out"]
warning_lines:
  description: The warnings as lines of text.
  returned: always
  type: list
  elements: str
  sample: []
kickstarts:
  description: The result for each kickstart.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    version:
      description: The version of the syntax.
      type: str
    valid:
      description: Whether it has no errors.
      type: bool
    errors:
      description: How many it has.
      type: int
    warnings:
      description: How many it has.
      type: int
    ksvalidator:
      description:
        - How many problems the program C(ksvalidator) counts, or C(ksvalidator -i) with O(follow_includes=true).
          That is its exit status, modulo 256.
        - It is 0 for a kickstart that the program accepts.
      type: int
  sample:
    - {name: node01, version: RHEL9, valid: false, errors: 1, warnings: 0, ksvalidator: 1}
"""

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.validation import Validation
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repodata

# How deep in a tree repositories may lie: AppStream/, or addons/HighAvailability/.
_DEPTH = 2


def read_tree(tree: str) -> dict[str, t.Any]:
    """What the repositories of a tree offer together.

    :raises PxeError: there are none, or one is damaged.
    """
    return repodata.index(tree, _repositories(tree))


def _repositories(tree: str) -> list[str]:
    """Paths of the repositories in a tree.

    :raises PxeError: there are none.
    """
    found = []
    for folder, folders, _names in os.walk(tree):
        path = os.path.relpath(folder, tree)
        if os.path.exists(os.path.join(folder, repodata.REPOMD)):
            found.append("" if path == "." else path)
        if path != "." and path.count(os.sep) >= _DEPTH - 1:
            folders.clear()
    if not found:
        raise PxeError(
            f"{tree}: there is no {repodata.REPOMD}, nor in the folders below: it is not an install tree"
        )
    return sorted(found)


_ORIGIN = {
    "file": {"type": "str", "required": True},
    "first": {"type": "int", "required": True},
    "lines": {"type": "list", "elements": "int", "required": True},
}


def _specification() -> dict[str, t.Any]:
    each: dict[str, t.Any] = {
        "path": {"type": "path"},
        "content": {"type": "str", "no_log": True},
        "name": {"type": "str"},
        "version": {"type": "str"},
        "index": {"type": "dict"},
        "tree": {"type": "path"},
        "urls": {"type": "list", "elements": "str"},
        "disks": {"type": "list", "elements": "str"},
        "generated": {"type": "dict", "no_log": True},
        "origins": {"type": "list", "elements": "dict", "options": _ORIGIN},
    }
    of_many = {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {**each, "distribution": {"type": "str"}},
        "mutually_exclusive": [("path", "content"), ("index", "distribution")],
        "required_one_of": [("path", "content")],
    }
    lists = {name: {"type": "list", "elements": "str", "default": []} for name in ("urls", "disks")}
    return {
        **each,
        **lists,
        "generated": {**each["generated"], "default": {}},
        "origins": {**each["origins"], "default": []},
        "for_machine": {"type": "bool", "default": False},
        "kickstarts": of_many,
        "indexes": {"type": "dict", "default": {}},
        "follow_includes": {"type": "bool", "default": True},
        "references": {"type": "bool", "default": True},
        "strict": {"type": "bool", "default": False},
        "fail": {"type": "bool", "default": True},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec=_specification(),
        mutually_exclusive=[("path", "content")],
        supports_check_mode=True,
    )
    if check.IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("pykickstart"), exception=check.IMPORT_ERROR)
    try:
        result = Validation(module.params, read_tree).run()
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    if module.params["fail"] and not result["valid"]:
        module.fail_json(msg="\n".join(result["error_lines"]), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
