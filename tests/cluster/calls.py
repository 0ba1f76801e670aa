"""What was asked of an API server, read from the requests themselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

WRITES = frozenset({"create", "update", "patch", "delete"})
_PATH = re.compile(
    r"/(api/v1|apis/(?P<group>[^/]+)/[^/]+)"
    r"(/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<resource>[^/]+)(/(?P<name>[^/]+))?(/(?P<subresource>[^/]+))?"
)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(slots=True)
class Call:
    """One request, as rights name it, and what was answered."""

    verb: str
    resource: str
    namespace: str
    name: str
    params: Mapping[str, str]
    body: bytes
    answered: int | None = None  # None: not yet, or never

    @property
    def document(self) -> Mapping[str, Any]:
        """What was written."""
        found: Mapping[str, Any] = yaml.safe_load(self.body) or {}
        return found

    @property
    def dry(self) -> bool:
        """Whether the write was only asked for as a rehearsal."""
        return "dryRun" in self.params

    @property
    def writes(self) -> bool:
        """Whether it changes what is stored."""
        return self.verb in WRITES and not self.dry

    def __str__(self) -> str:
        place = "/".join(part for part in (self.namespace, self.name) if part)
        return f"{self.verb} {self.resource} {place}{' (dry run)' * self.dry}".rstrip()


def call(method: str, target: str, body: bytes) -> Call:
    """The request in the words of rights."""
    parts = urlsplit(target)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    # A namespace is an object too; only what follows it tells the two apart.
    found = _PATH.fullmatch(parts.path)
    place = found.groupdict() if found else {"resource": parts.path}
    name = place.get("name") or ""
    resource = "/".join(part for part in (place["resource"], place.get("subresource")) if part)
    verb = _VERBS.get(method) or _reading(name, params)
    return Call(verb, resource, place.get("namespace") or "", name, params, body)


def _reading(name: str, params: Mapping[str, str]) -> str:
    if params.get("watch") in ("1", "true"):
        return "watch"
    return "get" if name else "list"
