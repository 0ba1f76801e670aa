"""Kubeconfig files: where an API server is, and who we are there."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from tests.cluster.certificates import Pair, write

CONTEXT = "crossfade-test"


@dataclass(frozen=True, slots=True)
class Server:
    """An API server and the certificate that vouches for it."""

    url: str
    ca: Path


def with_token(path: Path, server: Server, token: str) -> Path:
    """A kubeconfig of whoever holds the token."""
    return _written(path, server, {"token": token})


def with_certificate(path: Path, server: Server, pair: Pair) -> Path:
    """A kubeconfig of whom the certificate names."""
    user = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
    return _written(path, server, user)


def _written(path: Path, server: Server, user: dict[str, str]) -> Path:
    cluster = {"server": server.url, "certificate-authority": str(server.ca)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    return write(path, yaml.safe_dump(document).encode())
