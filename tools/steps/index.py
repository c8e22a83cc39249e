"""The Python package index: which one this machine uses, and a download from it where there is no pip."""

import configparser
import hashlib
import html.parser
import os
import platform
import re
import ssl
import sys
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from infra.errors import FalajError

_CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
_TRUSTED = (Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pki/tls/certs/ca-bundle.crt"))
"""Where Linux systems keep theirs; with none of them uv's own list is used."""


def locked_index(project: Path) -> str:
    """The index uv.lock was made from."""
    packages: list[dict[str, dict[str, str]]] = tomllib.loads((project / "uv.lock").read_text()).get("package", [])
    sources = (package["source"].get("registry", "") for package in packages)
    return next((source for source in sources if source), "")


def mirror(project: Path) -> str:
    """The index this machine is told to use instead: by uv's variables, pip's, or pip's configuration; "" if none."""
    told = next(filter(None, map(os.environ.get, ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"))), "")
    told = (told or _pip_configured()).rstrip("/")
    return "" if told == locked_index(project).rstrip("/") else told


def uv_arguments(project: Path) -> list[str]:
    """What makes uv use that index."""
    there = mirror(project)
    return ["--default-index", there] if there else []


def uv_environment() -> dict[str, str]:
    """The environment for uv: this Python only, the certificates this machine trusts, no other project's .venv."""
    inner = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    certificates = next(filter(None, map(os.environ.get, _CERTIFICATES)), None)
    if certificates:
        inner.setdefault("SSL_CERT_FILE", certificates)
    elif sys.platform == "darwin" or any(map(Path.exists, _TRUSTED)):
        inner.setdefault("UV_SYSTEM_CERTS", "true")
    return inner | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}


def download(package: str, requirements: Path, project: Path, into: Path) -> Path:
    """The wheel for this machine, as the requirements pin it. FALAJ-TOOL-002, -003 or -004 when that fails."""
    text = requirements.read_text()
    pins = set(re.findall(r"sha256:([0-9a-f]{64})", text))
    pinned = re.findall(rf"^{package}==(\S+)", text, re.MULTILINE)
    base = (mirror(project) or locked_index(project)).rstrip("/") + f"/{package}/"
    page = _Links(base)
    page.feed(_get(base).decode())
    names = tuple(f"{package}-{version}-" for version in pinned)
    wanted = [link for link in page.links if Path(link.path).name.startswith(names) and _fits(link.path)]
    if not wanted:
        carried = f"it lists {len(page.links)} files of {package}"
        raise FalajError("TOOL-003", _shown(base), f"{carried}, none of {', '.join(pinned)} for {_machine()}")
    link = wanted[0]
    content = _get(link._replace(fragment="").geturl())
    there = hashlib.sha256(content).hexdigest()
    if there not in pins:
        raise FalajError("TOOL-004", _shown(link.geturl()), f"SHA-256 is {there[:12]}…, which is not pinned")
    wheel = into / Path(link.path).name
    wheel.write_bytes(content)
    return wheel


class _Links(html.parser.HTMLParser):
    """The files a simple index page lists."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.links: list[urllib.parse.ParseResult] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.links.append(urllib.parse.urlparse(urllib.parse.urljoin(self.base, target)))


def _get(address: str) -> bytes:
    """The bytes at an http(s) address; a login in it is sent as basic authentication."""
    parts = urllib.parse.urlparse(address)
    if parts.scheme not in ("https", "http"):
        raise FalajError("TOOL-002", _shown(address), f'the index address has the scheme "{parts.scheme}", not https')
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
    if parts.username:
        passwords.add_password(
            None, bare, urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or ""), True
        )
    trust = ssl.create_default_context(cafile=next(filter(None, map(os.environ.get, _CERTIFICATES)), None))
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=trust), urllib.request.HTTPBasicAuthHandler(passwords)
    )
    request = urllib.request.Request(bare, headers={"Accept": "text/html"})  # noqa: S310
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise FalajError("TOOL-003", _shown(bare), f"it answers {error.code} {error.reason}") from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise FalajError("TOOL-010", _shown(bare), reason.verify_message) from error
        raise FalajError("TOOL-002", _shown(bare), f"no answer: {reason}") from error


def _fits(path: str) -> bool:
    """Whether a wheel's platform tags (the last part of its name) are this machine's."""
    tags = path.rpartition("-")[2]
    system = {"linux": "manylinux", "darwin": "macosx"}.get(sys.platform, sys.platform)
    return path.endswith(".whl") and system in tags and _machine() in tags


def _machine() -> str:
    return platform.machine().lower()


def _pip_configured() -> str:
    """`index-url` of pip's own files; the later ones win, as in pip."""
    homes = [Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pip/pip.conf"]
    files = [Path("/etc/pip.conf"), Path.home() / ".pip/pip.conf", *homes]
    given = os.environ.get("PIP_CONFIG_FILE")
    parser = configparser.RawConfigParser()
    parser.read([*files, Path(given)] if given else files)
    return parser.get("global", "index-url", fallback="")


def _shown(address: str) -> str:
    parts = urllib.parse.urlparse(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
