# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""URLs in rendered answer files that lead to the site's own servers, and to nothing there."""

from __future__ import annotations

import typing as t

from ansible.utils.display import Display
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import site_urls
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import masked
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_file
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _unlogged

display = Display()

Record = dict[str, t.Any]


def url_mistakes(
    action: t.Any,
    installations: list[Record],
    args: Record,
    task_vars: Record,
    shown_later: tuple[str, ...] = (),
) -> list[str]:
    """URLs of the site that lead to nothing. What only a script fetches is a warning.

    :arg action: the action plugin that asks the web server
    :arg args: ``{plan, root}``
    :arg shown_later: paths that the web server shows when this is done
    :raises PxeError: it cannot be asked.
    """
    plan = args["plan"]
    found = list(_site_urls_in(installations, plan))
    missing = _missing(action, {target.path for _address, _url, target in found}, args["root"], task_vars)
    mistakes: dict[str, bool] = {}
    for address, url, target in found:
        gone = target.path in missing and not (
            target.path.startswith(shown_later) or site_urls.is_laid_out_later(target.path, plan)
        )
        said = target.mistake or (gone and f"there is no {target.path} below {args['root']}")
        if said:
            mistakes[f"{address}: {url.url.partition('?')[0]}: {said}"] = url.needed
    for line, needed in mistakes.items():
        if not needed:
            display.warning(masked(line))
    return [masked(line) for line, needed in mistakes.items() if needed]


def _missing(action: t.Any, paths: set[str], root: str, task_vars: Record) -> set[str]:
    """The paths that the web server does not show."""
    asked = {"root": root, "paths": sorted(filter(None, paths))}
    if not asked["paths"]:
        return set()
    reply = _unlogged.execute(action, "netinstall.pxe.public_paths_info", asked, task_vars)
    if "missing" not in reply:
        raise PxeError(f"the web server cannot be asked what it shows: {reply.get('msg')}")
    return set(reply["missing"])


def _site_urls_in(
    installations: t.Iterable[Record], plan: Record
) -> t.Iterator[tuple[str, site_urls.Url, site_urls.Target]]:
    """The URLs of the site in answer files and what lies beside them, each with where it is written."""
    servers = site_urls.servers_of(plan)
    for item in installations:
        texts = [(item["answer"], item["answer_format"], "")]
        texts += [
            (text, "kickstart" if name.endswith(".ks") else "", name) for name, text in item["files"].items()
        ]
        for text, kind, name in texts:
            for url in site_urls.find(text, servers, kind):
                if not _is_own(item, url.url):
                    place = f"{name} line {url.line}" if name else _written(item, url)
                    yield f"{item['machine']}: {place}", url, site_urls.target(url, plan)


def _is_own(item: Record, url: str) -> bool:
    """Whether it is the machine's own: its answers, its reports, its whole tree."""
    own = (item["files_url"], item["events_url"])
    whole = {*(item["tree_urls"] or {}).values(), *own}
    return url.rstrip("/") in whole or url.startswith(tuple(f"{each}/" for each in own))


def _written(item: Record, url: site_urls.Url) -> str:
    """Where somebody has written a URL: in a file that was brought along, in an answer, or in the answer file."""
    if item.get("own_file"):
        lines = read_file(item["own_file"]).decode("utf-8", "replace").split("\n")
        found = next((number for number, line in enumerate(lines, 1) if url.url in line), 0)
        if found:
            return f"{item['answers']['file']} line {found}"
    for key, value in item["answers"].items():
        if isinstance(value, str) and url.url in value:
            return f"answers.{key} line {value[: value.index(url.url)].count(chr(10)) + 1}"
        if isinstance(value, list) and url.url in str(value):
            return f"answers.{key}"
    return f"answer file line {url.line}"
