# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the discs of small Enterprise Linux releases, with metadata that no createrepo_c has written."""

from __future__ import annotations

import gzip
import hashlib
import io
import typing as t
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.tests.unit import rpm_packages
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Content, build

Files = dict[str, Content]

COMMON = "http://linux.duke.edu/metadata/common"
REPO = "http://linux.duke.edu/metadata/repo"
COMPS = """<?xml version="1.0" encoding="UTF-8"?>
<comps><group><id>core</id><name>Core</name><packagelist>
<packagereq type="mandatory">bash</packagereq><packagereq type="optional">second</packagereq>
</packagelist></group></comps>
"""
MODULES = """---
document: modulemd
version: 2
data:
  name: {name}
  stream: "1"
  version: 1
  context: abc
  arch: noarch
  summary: A module
  description: A module
  license:
    module: [MIT]
...
"""
TREEINFO = """\
[general]
family = CentOS
timestamp = 1463897370.33
totaldiscs = 2
version = 6.8
discnum = 1
arch = x86_64

[images-x86_64]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img

[stage2]
mainimage = images/install.img

[checksums]
images/pxeboot/vmlinuz = sha256:{vmlinuz}
images/pxeboot/initrd.img = sha256:{initrd}
repodata/repomd.xml = sha256:{repomd}
"""
VARIANT = "\n[variant-{name}]\nid = {name}\nrepository = {name}\npackages = {name}/Packages\n"


def package_xml(
    href: str, name: str, data: bytes, base: str = "", size: int | None = None
) -> tuple[str, str, str]:
    """What primary, filelists and other say of a package."""
    digest = hashlib.sha256(data).hexdigest()
    where = f" xml:base={quoteattr(base)}" if base else ""
    version = '<version epoch="0" ver="1.0" rel="1"/>'
    primary = (
        f'<package type="rpm"><name>{name}</name><arch>noarch</arch>{version}'
        f'<checksum type="sha256" pkgid="YES">{digest}</checksum><summary>of disc metadata</summary>'
        f'<description/><packager/><url/><time file="1" build="1"/>'
        f'<size package="{len(data) if size is None else size}" installed="4" archive="0"/>'
        f"<location{where} href={quoteattr(href)}/><format><rpm:license>MIT</rpm:license><rpm:vendor/><rpm:group/>"
        f'<rpm:buildhost/><rpm:sourcerpm/><rpm:header-range start="1" end="2"/><rpm:provides>'
        f'<rpm:entry name="{name}"/></rpm:provides></format></package>'
    )
    own = f'<package pkgid="{digest}" name="{name}" arch="noarch">{version}'
    return primary, f"{own}<file>/usr/bin/{name}</file></package>", f"{own}</package>"


def listed(name: str, href: str, size: int = 1234, base: str = "") -> str:
    """The least that primary says of a package."""
    where = f" xml:base={quoteattr(base)}" if base else ""
    return (
        f'<package type="rpm"><name>{escape(name)}</name><arch>noarch</arch>'
        f'<checksum type="sha256" pkgid="YES">{"ab" * 32}</checksum>'
        f'<size package="{size}" installed="1" archive="2"/><location{where} href={quoteattr(href)}/>'
        "<format><file>/etc/x</file></format></package>"
    )


def primary(*rows: str) -> bytes:
    """A list of packages."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="{COMMON}" packages="{len(rows)}">'
        f"{''.join(rows)}</metadata>"
    ).encode()


def metadata(rows: t.Iterable[tuple[str, str, str]]) -> dict[str, bytes]:
    rows = list(rows)
    spaces = f'xmlns="{COMMON}" xmlns:rpm="http://linux.duke.edu/metadata/rpm"'
    texts = [
        f'<metadata {spaces} packages="{len(rows)}">{"".join(row[0] for row in rows)}</metadata>',
        f'<filelists xmlns="http://linux.duke.edu/metadata/filelists">{"".join(row[1] for row in rows)}</filelists>',
        f'<otherdata xmlns="http://linux.duke.edu/metadata/other">{"".join(row[2] for row in rows)}</otherdata>',
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return {kind: (head + text).encode() for kind, text in zip(("primary", "filelists", "other"), texts)}


def repository(
    kinds: dict[str, bytes], folder: str = "", algorithm: str = "sha256", pack: bool = True
) -> Files:
    """The files of a repository: ``{type: content}`` and their repomd.xml."""
    prefix = f"{folder}/" if folder else ""
    name = "sha1" if algorithm == "sha" else algorithm
    files: Files = {}
    rows = []
    for kind, content in kinds.items():
        packed = pack and kind != "group"
        data = gzip.compress(content, mtime=0) if packed else content
        digest = hashlib.new(name, data).hexdigest()
        path = (
            f"repodata/{digest[:8]}-{kind}.{'yaml' if kind == 'modules' else 'xml'}{'.gz' if packed else ''}"
        )
        files[prefix + path] = data
        rows.append(
            f'<data type="{kind}"><checksum type="{algorithm}">{digest}</checksum>'
            f'<location href="{path}"/><timestamp>1</timestamp><size>{len(data)}</size></data>'
        )
    files[f"{prefix}repodata/repomd.xml"] = f'<repomd xmlns="{REPO}">{"".join(rows)}</repomd>'.encode()
    return files


def packages(names: t.Iterable[str], folder: str = "Packages") -> dict[str, tuple[str, bytes]]:
    """Package files by path: (name, content)."""
    return {
        f"{folder}/{name}.rpm": (name, rpm_packages.package(name, files=[f"/usr/bin/{name}"]))
        for name in names
    }


def repository_of(
    found: dict[str, tuple[str, bytes]],
    folder: str = "",
    base: t.Callable[[str], str] = lambda href: "",
    **more: t.Any,
) -> Files:
    """A repository that lists these packages. ``more``: other kinds of metadata, ``algorithm`` and ``pack``."""
    kinds = {key: more.pop(key) for key in list(more) if isinstance(more[key], bytes)}
    start = len(folder) + 1 if folder else 0
    rows = (package_xml(path[start:], name, data, base(path)) for path, (name, data) in found.items())
    return repository({**metadata(rows), **kinds}, folder, **more)


def installer(treeinfo: str = TREEINFO, discs: str = "1", repomd: bytes = b"") -> Files:
    """What the first disc has besides packages."""
    kernel, initrd = b"kernel", b"initrd"
    digests = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in {"vmlinuz": kernel, "initrd": initrd, "repomd": repomd}.items()
    }
    return {
        ".discinfo": f"1463887421.60\nFinal\nx86_64\n{discs}\n".encode(),
        ".treeinfo": treeinfo.format(**digests).encode(),
        "images/pxeboot/vmlinuz": kernel,
        "images/pxeboot/initrd.img": initrd,
        "images/install.img": b"stage 2" * 1000,
    }


def contents(found: dict[str, tuple[str, bytes]]) -> Files:
    return {path: data for path, (_name, data) in found.items()}


def el6(second_has_metadata: bool = True, all_on_first: bool = False) -> tuple[Files, Files]:
    """DVD 1 and DVD 2 as of EL 6: one repository at the root, packages in one folder.

    :param all_on_first: whether the first disc's metadata list the packages of both, with their discs.
    """
    one, two = packages(["bash", "setup"]), packages(["second", "third"])
    listed = {**one, **two} if all_on_first else one

    def base(path: str) -> str:
        return f"media://1463887421.60#{1 if path in one else 2}" if all_on_first else ""

    metadata_of_one = repository_of(listed, base=base, group=COMPS.encode())
    repomd = metadata_of_one["repodata/repomd.xml"]
    assert isinstance(repomd, bytes)
    first: Files = {
        **installer(repomd=repomd),
        **metadata_of_one,
        **contents(one),
        "TRANS.TBL": b"table 1",
        "Packages/TRANS.TBL": b"table 1",
        "EULA": b"the same",
        "README": b"of disc 1",
    }
    second: Files = {
        ".discinfo": b"1463887421.60\nFinal\nx86_64\n2\n",
        **(repository_of(two) if second_has_metadata else {}),
        **contents(two),
        "TRANS.TBL": b"table 2",
        "Packages/TRANS.TBL": b"table 2",
        "EULA": b"the same",
        "README": b"of DISC 2",
    }
    return first, second


def el9() -> tuple[Files, Files]:
    """Two discs as of EL 9: BaseOS on the first, AppStream with modules on both."""
    base = packages(["bash"], "BaseOS/Packages/b")
    one, two = packages(["one"], "AppStream/Packages/o"), packages(["two"], "AppStream/Packages/t")
    modules = [MODULES.format(name=name).encode() for name in ("first", "second")]
    first = {
        **installer(TREEINFO + VARIANT.format(name="BaseOS") + VARIANT.format(name="AppStream"), discs="ALL"),
        **repository_of(base, "BaseOS", group=COMPS.encode()),
        **repository_of(one, "AppStream", modules=modules[0]),
        **contents({**base, **one}),
    }
    second = {
        ".discinfo": first[".discinfo"],
        **repository_of(two, "AppStream", modules=modules[1]),
        **contents(two),
    }
    return first, second


def image(files: t.Mapping[str, Content]) -> Image:
    return Image(io.BytesIO(build(files)))
