# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Fetches files from mirrors, whole or not at all; follows a mirror only to where somebody vouches for it as well."""

from __future__ import annotations

import http.client
import ssl
import string
import typing as t
import urllib.error
import urllib.parse

from ansible.module_utils import urls
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

_REDIRECTS = (301, 302, 303, 307, 308)
_STEPS = 10


class UnreachableError(PxeError):
    """Nobody answers, or says that it cannot just now. What was fetched before is as good as it was."""


def fetch(url: str, limit: int) -> bytes | None:
    """What is at a URL; nothing if the server knows of none.

    :raises PxeError: the server cannot be asked, has too much, or leads to where it is less safe.
    """
    try:
        with _open_url(url) as response:
            data = bytes(response.read(limit + 1))
            length = response.headers.get("Content-Length", "")
            chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"
    except urllib.error.HTTPError as exc:
        if exc.code in (404, 410):
            return None
        busy = exc.code >= 500 or exc.code == 429
        raise (UnreachableError if busy else PxeError)(
            f"{url}: the server answers {exc.code} {exc.reason}; correct the mirror"
        ) from exc
    # A ValueError is of a host or path that cannot be asked for.
    except (OSError, ValueError, http.client.HTTPException, urls.ConnectionError, urls.NoSSLError) as exc:
        reason = getattr(exc, "reason", None) or exc
        raise (UnreachableError if _is_down(reason) else PxeError)(
            f"{url}: cannot be fetched: {reason}"
        ) from exc
    if len(data) > limit:
        raise PxeError(f"{url} has more than {limit >> 20} MiB: it is not the expected file")
    if length.isdigit() and len(data) != int(length):
        raise PxeError(f"{url}: the connection broke; run again")
    if not chunked and not length.isdigit():
        raise PxeError(
            f"{url}: the server does not say how long the file is, so a truncated download would go unnoticed; "
            "write another mirror"
        )
    return data


def _is_down(reason: object) -> bool:
    """Whether it is the network or the server, not what it says or who vouches for it."""
    return isinstance(reason, OSError) and not isinstance(reason, (ssl.SSLError, ValueError))


def _open_url(url: str) -> t.Any:
    """Follow a mirror to where it leads. Each step is a request of its own: with the password of ~/.netrc for that host
    only, and with https if the first one has it."""
    asked = url
    for _step in range(_STEPS):
        try:
            return urls.open_url(
                url,
                timeout=60,
                decompress=False,
                headers={"Accept-Encoding": "identity"},
                follow_redirects="no",
            )
        except urllib.error.HTTPError as exc:
            location = exc.headers.get("Location") if exc.code in _REDIRECTS else None
            if not location:
                raise
            url = urllib.parse.urljoin(url, urllib.parse.quote(location, string.punctuation, "latin-1"))
            _refuse_detour(asked, url)
    raise PxeError(f"{asked}: the server redirects {_STEPS} times; write another mirror")


def _refuse_detour(asked: str, location: str) -> None:
    """Mirrors hand on to others; https vouches for what is in the file only if all of them have it."""
    scheme = location.partition(":")[0].lower()
    if scheme not in ("https", "http") or (asked.startswith("https:") and scheme != "https"):
        raise PxeError(
            f"{asked}: the server redirects to {scheme}, which does not authenticate what it sends; "
            "write another mirror"
        )
