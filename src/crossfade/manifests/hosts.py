"""Hosts as Istio reads them: whole names, short ones beside an object, and wildcards."""

_DOMAIN = "svc.cluster.local"


def full_name(host: str, namespace: str, *, in_mesh: bool = True) -> str:
    """The full name of a host: short names mean a service beside the object that names it.

    The mesh knows a service also by its shorter names; on a gateway they are what they say.
    """
    host = host.lower()
    if "*" in host:
        return host
    match host.count("."):
        case 0:
            return f"{host}.{namespace}.{_DOMAIN}"
        case 1 if in_mesh:
            return f"{host}.{_DOMAIN}"
        case 2 if in_mesh and host.endswith(".svc"):
            return f"{host}.{_DOMAIN.removeprefix('svc.')}"
        case _:
            return host


def overlap(one: str, other: str) -> bool:
    """Whether some request may be for both hosts."""
    return covers(one, other) or covers(other, one)


def covers(one: str, other: str) -> bool:
    """Whether a host takes in another: `*` all of them, `*.a` whatever ends in `.a`."""
    return one == other or (one.startswith("*") and other.endswith(one[1:]))
