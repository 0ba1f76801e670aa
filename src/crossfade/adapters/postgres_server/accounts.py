"""As whom the server runs: PostgreSQL refuses to run as root."""

import contextlib
import os
import pwd
from pathlib import Path
from stat import S_IXGRP, S_IXOTH, S_IXUSR

from crossfade.application.processes import Account, StartError

UNPRIVILEGED = ("nobody", "daemon")


def own_account() -> Account:
    """The user that we run as; StartError where this machine has no name for it."""
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise StartError(
            f"PostgreSQL needs a named user, and this machine has no name for uid {os.geteuid()}: "
            "add one, or set DATABASE_URL."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account(cluster: Path) -> Account | None:
    """The user to drop to when we are root: who owns the cluster already, or nobody in particular.

    None when we are not root: the server then runs as ourselves.
    """
    if os.geteuid() != 0:
        return None
    owner = cluster.stat().st_uid if cluster.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _unprivileged()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def may_reach(account: Account, folder: Path) -> bool:
    """Whether the account may enter the folder and all that lead to it (groups and ACLs apart)."""
    resolved = folder.resolve()
    return all(_may_enter(account, step) for step in (resolved, *resolved.parents))


def _may_enter(account: Account, folder: Path) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & S_IXGRP)
    return bool(found.st_mode & S_IXOTH)


def _unprivileged() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise StartError(
        "PostgreSQL refuses to run as root, and this machine has no user named nobody: "
        "run Crossfade as another user, or set DATABASE_URL."
    )
