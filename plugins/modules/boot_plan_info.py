#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: boot_plan_info
short_description: Check the description of a network-installation site and compile it into one plan
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Checks a whole description of subnets, distributions, profiles and machines, resolves every reference in
    it, and returns one plan.
  - All mistakes are reported in one go, each with its address, such as
    V(site_profiles.el9-minimal.distribution), and its remedy.
  - It looks at nothing but its arguments, so it can run anywhere.
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._attributes.info_module
options:
  site:
    description:
      - The C(site_*) variables of the role P(netinstall.pxe.site#role), without their prefix.
      - It knows the keys V(root), V(server), V(services), V(subnets), V(distributions), V(profiles), V(menu),
        V(answers), V(dhcp_backend), V(tftp_backend), V(http_backend), V(dhcp_foreign), V(bios_loader),
        V(on_failed_install), V(arming_lifetime), V(aliases), V(files) and V(unknown_machines). The role describes them.
      - Of answers only the keys and the types of their values are checked. No values of answers and no hashes reach the
        module, whose arguments Ansible shows with C(-vvv).
      - If it is left out, it is read from the C(site_*) variables, O(machines) from the C(machine_*) variables of the
        hosts of O(group), and O(servers) from the C(server_*) variables of theirs. Each value is evaluated on its own,
        and answers are not evaluated at all. Prefer that to templates in O(site). Ansible-core before 2.19 evaluates
        all that is in them, and shows it where something is wrong with it.
    type: dict
  machines:
    description:
      - The machines, as P(netinstall.pxe.machines#filter) collects them. Each is a dictionary with V(name),
        V(mac), V(address), V(profile), and perhaps V(disk), V(uuid), V(serial), V(firmware),
        V(architecture), V(hostname), V(kernel_arguments), V(answers) and V(ssh_address).
    type: list
    elements: raw
    default: []
  group:
    description:
      - The inventory group that the machines come from, for messages such as about V(pxe_machines.node01.machine_mac).
    type: str
    default: pxe_machines
  site_names:
    description:
      - Names of all variables that begin with C(site_). One that looks like one of O(site), but is not, is a
        mistake.
    type: list
    elements: str
    default: []
  servers:
    description:
      - By service (V(dhcp), V(tftp), V(http), V(ftp), V(nfs)) a list of the hosts that have it, as
        P(netinstall.pxe.servers#filter) collects them. Each is a dictionary with V(name) and V(group), the inventory
        group that it is in, and perhaps V(address), V(interface) and V(url).
      - Where a host says none of these, they are those of C(site_server). If no hosts are given, all are.
    type: dict
    default: {}
  search:
    description:
      - Folders of this host in which the files are that C(menu) in O(site) names, or in C(files), C(templates) or
        C(answers) of these. One that is not there is a mistake.
      - If O(site) is left out, they are by default those of the inventories, that of the playbook unless it is one of
        this collection, and the working directory. Otherwise no file is looked for.
    type: list
    elements: path
seealso:
  - plugin: netinstall.pxe.machines
    plugin_type: filter
  - plugin: netinstall.pxe.servers
    plugin_type: filter
  - plugin: netinstall.pxe.masked
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Compile a description
  netinstall.pxe.boot_plan_info:
    site:
      server:
        address: 10.77.0.1
        interface: eth1
      subnets:
        - cidr: 10.77.0.0/24
          range: [10.77.0.100, 10.77.0.199]
      distributions:
        debian-13:
          isos:
            - path: /srv/iso/debian-13.1.0-amd64-DVD-1.iso
      profiles:
        minimal:
          distribution: debian-13
    machines:
      - name: node01
        mac: "52:54:00:aa:00:01"
        address: 10.77.0.11
        profile: minimal
        disk: /dev/vda
  delegate_to: localhost
  run_once: true
  register: compiled

- name: Show it
  ansible.builtin.debug:
    msg: "{{ compiled.plan | netinstall.pxe.plan_summary }}"
"""

RETURN = r"""
plan:
  description: The plan. There are no answers in it, hence no secrets.
  returned: success
  type: dict
  contains:
    root:
      description: The folder on the server that everything lives in.
      type: str
      sample: /srv/pxe
    server:
      description: The C(address), C(interface) and C(url) that C(site_server) says.
      type: dict
      sample: {address: 10.77.0.1, interface: eth1, url: "http://10.77.0.1"}
    servers:
      description:
        - Each host of O(servers), by name, with its C(interfaces) in the boot network, and by service what it is there
          by; C(address), for C(http) and C(ftp) C(url), and for C(http) its C(urls) of C(boot), C(trees), C(answers)
          and C(events).
      type: dict
      sample:
        pxe1: {interfaces: [eth1], dhcp: {address: 10.77.0.1}, tftp: {address: 10.77.0.1}}
        pxe2: {interfaces: [eth1], nfs: {address: 10.77.0.2}}
    services:
      description: What machines are told of each service, its C(address), and for C(http) and C(ftp) its C(url).
      type: dict
      sample: {dhcp: {address: 10.77.0.1}, http: {address: 10.77.0.1, url: "http://10.77.0.1"}}
    urls:
      description: Where C(boot), C(trees), C(answers) and C(events) are on the first web server.
      type: dict
      sample: {boot: "http://10.77.0.1/boot", trees: "http://10.77.0.1/trees"}
    backends:
      description: The programs for C(dhcp), C(tftp) and C(http), and the C(bios_loader).
      type: dict
      sample: {dhcp: dnsmasq, tftp: dnsmasq, http: nginx, bios_loader: ipxe}
    abilities:
      description:
        - What the programs of C(dhcp), C(tftp) and C(http) can. Of each C(serves), whether a server of this collection
          runs, or else somebody else's; C(supplies), the name of its packages in C(playbooks/vars/supplies.yml), and
          C(built), what the role P(netinstall.pxe.source_build#role) may build in their place, each empty if there is
          nothing.
        - Of C(dhcp) also C(proxy), C(shared_network), C(http_server), C(max_lease) and C(bootp), whether it does what
          these keys of a subnet say, and C(shared_from), whether it needs the addresses of that name. Of C(tftp)
          C(part_of_dhcp), whether it is one process with the DHCP server. Of C(http) C(guards), whether it releases
          each installation exactly once.
      type: dict
      sample:
        tftp: {serves: true, supplies: tftp_systemd, built: "", part_of_dhcp: false}
        http: {serves: true, supplies: http_nginx, built: nginx, guards: true}
    clients:
      description:
        - The kinds of firmware, each with C(name) and C(label); C(platform) and C(processors), what machines it is in;
          C(tftp) and C(http), its architectures (DHCP option 93) by the way it fetches; C(chain) and C(loader), what it
          loads first, as a path below C(boot/), empty if there is nothing; C(built), the loaders of iPXE that the
          server's own compiler makes; and C(packaged), by family of distributions and loader the paths in iPXE's
          package.
      type: list
      elements: dict
    dhcp_foreign:
      description:
        - V(refuse) or V(allow) another DHCP server in the network of ours. V(expect) one where ours is a proxy.
      type: str
      sample: refuse
    on_failed_install:
      description: V(hold) or V(retry).
      type: str
      sample: hold
    arming_lifetime:
      description: Seconds after which a machine that was armed is so no longer.
      type: int
      sample: 21600
    subnets:
      description:
        - Each subnet with C(cidr), C(network), C(netmask), C(prefix), C(gateway), C(dns), C(domain), C(ntp),
          C(ranges), a list of first and last addresses, C(lease) and C(http_server), the name of the host that is its
          web server; C(bootp), C(max_lease) and C(options) where they are described; C(proxy) is there, and true,
          where another DHCP server assigns the addresses, C(boot_url), where iPXE's script is not on the first web
          server, and C(shared_network), where it is described, for dnsmasq with C(shared_from), the addresses in the
          other subnets of the wire that are the DHCP server's own or perhaps a relay's.
      type: list
      elements: dict
    distributions:
      description:
        - Each distribution, by name, with C(name), C(family), C(isos), C(netboot), C(layout), C(kernel), C(initrd),
          C(architecture), C(version), C(tree), C(tree_url) and C(tree_urls), the URLs of the tree for the sources
          C(http), C(ftp) and C(nfs).
        - C(nfs_images) is there where installers mount the images themselves. It is the folder that is exported for
          them.
        - C(mirror) is there where machines fetch packages from a mirror, which is then also C(tree_url), with
          C(netboot_url), where the server publishes its kernel.
        - C(root) is there where machines mount a root file system. It is the folder, which is then also the path of
          C(netboot) and of the URL for C(nfs).
      type: dict
    profiles:
      description:
        - Each profile, by name, with C(name), C(label), C(distribution), C(family), C(source), C(answers_by),
          C(kernel_arguments) and C(in_menu); C(menu_install) is there where the menu offers to install it without
          questions.
      type: dict
    sources:
      description:
        - The trees that an FTP and an NFS server must show because profiles install from there. Lists of trees by
          C(ftp) and C(nfs), each with C(name), C(path) and C(mounted), whether it is a mount point; C(root)
          is there, and true, where it is the root file system of machines; and C(answers_by_ftp), whether a profile
          fetches its answers by FTP.
      type: dict
      sample: {ftp: [], nfs: [{name: rocky-9, path: /srv/pxe/trees/rocky-9, mounted: true}], answers_by_ftp: false}
    machines:
      description:
        - Each machine with C(name), C(hostname), C(domain), C(mac) (lower case, colons), C(address), C(ssh_address),
          C(profile), C(distribution), C(family), C(disk), C(firmware), C(architecture), C(kernel_arguments), C(uuid),
          C(serial) and C(dhcp_options) where they are described, and of its subnet C(subnet), C(netmask), C(gateway),
          C(dns) and C(http_server).
      type: list
      elements: dict
    menu:
      description:
        - The C(title), C(timeout) in seconds, C(default) and C(splash) of the menu; C(bios), which one a BIOS gets;
          C(local), the C(label), C(text) and C(position) of the local disk; C(password), whether there is one.
        - C(entries), a list of the site's own with C(name) and C(label), and what C(pxelinux) and C(ipxe) do for it.
        - C(files) that are brought, each with C(path) below C(boot/) and C(own), its path on the control node, or
          C(tree), its path below C(trees/); C(splash_file), where the picture is on the control node; and C(needed),
          paths below C(boot/) that must be there.
        - Of that of pxelinux also C(text_mode), C(colours), C(prompt), C(display), C(help), C(include), C(console),
          C(submenus_from), C(rescue), C(memory_test) and C(memory_test_file). A screen is a text, or the C(path) of
          its file.
      type: dict
    aliases:
      description:
        - Paths of URLs on the web servers that lead to something else below C(root), such as C(/yum/CentOS6.8) to
          C(trees/centos-6).
      type: dict
      sample: {/yum/CentOS6.8: trees/centos-6}
    files:
      description:
        - The folder of files of the site's own, C(folder) on the control node or C(path) on the web servers; null if
          there is none.
      type: dict
      sample: {folder: public, path: null}
    notes:
      description: Sentences about what is done otherwise than it is written, such as a range that excludes a router.
      type: list
      elements: str
    unknown_machines:
      description:
        - What is offered to machines that nobody described. C(profiles) are those that install without questions, by
          name with C(confirm) and C(disk); C(install) is the menu's default; C(subnets), C(mac_prefixes), C(overwrite)
          and C(hostname) are as described.
      type: dict
    offers:
      description:
        - By web server its C(subnets), C(mac_prefixes) and C(profiles), each with C(name), C(answer_file) and
          C(format). A web server that offers nothing is not there. C(policy) stands for the machines and disks that are
          meant.
      type: dict
    warnings:
      description: Sentences about what may not be meant, and about machines that are installed without being described.
      type: list
      elements: str
mistakes:
  description: All that is wrong with the description, in its order.
  returned: failure
  type: list
  elements: dict
  contains:
    address:
      description: Where the mistake is.
      type: str
      sample: site_profiles.el9-minimal.distribution
    message:
      description: What is wrong, and what to write instead.
      type: str
      sample: "'rokcy-9' is not described; did you mean 'rocky-9'?"
lines:
  description: The same mistakes as numbered lines for people.
  returned: failure
  type: list
  elements: str
  sample:
    - "1. site_profiles.el9-minimal.distribution: 'rokcy-9' is not described; did you mean 'rocky-9'?"
"""

import functools

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "site": {"type": "dict"},
            "machines": {"type": "list", "elements": "raw", "default": []},
            "group": {"type": "str", "default": "pxe_machines"},
            "site_names": {"type": "list", "elements": "str", "default": []},
            "servers": {"type": "dict", "default": {}},
            "search": {"type": "list", "elements": "path"},
        },
        supports_check_mode=True,
    )
    params = dict(module.params)
    search = params.pop("search")
    find = None if search is None else functools.partial(own_files.find, folders=search)
    try:
        # Without a site, the action has read it.
        plan = compile_plan(**{**params, "site": params["site"] or {}}, find=find)
    except PlanError as error:
        module.fail_json(msg=str(error), mistakes=error.mistakes, lines=error.lines)
    # Of what was asked all but the machines is sent back: there may be thousands.
    asked = {name: value for name, value in module.params.items() if name != "machines"}
    module.exit_json(changed=False, plan=plan, invocation={"module_args": asked})


if __name__ == "__main__":
    main()
