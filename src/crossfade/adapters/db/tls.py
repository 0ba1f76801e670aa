"""How the way to PostgreSQL is protected: by a certificate that is checked, or not at all."""

import ssl
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

_THIS_MACHINE = frozenset({"", "localhost", "127.0.0.1", "::1"})


def protection(url: str) -> ssl.SSLContext | bool:
    """What a connection to the URL must check; False where it goes in the clear.

    On this machine, and with sslmode=disable, it does. Every other mode, and none, means that
    the certificate must be valid for the host: modes that encrypt without looking do not exist.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    mode = options.get("sslmode")
    if mode == "disable" or (mode is None and _stays_here(parts.netloc, options)):
        return False
    context = ssl.create_default_context(cafile=options.get("sslrootcert"))
    if "sslcert" in options:
        context.load_cert_chain(options["sslcert"], options.get("sslkey"))
    return context


def _stays_here(netloc: str, options: Mapping[str, str]) -> bool:
    named = options["host"] if "host" in options else netloc.rpartition("@")[2]
    hosts = (_host(place) for place in named.split(","))
    return all(host.startswith("/") or host in _THIS_MACHINE for host in hosts)


def _host(place: str) -> str:
    """A host without its port; an IPv6 address stands in brackets."""
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return place.partition(":")[0] if place.count(":") == 1 else place
