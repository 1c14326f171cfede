# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_download
short_description: Download an installation image, and say how far it is
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Downloads a file of some gigabytes to the host. It appears under its name when it is whole and has the described
    checksum, not before.
  - A download that was interrupted is resumed where it ended, if the server can do that.
  - While it runs, a line every O(interval) seconds says how much has come, how fast, and how long the rest will take.
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
  url:
    description:
      - Where the file is, by HTTP or HTTPS. A proxy is taken from the environment.
    type: str
    required: true
  path:
    description:
      - The file on the host. Its folder must exist. Unfinished downloads lie beside it, hidden.
    type: path
    required: true
  checksum:
    description:
      - What the file must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
    type: str
    required: true
  stamps:
    description:
      - A folder in which computed checksums are kept; see O(netinstall.pxe.iso_info#module:stamps).
    type: path
  interval:
    description:
      - Seconds between two messages.
    type: int
    default: 15
  timeout:
    description:
      - Seconds after which a server that is silent is given up.
    type: int
    default: 30
notes:
  - This is an action plugin that calls the module of the same name over and over, each time for O(interval) seconds.
seealso:
  - module: netinstall.pxe.iso_info
  - module: ansible.builtin.get_url
"""

EXAMPLES = r"""
- name: Download an image
  netinstall.pxe.image_download:
    url: https://images.example.org/debian-13.1.0-amd64-netinst.iso
    path: /srv/pxe/iso/debian-13.1.0-amd64-netinst.iso
    checksum: sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /srv/pxe/iso/debian-13.1.0-amd64-netinst.iso
finished:
  description: Whether the file is there and whole. It is not in check mode when it would have to be downloaded.
  returned: success
  type: bool
received:
  description: How many bytes are there.
  returned: when something was downloaded
  type: int
  sample: 821035008
resumed:
  description: How many bytes were there before.
  returned: when something was downloaded
  type: int
  sample: 0
total:
  description: How many bytes the file has; null when the server does not say.
  returned: when something was downloaded
  type: int
  sample: 821035008
"""

import dataclasses
import typing as t
import urllib.error

from ansible.module_utils import urls
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.download import (
    Download,
    fetch_slice,
    is_there,
)


def opener(timeout: int) -> t.Callable[[str, dict[str, str]], t.Any]:
    """Ansible's own way to open a URL, with the errors of the standard library."""

    def open_url(url: str, headers: dict[str, str]) -> t.Any:
        try:
            # An image is compressed already, and a range of it must be one of its own bytes. A password of ~/.netrc is
            # for the host that it is written for there.
            return urls.open_url(
                url,
                headers={**headers, "Accept-Encoding": "identity"},
                timeout=timeout,
                decompress=False,
                unredirected_headers=["Authorization"],
            )
        # A ValueError is of a host that cannot be asked for, perhaps one to which a server leads.
        except (urls.ConnectionError, urls.NoSSLError, ValueError) as exc:
            raise urllib.error.URLError(str(exc)) from exc

    return open_url


def run(params: dict[str, t.Any], check: bool) -> dict[str, t.Any]:
    """Download for one interval, unless the file is there.

    :raises PxeError: see ``_download``.
    """
    download = Download(params["url"], params["path"], params["checksum"])
    result: dict[str, t.Any] = {"changed": False, "finished": True, "path": download.path}
    if is_there(download, params["stamps"], write=not check):
        return result
    result.update(changed=True, diff={"before": "", "after": f"{download.url} → {download.path}\n"})
    if check:
        return {**result, "finished": False}
    progress = fetch_slice(download, opener(params["timeout"]), params["interval"], params["stamps"])
    return {**result, **dataclasses.asdict(progress)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "path": {"type": "path", "required": True},
            "checksum": {"type": "str", "required": True},
            "stamps": {"type": "path"},
            "interval": {"type": "int", "default": 15},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module.params, module.check_mode))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
