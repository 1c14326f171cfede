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

import contextlib
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils import _mounts
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner, atomic_write, make_runner
from ansible_collections.netinstall.pxe.plugins.module_utils._iso import Image, IsoError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import (
    identify,
    open_image,
    verify,
    verify_media,
)

UNITS = "/etc/systemd/system"
_EXPORTS = "/var/lib/nfs/etab"
# Only where the kernel runs with SELinux.
_SELINUX = "/sys/fs/selinux/enforce"
_DESCRIBED = ("distribution", "family", "version", "kernel", "initrd")
_LOSETUP = ["losetup", "--list", "--json", "--output", "NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN"]


# Looking


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _read_or_none(path: str) -> str | None:
    """A file's content; empty when it cannot be read, as with a masked unit's link."""
    try:
        return _read(path)
    except OSError:
        return "" if os.path.lexists(path) else None


def _folder(point: str) -> str:
    if not os.path.lexists(point):
        return "missing"
    if not os.path.isdir(point) or os.path.islink(point):
        return "other"
    return "full" if os.listdir(point) else "empty"


def _wanted_link(unit: str) -> str:
    """The link that ``systemctl enable`` makes for WantedBy=multi-user.target."""
    return f"{UNITS}/multi-user.target.wants/{unit}"


def find(point: str, run: Runner) -> _mounts.Found:
    """Look at what is there now.

    :raises PxeError: losetup fails.
    """
    unit = _mounts.unit_name(point)
    mount = _mounts.mounted_at(_mounts.parse_mountinfo(_read("/proc/self/mountinfo")), point)
    return _mounts.Found(
        mount=mount,
        loop=_loop(mount.source, run) if mount and mount.source.startswith("/dev/loop") else None,
        unit=_read_or_none(f"{UNITS}/{unit}"),
        enabled=os.path.lexists(_wanted_link(unit)),
        folder="" if mount else _folder(point),
        in_fstab=point in _mounts.parse_fstab(_read_or_none("/etc/fstab") or ""),
    )


def _loop(device: str, run: Runner) -> _mounts.Loop | None:
    status, out, err = run(_LOSETUP)
    if status:
        raise PxeError(f"losetup fails: {err.strip()}")
    return next((loop for loop in _mounts.parse_losetup(out) if loop.device == device), None)


def wanted(params: dict[str, t.Any], keep: bool) -> tuple[_mounts.Wanted, dict[str, t.Any] | None]:
    """Check the image, and say what is to be mounted, and what is known of it.

    :param keep: whether a computed checksum may be kept.
    :raises PxeError: the image is not there, not whole, no ISO 9660, or not the described one.
    """
    path = params["path"]
    with open_image(path) as image:
        status = os.stat(path)
        # Before the slow part, so that a wrong image is known at once.
        known = _identify(image, {key: params[key] for key in _DESCRIBED})
    if params["checksum"]:
        verify(path, params["checksum"], params["stamps"], keep)
    if params["media_check"]:
        verify_media(path, params["stamps"], keep)
    device = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    identity = _mounts.Identity(status.st_ino, device, status.st_size, status.st_mtime_ns)
    options = _mounts.with_context(params["options"], params["context"], os.path.exists(_SELINUX))
    target = _mounts.Wanted(path, params["mountpoint"], identity, options, tuple(params["before"]))
    return target, known


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


def check_system(run: Runner) -> None:
    """Say what stands in the way of mounting, before anything is changed.

    :raises PxeError: no systemd, no iso9660, or no loop devices.
    """
    has_module = run(["modprobe", "--dry-run", "--quiet", "iso9660"])[0] == 0
    problem = _mounts.why_unmountable(_read("/proc/filesystems"), has_module, os.uname().release)
    if problem:
        raise PxeError(problem)
    if not os.path.exists("/dev/loop-control") and run(["modprobe", "--dry-run", "--quiet", "loop"])[0]:
        raise PxeError("this host has no loop devices (/dev/loop-control), so it cannot mount a file")
    if not os.path.isdir("/run/systemd/system"):
        raise PxeError(
            "this host was not started by systemd, which is to mount the image after each start; "
            "use a virtual or real machine, or a container that runs systemd"
        )


# Doing


class Worker:
    """Takes the steps of a decision. Each method has the name of a step."""

    def __init__(self, run: Runner, point: str, text: str = "", previous: str | None = None) -> None:
        self.run = run
        self.point = point
        self.unit = _mounts.unit_name(point)
        self.text = text
        self.previous = previous
        self.made_folder = False

    def systemctl(self, *words: str) -> None:
        status, out, err = self.run(["systemctl", *words])
        if status:
            raise PxeError(f"{self.point}: 'systemctl {' '.join(words)}' fails: {(err or out).strip()}")

    def folder(self) -> None:
        try:
            os.makedirs(self.point, mode=0o755)
        except OSError as exc:
            raise PxeError(f"{self.point}: cannot make the mount point: {exc.strerror}") from exc
        self.made_folder = True

    def unmount(self) -> None:
        """Unmount whatever is mounted there, also several mounts over each other."""
        while _mounted(self.point):
            # By systemd first, which else might still believe in the mount when it is to start it again.
            self.run(["systemctl", "stop", self.unit])
            if _mounted(self.point):
                status, _out, err = self.run(["umount", "--", self.point])
                if status:
                    raise PxeError(_busy(self.point, err.strip()))

    def write_unit(self) -> None:
        atomic_write(f"{UNITS}/{self.unit}", self.text)
        self.systemctl("daemon-reload")

    def mount(self) -> None:
        status, _out, err = self.run(["systemctl", "start", self.unit])
        if status:
            journal = self.run(
                ["journalctl", "--unit", self.unit, "--lines", "5", "--output", "cat", "--no-pager"]
            )[1]
            self._restore()
            raise PxeError(
                f"{self.point}: the image cannot be mounted: {err.strip()} {journal.strip()}".rstrip()
            )

    def _restore(self) -> None:
        """After a mount that failed: leave no unit that would fail at the next start as well."""
        if self.previous is None:
            self.forget()
        else:
            atomic_write(f"{UNITS}/{self.unit}", self.previous)
            self.systemctl("daemon-reload")
        if self.made_folder:
            self.remove_folder()
        self.run(["systemctl", "reset-failed", self.unit])

    def enable(self) -> None:
        self.systemctl("enable", "--quiet", self.unit)

    def forget(self) -> None:
        self.run(["systemctl", "disable", "--quiet", self.unit])
        for path in (_wanted_link(self.unit), f"{UNITS}/{self.unit}"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        self.systemctl("daemon-reload")

    def remove_folder(self) -> None:
        # Not empty: what is in it is not ours.
        with contextlib.suppress(OSError):
            os.rmdir(self.point)

    def take(self, steps: list[str]) -> None:
        names = {"unit": "write_unit"}
        for step in steps:
            getattr(self, names.get(step, step))()


def _mounted(point: str) -> bool:
    return _mounts.mounted_at(_mounts.parse_mountinfo(_read("/proc/self/mountinfo")), point) is not None


def _busy(point: str, error: str) -> str:
    below = _mounts.mounted_below(_mounts.parse_mountinfo(_read("/proc/self/mountinfo")), point)
    exports = _mounts.parse_exports(_read_or_none(_EXPORTS) or "")
    reasons = [
        _mounts.holders(_open_paths(), point),
        *(f"the mount {path}" for path in below),
        _mounts.exported(exports, point),
    ]
    who = ", ".join(filter(None, reasons))
    held = f"it is held by {who}; end that" if who else f"({error}); end what uses it"
    return f"{point} cannot be unmounted: {held}, and run again. It stays mounted as it was"


def _open_paths() -> t.Iterator[tuple[int, str, str]]:
    """Each process's open files, working and root folders and program, as far as they can be read."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        base = f"/proc/{pid}"
        with contextlib.suppress(OSError):
            name = _read(f"{base}/comm").strip()
            links = [f"{base}/cwd", f"{base}/root", f"{base}/exe"]
            links += [f"{base}/fd/{number}" for number in os.listdir(f"{base}/fd")]
            for link in links:
                with contextlib.suppress(OSError):
                    yield int(pid), name, os.readlink(link)


# Telling


def describe(found: _mounts.Found) -> str:
    """What is there now, for a diff."""
    if found.mount is None:
        return "not mounted\n" + (found.unit or "")
    source = found.loop.file if found.loop else found.mount.source
    return f"mounted: {source}\n" + (found.unit or "")


def diff(point: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": point, "after_header": point, "before": before, "after": after}


def _runner(module: AnsibleModule) -> Runner:
    """A runner that finds programs of /sbin, and for which a missing program is a failing one."""
    plain = make_runner(module)

    def run(command: list[str]) -> tuple[int, str, str]:
        program = module.get_bin_path(command[0])
        return plain([program, *command[1:]]) if program else (127, "", f"{command[0]} is not installed")

    return run


def _real(point: str) -> str:
    """The mount point by its real folder: units and mountinfo know no other."""
    _mounts.check_path(point)
    folder, name = os.path.split(point.rstrip("/"))
    if not name:
        raise PxeError(f"mountpoint '{point}': nothing can be mounted over the root folder")
    return os.path.join(os.path.realpath(folder), name)


def run_module(module: AnsibleModule) -> dict[str, t.Any]:
    """Decide, then act unless in check mode; return the module's result."""
    params, run = module.params, _runner(module)
    point = params["mountpoint"] = _real(params["mountpoint"])
    found = find(point, run)
    known = None
    if params["state"] == "present":
        target, known = wanted(params, keep=not module.check_mode)
        decision = _mounts.decide_present(target, found)
        text, after = _mounts.unit_text(target), f"mounted: {target.image}\n"
    else:
        decision = _mounts.decide_absent(point, found)
        text, after = "", "not mounted\n"
    if "mount" in decision.steps:
        check_system(run)
    if decision.steps and not module.check_mode:
        Worker(run, point, text, found.unit).take(decision.steps)
    return {
        "changed": bool(decision.steps),
        "unit": _mounts.unit_name(point),
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
