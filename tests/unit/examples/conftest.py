# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each site of examples/, from its inventory to all configurations, without a server.

site.yml runs as it is, but instead of changing a server its roles render their templates into a folder. Then the real
module publishes the boot files there, and the real role arms the machines.
"""

from __future__ import annotations

import dataclasses
import fcntl
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.tests.unit.playbooks.conftest import PROJECT, Site
from ansible_collections.netinstall.pxe.tests.unit.roles.conftest import (
    Renderer,
    check_command,
    free_port,
    render_task,
    renderer,
)

__all__ = ["check_command", "free_port", "renderer"]
Record = dict[str, t.Any]

EXAMPLES = PROJECT / "examples"
GUIDES = sorted(path.name for path in EXAMPLES.glob("guide-*"))
SITES = sorted(path.parent.name for path in EXAMPLES.glob("*/lab.ini") if path.parent.name not in GUIDES)
#: What is rendered of each role: the destination, as its tasks name it, by the name that the table uses.
RENDERED = {
    "dhcp_isc": {"dhcpd.conf": "/etc/dhcp/netinstall-pxe.conf"},
    "dhcp_dnsmasq": {"dnsmasq.conf": "/etc/netinstall-pxe/dnsmasq.conf"},
    "dhcp_kea": {"kea.conf": "/etc/kea/netinstall-pxe/kea-dhcp4.conf"},
    "tftp_server": {"xinetd": "/etc/xinetd.d/tftp"},
    "http_nginx": {"nginx.conf": "{{ __http_nginx_folder }}/conf.d/netinstall-pxe.conf"},
    "ftp_vsftpd": {"vsftpd.conf": "/etc/netinstall-pxe/vsftpd.conf"},
    "nfs_exports": {"exports": "/etc/exports.d/netinstall-pxe.exports"},
}
#: Hosts whose files are kept apart, of an example with several web servers.
HOSTS = {"several-servers": ["dhcp1", "web1", "web2", "files1"]}
#: pxelinux.0 of the guide, as the role loader_syslinux would have published it.
PXELINUX = {"guide-dnsmasq-nginx-ipxe": "3.86"}
KERNEL = {"kernel": "images/pxeboot/vmlinuz", "initrd": ["images/pxeboot/initrd.img"]}
NETBOOT = {"kernel": "debian-installer/amd64/linux", "initrd": ["debian-installer/amd64/initrd.gz"]}
#: What stands in for the files of the discs.
DISC = {
    "isolinux/boot.msg": b"\x0c\x0f07\x18splash.lss\nPress \x0f0f<ENTER>\x0f07\n",
    "isolinux/options.msg": b"\x0c\x0f09Options\x0f07\n",
    "isolinux/general.msg": b"\x0c\x0f09General\x0f07\n",
    "isolinux/param.msg": b"\x0c\x0f09Parameters\x0f07\n",
    "isolinux/rescue.msg": b"\x0c\x0f09Rescue\x0f07\n",
    "isolinux/splash.lss": b"picture",
    "isolinux/memtest": b"\0" * 510 + b"\x55\xaa" + b"x" * 20000,
    "images/pxeboot/vmlinuz": b"stands in for it",
    "images/pxeboot/initrd.img": b"stands in for it",
}
#: Run behind site.yml: the boot files by their module, then the machines are armed as install.yml does.
PUBLISH = r"""
- name: Publish and arm
  hosts: "{{ 'pxe_http' if groups['pxe_http'] | default([]) else 'pxe_servers' }}"
  gather_facts: false
  tags: always
  tasks:
    - name: Publish what is offered to machines that nobody described
      ansible.builtin.include_role:
        name: "{{ guide_answers }}"
        tasks_from: offers
        rolespec_validate: false
        apply: {tags: always}
      vars:
        answers_root: "{{ guide_out }}"
        answers_plan: "{{ site_plan | netinstall.pxe.plan_slice('answers') }}"
        answers_server: "{{ inventory_hostname }}"
        answers_profiles: "{{ site_profiles }}"
        answers_defaults: "{{ site_answers | default({}) }}"

    - name: Publish the boot files
      netinstall.pxe.boot_files:
        root: "{{ guide_out }}/boot"
        trees: "{{ guide_out }}/trees"
        own: "{{ guide_out }}/brought"
        plan: "{{ site_plan | netinstall.pxe.plan_of(inventory_hostname) | netinstall.pxe.plan_slice('boot_files') }}"
        media: "{{ guide_media }}"
        offers: "{{ answers_offered }}"
        pxelinux: "{{ guide_pxelinux | combine({'splash': site_plan.menu.splash} if site_plan.menu.splash else {}) }}"

    - name: Arm
      ansible.builtin.include_role:
        name: "{{ guide_answers }}"
        tasks_from: arm
        rolespec_validate: false
        apply: {tags: always}
      vars:
        answers_root: "{{ guide_out }}"
        answers_plan: "{{ site_plan | netinstall.pxe.plan_slice('answers') }}"
        answers_profiles: "{{ site_profiles }}"
        answers_defaults: "{{ site_answers | default({}) }}"
        # Of several web servers each arms its own.
        answers_machines: >-
          {{ site_plan.machines | selectattr('http_server', 'in', ['', inventory_hostname])
             | map(attribute='name') | list }}

    - name: Keep the plan
      note: {role: plan, entry: main, variables: "{{ site_plan }}"}
"""


@dataclasses.dataclass(frozen=True)
class Made:
    """What became of an example."""

    folder: pathlib.Path
    #: those that site.yml runs, and does not only take away
    roles: set[str]
    plan: Record

    def on(self, host: str) -> Made:
        """What became of it on one of several servers."""
        return dataclasses.replace(self, folder=self.folder / host)

    def text(self, name: str) -> str:
        """A configuration by the name that the table uses: one of ``RENDERED``, a kickstart as ``ks MACHINE`` or
        ``offer PROFILE``, or the path of a file below boot/."""
        if name.startswith("offer "):
            return (self.folder / "answers/offers" / name[6:] / "ks.cfg").read_text(encoding="utf-8")
        if name.startswith("ks "):
            address = next(one["address"] for one in self.plan["machines"] if one["name"] == name[3:])
            (path,) = (self.folder / "answers" / address).glob("*/ks.cfg")
            return path.read_text(encoding="utf-8")
        place = self.folder / "rendered" / name
        return (place if place.exists() else self.folder / "boot" / name).read_text(encoding="utf-8")

    def has(self, name: str) -> bool:
        return (self.folder / "rendered" / name).exists()


class Guides(Site):
    """A copy of the collection in which roles render, and do nothing else."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder)
        modules = self.collection / "plugins" / "modules"
        for path in (PROJECT / "plugins" / "modules").glob("*.py"):
            if not (modules / path.name).exists():
                (modules / path.name).symlink_to(path)
        for role, files in RENDERED.items():
            self._render(role, files)
        # Arming looks for them beside its module.
        (self.collection / "roles/answers/templates").symlink_to(PROJECT / "roles/answers/templates")
        (folder / "publish.yml").write_text(PUBLISH, encoding="utf-8")

    def _render(self, role: str, files: dict[str, str]) -> None:
        main = self.collection / "roles" / role / "tasks" / "main.yml"
        tasks = json.loads(main.read_text(encoding="utf-8"))
        # Of what the role defines itself; its defaults it has already.
        paths = [path for path in Renderer(role).vars_files("Debian") if "/vars/" in path]
        tasks += [{"name": "Variables", "ansible.builtin.include_vars": {"file": path}} for path in paths]
        for name, dest in files.items():
            task = render_task(role, dest, {}, pathlib.Path("out"))
            task["ansible.builtin.template"]["dest"] = "{{ guide_out }}/rendered/" + name
            tasks.append(task)
        main.write_text(json.dumps(tasks), encoding="utf-8")

    def make(self, guide: str) -> Made:
        out = self.folder / "out" / guide
        hosts = HOSTS.get(guide, [])
        for folder in [out / host for host in hosts] or [out]:
            lay_out(folder, EXAMPLES / guide)
        settings = {
            "ansible_become": False,
            # Not those of the inventory, which lead to a server.
            "ansible_connection": "local",
            "ansible_host": "localhost",
            "guide_out": f"{out}/{{{{ inventory_hostname }}}}" if hosts else str(out),
            "guide_media": media(EXAMPLES / guide),
            "guide_pxelinux": {"version": PXELINUX.get(guide, "6.04")},
            "guide_answers": str(PROJECT / "roles" / "answers"),
        }
        run = self.run(
            {"all": {}},
            str(self.folder / "publish.yml"),
            *("-i", str(EXAMPLES / guide / "lab.ini"), *more_machines(EXAMPLES / guide)),
            *("-e", json.dumps(settings)),
            *("--tags", ",".join(RENDERED), "--skip-tags", "supplies,dhcp_servers"),
        )
        assert run.code == 0, run.said
        plan = next(iter(run.of("plan").values()))
        return Made(out, {call.role for call in run.calls if call.entry == "main"}, plan)


def described(example: pathlib.Path) -> Record:
    """The variables of an example, not rendered."""
    text = (example / "group_vars/all/site.yml").read_text(encoding="utf-8")
    return t.cast("Record", yaml.safe_load(text))


def media(example: pathlib.Path) -> Record:
    """What the role media would have published."""
    site = described(example)
    return {
        name: {
            **(NETBOOT if "netboot" in one else KERNEL),
            **(
                {"base_url": f"http://{site['site_server']['address']}/trees/{name}-netboot"}
                if "mirror" in one or "netboot" in one
                else {}
            ),
        }
        for name, one in site["site_distributions"].items()
    }


def more_machines(example: pathlib.Path) -> list[str]:
    """The inventory script of an example that has one."""
    return ["-i", str(example / "machines")] if (example / "machines").exists() else []


def lay_out(out: pathlib.Path, example: pathlib.Path) -> None:
    """A server that has its discs, its packages, and the files that the site brings for the menu."""
    for name in ("rendered", "answers", "events", "brought", "boot/syslinux"):
        (out / name).mkdir(parents=True)
    for name in described(example)["site_distributions"]:
        for path, data in DISC.items():
            place = out / "trees" / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    for name in ("pxelinux.0", "ldlinux.c32", "libcom32.c32", "libutil.c32", "menu.c32", "vesamenu.c32"):
        (out / "boot/syslinux" / name).write_bytes(b"stands in for it")
    for file in example.glob("files/*"):
        shutil.copy(file, out / "brought")
        shutil.copy(file, out / "boot/syslinux")


def make_once(shared: pathlib.Path, guide: str) -> Made:
    """Several processes of one run need the same sites, each of which takes seconds."""
    place = shared / guide
    with (shared / f"{guide}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = shared / f"{guide}.json"
        if not kept.exists():
            shutil.rmtree(place, ignore_errors=True)
            made = Guides(place).make(guide)
            record = {"folder": str(made.folder), "roles": sorted(made.roles), "plan": made.plan}
            kept.write_text(json.dumps(record), encoding="utf-8")
        record = json.loads(kept.read_text(encoding="utf-8"))
    return Made(pathlib.Path(record["folder"]), set(record["roles"]), record["plan"])


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def program(name: str, package: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        pytest.skip(f"needs {name}: apt-get install {package}")
    return found


def nginx_check(made: Made, port: int) -> None:
    """nginx with this site's configuration, which opens what it is to listen to."""
    nginx = program("nginx", "nginx-light")
    folder = made.folder / "nginx"
    folder.mkdir()
    text = re.sub(r"listen [0-9.]+:80 ", f"listen 127.0.0.1:{port} ", made.text("nginx.conf"))
    text = re.sub(r"unix:[^; ]*\.sock", f"unix:{folder}/s", text).replace("/var/log/nginx", str(folder))
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "site").write_text(text, encoding="utf-8")
    (folder / "conf").write_text(
        f"{user}pid {folder}/pid;\nevents {{ }}\nhttp {{\n{paths}access_log off;\ninclude {folder}/site;\n}}\n",
        encoding="utf-8",
    )
    run(nginx, "-t", "-c", str(folder / "conf"), "-e", str(folder / "error"))


@pytest.fixture(scope="session")
def guides(tmp_path_factory: pytest.TempPathFactory) -> t.Callable[[str], Made]:
    """What became of an example."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "guides"
    shared.mkdir(exist_ok=True)
    return functools.cache(functools.partial(make_once, shared))
