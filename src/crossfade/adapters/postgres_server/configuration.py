"""How the server is set: small, fast to start, and open to nobody but our own user."""

from collections.abc import Iterable, Mapping
from pathlib import Path

HBA = "pg_hba.conf"
IDENT = "pg_ident.conf"
READABLE = 0o644  # the server's user is not always ours
SINCE_IO_METHODS = 18
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "24MB",
    "huge_pages": "off",
    "wal_level": "minimal",  # nothing is ever replicated from here
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_logical_replication_workers": "0",
    "autovacuum_max_workers": "1",
    "jit": "off",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def arguments(major: int, sockets: Path, access: Path) -> tuple[str, ...]:
    """The settings as arguments: a newer Crossfade brings them to an older data folder too."""
    settings = {
        **SETTINGS,
        "unix_socket_directories": str(sockets),
        "hba_file": str(access / HBA),
        "ident_file": str(access / IDENT),
    }
    if major >= SINCE_IO_METHODS:
        settings["io_method"] = "sync"  # spares three processes
    return tuple(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))


def access_files(people: Iterable[str], role: str) -> Mapping[str, str]:
    """Who may connect: these users of the machine, as the role, over the socket; nobody else."""
    lines = (f"ours {_quoted(person)} {_quoted(role)}" for person in people)
    return {
        HBA: f"local all {_quoted(role)} peer map=ours\n",
        IDENT: "".join(f"{line}\n" for line in lines),
    }


def write_access_files(folder: Path, files: Mapping[str, str]) -> None:
    """Put the files where the server's user can read them and only we can write them."""
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(READABLE)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
