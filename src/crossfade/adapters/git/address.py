"""Where the authoritative repository lives: which URLs are taken, and their secrets kept apart."""

import base64
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_HELPER = re.compile(r"[A-Za-z0-9]*::")  # <transport>::<address> starts a program
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_SCP_LIKE = re.compile(r"(?:(?P<user>[^/:@]+)@)?(?P<host>[^/:@]{2,}):(?P<path>[^/].*|/[^/].*)")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class Address:
    """A remote repository: its URL without secrets, and the HTTP header that carries them."""

    url: str
    authorization: str | None = None
    allow_file: bool = False

    @property
    def protocols(self) -> str:
        """What git may speak, in its own notation; https and ssh may stand in for each other."""
        spoken = ["https", "ssh"]
        if self.url.startswith("http://"):
            spoken.append("http")
        if self.allow_file:
            spoken.append("file")
        return ":".join(spoken)

    @property
    def shown(self) -> str:
        """The URL for everybody's eyes: over the web even a user's name may be a token."""
        return self.url if self.url.startswith("ssh:") else _CREDENTIALS.sub("", self.url)


def parse_remote(url: str, *, allow_file: bool = False) -> Address:
    """The address behind a URL; ValueError with a sentence where it is not one for us."""
    if not url or _CONTROL.search(unquote(url)):
        raise ValueError("The Git remote must be a URL without spaces or control characters.")
    if url.startswith("-"):
        raise ValueError("The Git remote must not begin with '-'.")
    if _HELPER.match(url):
        raise ValueError("The Git remote must not name a transport helper such as 'ext::'.")
    if "://" in url:
        return _from_url(url, allow_file=allow_file)
    if scp := _SCP_LIKE.fullmatch(url):
        _check_ssh(scp["user"], scp["host"], scp["path"])
        return Address(url, allow_file=allow_file)
    return _from_path(url, allow_file=allow_file)


def masked(text: str) -> str:
    """The text with the credentials of every URL in it hidden."""
    return _CREDENTIALS.sub("***@", text)


def _from_url(url: str, *, allow_file: bool) -> Address:
    parts = _split(url)
    match parts.scheme:
        case "https":
            return _web(parts, allow_file=allow_file)
        case "http" if parts.hostname in LOOPBACK:
            return _web(parts, allow_file=allow_file)
        case "http":
            raise ValueError("The Git remote must use https: plain http is for this machine only.")
        case "ssh":
            if parts.password is not None:
                raise ValueError("The Git remote must not hold a password: ssh logs in by key.")
            _check_ssh(parts.username, _hostname(parts), parts.path)
            return Address(url, allow_file=allow_file)
        case "file":
            if parts.netloc not in ("", "localhost"):
                raise ValueError("A file: remote must name a path of this machine.")
            return _from_path(url, parts.path, allow_file=allow_file)
    raise ValueError(f"The Git remote must use https or ssh, not {parts.scheme!r}.")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # its words repeat a part of the URL, maybe a secret one
        raise ValueError("The Git remote is not a well-formed URL.") from None
    return parts


def _web(parts: SplitResult, *, allow_file: bool) -> Address:
    host = _hostname(parts)
    if parts.query or parts.fragment or parts.path in ("", "/"):
        raise ValueError("The Git remote must be a host and a path, with nothing after it.")
    netloc = f"[{host}]" if ":" in host else host
    netloc += f":{parts.port}" if parts.port else ""
    if parts.password is None:
        netloc = f"{parts.username}@{netloc}" if parts.username else netloc
        return Address(parts._replace(netloc=netloc).geturl(), allow_file=allow_file)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password)}".encode()
    header = f"Authorization: Basic {base64.b64encode(login).decode()}"
    return Address(parts._replace(netloc=netloc).geturl(), header, allow_file)


def _hostname(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise ValueError("The Git remote must name a plain host.")
    return host


def _check_ssh(user: str | None, host: str, path: str) -> None:
    """Git hands these three to programs, so none may look like an option."""
    if user is not None and not _USER.fullmatch(user):
        raise ValueError("The Git remote must name a plain user.")
    if not _HOST.fullmatch(host):
        raise ValueError("The Git remote must name a plain host.")
    if not path.strip("/") or path.lstrip("/").startswith("-"):
        raise ValueError("The Git remote must name a path that does not begin with '-'.")


def _from_path(url: str, path: str | None = None, *, allow_file: bool) -> Address:
    if not allow_file:
        raise ValueError(
            "The Git remote must be a URL with https or ssh; "
            "a path of this machine needs CROSSFADE_GIT_ALLOW_FILE=true."
        )
    if not PurePosixPath(unquote(path or url)).is_absolute():
        raise ValueError("A Git remote on this machine must be an absolute path.")
    return Address(url, allow_file=True)
