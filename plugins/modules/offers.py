# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: offers
short_description: Offer installations to undescribed machines, or forget their installations
version_added: 1.0.0
description:
  - Publishes the answer files of profiles that install without questions on machines that are not in the inventory. The
    web server hands them out once per MAC address, by the role P(netinstall.pxe.http_nginx#role), which must have
    the same offers.
  - An answer file is rendered for placeholders, the MAC address C(02:00:00:00:00:00) and the IP address
    C(192.0.2.1). The web server replaces them with those of the real machine.
  - Machines that are or were described get no offer. They are marked by a file C(events/offers/MAC/described), which is
    written for those of O(described), for those that were ever armed as far as the server remembers, and for those that
    have a boot script when this module runs. So run it before boot scripts of former machines are removed.
  - A machine that has had its installation boots its disk from then on, finished or not, until it is forgotten.
  - Web servers of one site do not see each other's folders. O(known) passes on what the others remember.
  - An answer file without the collection's checks of machine and disk is refused. It would wipe any disk that it finds.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment: [netinstall.pxe._attributes]
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Answer files hold secrets, so that their contents are not shown.
  idempotent:
    support: full
options:
  root:
    description: The folder of the site on the server. It holds C(boot/), C(answers/) and C(events/).
    type: path
    default: /srv/pxe
  state:
    description:
      - V(present) publishes O(offers), withdraws all others, and marks the machines of O(described).
      - V(forgotten) forgets the installations of undescribed machines, which may then be installed again.
    type: str
    choices: [present, forgotten]
    default: present
  offers:
    description: The offers. An empty list withdraws all.
    type: list
    elements: dict
    default: []
    suboptions:
      profile:
        description: Name of the profile.
        type: str
        required: true
      files:
        description:
          - Texts of the answer file (C(ks.cfg) or C(preseed.cfg)) and of further files beside it, by name.
        type: dict
        required: true
      disk:
        description: The disk that a preseed file installs on, if it names one.
        type: str
        default: ''
  policy:
    description:
      - Sixteen hexadecimal digits that identify the machines and disks that the offers are for, as in
        C(http_nginx_offers). The web server releases nothing while the two differ.
    type: str
    default: ''
  described:
    description: The machines of the inventory.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the machine.
        type: str
        required: true
      mac:
        description: Its MAC address.
        type: str
        required: true
  known:
    description:
      - What other web servers of the site remember, as RV(netinstall.pxe.installations_info#module:known) of these has
        it. To these machines nothing is offered here either, until they are forgotten on all web servers.
    type: list
    elements: dict
    default: []
    suboptions:
      mac:
        description: The MAC address.
        type: str
        required: true
      machine:
        description: Name of the machine, if it is described, or was.
        type: str
        default: ''
      profile:
        description: What was installed on it by an offer, if that is known.
        type: str
        default: ''
  macs:
    description:
      - MAC addresses to forget with O(state=forgotten). For a machine that is no longer described, its mark
        and the record that it was armed are forgotten, too.
      - The address of a described machine, which has a boot script, is refused.
    type: list
    elements: str
    default: []
  all:
    description: Forget all machines with O(state=forgotten), but keep the marks of described machines.
    type: bool
    default: false
  owner:
    description:
      - User of the web server. It alone may read the answer files, and writes the machines' reports.
      - The default is the owner of C(events/).
    type: str
  group:
    description:
      - Group of the web server.
      - The default is the group of C(answers/).
    type: str
seealso:
  - module: netinstall.pxe.arming
  - module: netinstall.pxe.installations_info
"""

EXAMPLES = r"""
- name: Offer one profile
  netinstall.pxe.offers:
    offers:
      - profile: el9-minimal
        files:
          ks.cfg: "{{ lookup('ansible.builtin.file', 'ks.cfg') }}"
    described:
      - name: node01
        mac: "52:54:00:aa:00:01"

- name: Let a machine be installed again
  netinstall.pxe.offers:
    state: forgotten
    macs: ["52:54:00:bb:00:01"]
"""

RETURN = r"""
offers:
  description: The profiles that are offered.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [el9-minimal]
described:
  description: The machines that were marked now, by MAC address.
  returned: when O(state=present)
  type: list
  elements: str
  sample: ["52:54:00:aa:00:01"]
learnt:
  description: The machines of O(known) that were not known here, by MAC address.
  returned: when O(state=present)
  type: list
  elements: str
  sample: ["52:54:00:bb:00:02"]
forgotten:
  description: The machines that were forgotten, by MAC address.
  returned: when O(state=forgotten)
  type: list
  elements: str
  sample: ["52:54:00:bb:00:01"]
"""

import os
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import offer_files, offers_known
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import names_in
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.web_files import (
    alone,
    make_folder,
    remove_folders,
    web_account,
    write_through,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    Attributes,
    Changes,
    publish,
    read_start,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers

# As Ansible itself puts it.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Offers:
    """One run of the module."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.params = module.params
        self.check: bool = module.check_mode
        self.answers = os.path.join(self.params["root"], "answers")
        self.events = os.path.join(self.params["root"], "events")
        self.boot = os.path.join(self.params["root"], "boot")
        self.changed = False
        self.diff: list[dict[str, str]] = []

    def run(self) -> dict[str, t.Any]:
        work = {"present": self.offer, "forgotten": self.forget}
        with alone(self.params["root"], self.check):
            result = work[self.params["state"]]()
        return {"changed": self.changed, "diff": self.diff, **result}

    # state: present

    def offer(self) -> dict[str, t.Any]:
        described = self.described()
        known = offers_known.known_elsewhere(self.params["known"], described)
        files = offer_files.answer_files(self.module, self.params["offers"], self.params["policy"])
        missing = [folder for folder in (self.answers, self.events) if not os.path.isdir(folder)]
        if missing and not self.check:
            raise PxeError(f"{missing[0]} is missing on the server; run netinstall.pxe.site first")
        if missing:
            # Nothing is known of a server that is still to be set up.
            self.changed = bool(files or described)
            return {"offers": self.profiles(), "described": _macs(described), "learnt": _macs(known)}
        uid, gid = web_account(self.params["owner"], self.params["group"], self.answers, self.events)
        # First what keeps machines from being installed, then what offers installations.
        self.make_events(uid, gid)
        learnt = offers_known.unknown_here(self.params["root"], known)
        marks = offers_known.markers(self.params["root"], described, learnt)
        marked = self.publish(self.events, marks, uid, gid)
        # For the web server alone: by FTP, answers are shown to whoever knows their path, and this one is no secret.
        gid = None if uid is None else 0
        if not self.check:
            # No answer file that was made for other machines is exchanged while it is given out.
            self.publish(
                self.answers, {}, uid, gid, owned=lambda path: _is_outdated(path, files), closed=True
            )
        self.publish(self.answers, files, uid, gid, owned=_is_offer, closed=True)
        made = [path.split("/")[1] for path in marked.created]
        return {
            "offers": self.profiles(),
            "described": _macs(name for name in made if name not in learnt),
            "learnt": _macs(learnt),
        }

    def profiles(self) -> list[str]:
        return sorted(item["profile"] for item in self.params["offers"])

    def described(self) -> dict[str, str]:
        """The machines of the inventory, by the names of their folders."""
        return {
            offers_known.name_of(machine["mac"], f"{machine['name']}: mac"): machine["name"]
            for machine in self.params["described"]
        }

    def make_events(self, uid: int | None, gid: int | None) -> None:
        """The folder in which the web server makes one for each machine that it has installed."""
        path = os.path.join(self.events, offers.FOLDER)
        attributes = Attributes(dir_mode=0o750, uid=uid, gid=gid)
        if not os.path.isdir(path) or not attributes.fit(os.lstat(path), 0o750):
            self.changed = True
            self.diff.append(_change(path, "", "a folder\n"))
            if not self.check:
                make_folder(self.events, offers.FOLDER, attributes)
        if not self.check:
            write_through(path)

    # state: forgotten

    def forget(self) -> dict[str, t.Any]:
        names = self.named()
        # Only who is named: that the others were described stays known.
        recorded = names & set(offers_known.ever_armed(self.events))
        folder = os.path.join(self.events, offers.FOLDER)
        here = [name for name in names_in(folder) if offers.is_mac_name(name)]
        if self.params["all"]:
            names |= {name for name in here if not offers_known.is_marked(self.events, name)}
        gone = [name for name in here if name in names]
        # First: who is not known any more cannot be named.
        self.forget_armings(recorded)
        for name in gone:
            self.diff.append(_change(os.path.join(folder, name), "a folder\n", ""))
        self.changed = self.changed or bool(gone)
        if gone and not self.check:
            remove_folders(self.events, offers.FOLDER, gone)
        # Machines that load pxelinux by TFTP boot the disk by it; a timer would remove it too, some seconds later.
        local = {paths.in_folder(paths.machine_in_folder(offers.mac_of(name))) for name in names}
        self.publish(self.boot, {}, owned=lambda path: path in local and self.is_ours(path))
        return {"forgotten": _macs({*gone, *recorded})}

    def forget_armings(self, names: set[str]) -> None:
        """By its records the next run would know the machine again, which are the history of the site."""
        if names and os.path.isdir(self.events):
            uid, gid = web_account(self.params["owner"], self.params["group"], self.answers, self.events)
            now = f"{int(time.time())}\n"
            marks = {f"{offers_known.FORGOTTEN}/{name}": now for name in sorted(names)}
            self.publish(self.events, marks, uid, gid)

    def named(self) -> set[str]:
        """The folders of those that are named, whether there are any."""
        names = set()
        for number, text in enumerate(self.params["macs"]):
            name = offers_known.name_of(text, f"macs[{number}]")
            if os.path.lexists(os.path.join(self.boot, "machines", f"{name}.ipxe")):
                raise PxeError(
                    f"macs[{number}]: {offers.mac_of(name)} is described; to install it, arm it by "
                    "netinstall.pxe.install"
                )
            names.add(name)
        return names

    def is_ours(self, path: str) -> bool:
        start = read_start(self.boot, path, len(offers.LOCAL_HEADER)) or b""
        return start == offers.LOCAL_HEADER.encode()

    # both

    def publish(
        self,
        root: str,
        files: dict[str, str],
        uid: int | None = None,
        gid: int | None = None,
        owned: t.Callable[[str], bool] | None = None,
        closed: bool = False,
    ) -> Changes:
        if not os.path.isdir(root):
            return Changes()
        changes = publish(
            root,
            dict(files),
            owned,
            check=self.check,
            mode=0o400 if closed else 0o640,
            dir_mode=0o500 if closed else 0o750,
            uid=uid,
            gid=gid,
            prune=root == self.answers,
        )
        if root == self.answers:
            for texts in (changes.before, changes.after):
                texts.update(dict.fromkeys(texts, "(an answer file; not shown)\n"))
        self.changed = self.changed or bool(changes)
        self.diff += changes.diff(root)
        return changes


def _change(path: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def _is_offer(path: str) -> bool:
    return path.startswith(f"{offers.FOLDER}/")


def _is_outdated(path: str, files: dict[str, str]) -> bool:
    return offers.is_policy_file(path) and path not in files


def _macs(names: t.Iterable[str]) -> list[str]:
    return sorted(map(offers.mac_of, names))


_TEXT = {"type": "str", "required": True}
_DEFAULT = {"type": "str", "default": ""}


def _entries(**options: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options}


def main() -> None:
    files = {"type": "dict", "required": True, "no_log": True}
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe"},
            "state": {"type": "str", "choices": ["present", "forgotten"], "default": "present"},
            # Else answer files with their passwords would be in the system's log.
            "offers": {**_entries(profile=_TEXT, files=files, disk=_DEFAULT), "no_log": True},
            "described": _entries(name=_TEXT, mac=_TEXT),
            "policy": _DEFAULT,
            "known": _entries(mac=_TEXT, machine=_DEFAULT, profile=_DEFAULT),
            "macs": {"type": "list", "elements": "str", "default": []},
            "all": {"type": "bool", "default": False},
            "owner": {"type": "str"},
            "group": {"type": "str"},
        },
        supports_check_mode=True,
    )
    # Names of profiles are among them, and messages must name them: what is said below shows no secrets.
    module.no_log_values.clear()
    invocation = {"invocation": {"module_args": {**module.params, "offers": _HIDDEN}}}
    try:
        module.exit_json(**Offers(module).run(), **invocation)
    except PxeError as exc:
        module.fail_json(msg=str(exc), **invocation)
    except OSError as exc:
        module.fail_json(msg=f"{exc.filename}: {exc.strerror}", **invocation)


if __name__ == "__main__":
    main()
