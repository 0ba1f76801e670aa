"""Where the versions of a service listen: IP addresses and ports, as a proxy takes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from crossfade.domain.errors import Fault, below, refuse
from crossfade.domain.intent import MOST_VERSIONS
from crossfade.domain.names import ServiceKey, name_faults

HIGHEST_PORT = 65_535
MOST_ADDRESSES = 64

Placement = tuple[tuple[str, tuple[str, ...]], ...]  # version → IP:port addresses


@dataclass(frozen=True, slots=True)
class LocalService:
    """Where the versions of a service listen on this machine (embedded mode only)."""

    key: ServiceKey
    versions: Placement

    def __post_init__(self) -> None:
        refuse(placement_faults(self.versions))

    def addresses(self, version: str) -> tuple[str, ...]:
        """The version's addresses; none where it is unknown."""
        return dict(self.versions).get(version, ())


def placement_faults(versions: Placement) -> Iterable[Fault]:
    """Every fault in where the versions of a service are said to listen."""
    if len(versions) > MOST_VERSIONS:
        detail = f"expected at most {MOST_VERSIONS} versions, found {len(versions)}"
        yield Fault("/versions", detail)
    for name, addresses in versions:
        pointer = below("/versions", name)
        yield from name_faults(pointer, name)
        if len(addresses) > MOST_ADDRESSES:
            detail = f"expected at most {MOST_ADDRESSES} addresses, found {len(addresses)}"
            yield Fault(pointer, detail)
        for position, address in enumerate(addresses):
            yield from address_faults(f"{pointer}/{position}", address)


def address_faults(pointer: str, address: str) -> Iterable[Fault]:
    """The fault of an address that nothing can listen at."""
    host, _, port = address.rpartition(":")
    if not (_is_host(host) and port.isascii() and port.isdigit()) or len(port) > len("65535"):
        yield Fault(pointer, f"expected an address such as 127.0.0.1:9001, found {address!r}")
    elif not 1 <= int(port) <= HIGHEST_PORT:
        yield Fault(pointer, f"expected a port from 1 to {HIGHEST_PORT}, found {port}")


def _is_host(host: str) -> bool:
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        found = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return False
    known = found.version == (6 if bracketed else 4)
    return known and not found.is_unspecified and not found.is_multicast
