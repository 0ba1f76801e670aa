"""A PostgreSQL elsewhere must prove who it is; one that cannot is not talked to."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossfade.adapters.db.database import Database
from crossfade.domain.errors import DatabaseUnavailableError

# The wheel's server speaks no TLS, so this needs one of the system's.
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OPENSSL = shutil.which("openssl")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not SERVERS or not OPENSSL, reason="no PostgreSQL with TLS, or no openssl"),
]
CERTIFICATE = (
    "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost -keyout server.key -out server.crt"
)


def run(folder: Path, *words: object) -> None:
    """A program as the user who may run PostgreSQL, in a folder of its own."""
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    log = folder / "log"
    with log.open("ab") as output:
        subprocess.run(
            [str(word) for word in words],
            cwd=folder,
            user=user,
            stdout=output,
            stderr=output,
            check=True,
            timeout=60,
        )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder of the server's user."""
    made = Path(tempfile.mkdtemp(prefix="crossfade-tls-"))
    if os.geteuid() == 0:
        os.chown(made, pwd.getpwnam("nobody").pw_uid, -1)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """Where a server with a certificate for localhost listens."""
    control, number = SERVERS[-1] / "pg_ctl", free_port()
    run(folder, str(OPENSSL), *CERTIFICATE.split())
    run(folder, SERVERS[-1] / "initdb", "-N", "-A", "trust", "-U", "crossfade", "-D", "data")
    place = f"-c listen_addresses=localhost -p {number} -k {folder}"
    keys = f"-c ssl=on -c ssl_cert_file={folder}/server.crt -c ssl_key_file={folder}/server.key"
    run(folder, control, "-D", "data", "-w", "-o", f"{place} {keys} -c fsync=off", "start")
    yield number
    run(folder, control, "-D", "data", "-m", "immediate", "stop")


async def ping(port: int, host: str, options: str) -> str:
    """What the server answers."""
    async with Database.open(f"postgresql://crossfade@{host}:{port}/postgres?{options}") as opened:
        return await opened.ping()


async def test_a_certificate_that_is_trusted_and_fits_is_accepted(folder: Path, port: int) -> None:
    known = f"sslmode=require&sslrootcert={folder}/server.crt"
    assert (await ping(port, "localhost", known)).startswith("PostgreSQL")


async def test_an_unknown_issuer_is_refused(port: int) -> None:
    with pytest.raises(DatabaseUnavailableError, match="certificate verify failed"):
        await ping(port, "localhost", "sslmode=require")


async def test_a_certificate_for_another_host_is_refused(folder: Path, port: int) -> None:
    with pytest.raises(DatabaseUnavailableError, match="not valid for '127"):
        await ping(port, "127.0.0.1", f"sslmode=prefer&sslrootcert={folder}/server.crt")
