"""Which PostgreSQL is run, who may connect, and what becomes of a stale pid file."""

from pathlib import Path

import pytest

from crossfade.adapters.postgres_server.accounts import may_reach
from crossfade.adapters.postgres_server.binaries import Binaries, choose
from crossfade.adapters.postgres_server.configuration import access_files, arguments
from crossfade.adapters.postgres_server.pid_file import NOBODYS_PID, disarm
from crossfade.application.processes import Account, Running, StartError

BIN = Path("/bin")
NEW, OLD, ANCIENT = Binaries(BIN, 18), Binaries(BIN, 16), Binaries(BIN, 14)
REST = "/data\n1795500425\n5432\n/sockets\n\n 10011398         4\nready   \n"


def test_without_a_cluster_the_first_postgresql_serves() -> None:
    assert choose((NEW, OLD), None) == NEW


def test_an_older_cluster_gets_the_postgresql_that_wrote_it() -> None:
    assert choose((NEW, OLD), 16) == OLD


def test_a_cluster_that_no_postgresql_here_can_read_is_refused() -> None:
    with pytest.raises(StartError, match="written by PostgreSQL 15, but only 18 and 16 is"):
        choose((NEW, OLD), 15)


def test_too_old_a_postgresql_is_as_good_as_none() -> None:
    with pytest.raises(StartError, match="There is no PostgreSQL here"):
        choose((ANCIENT,), None)


def test_only_the_named_people_may_connect_and_only_over_the_socket() -> None:
    files = access_files(["root", 'DOM\\o"hara'], "crossfade")

    assert files["pg_hba.conf"] == 'local all "crossfade" peer map=ours\n'
    assert files["pg_ident.conf"].splitlines() == [
        'ours "root" "crossfade"',
        'ours "DOM\\o""hara" "crossfade"',
    ]


@pytest.mark.parametrize(("major", "known"), [(17, False), (18, True)])
def test_settings_that_an_older_server_does_not_know_are_left_out(
    major: int, *, known: bool
) -> None:
    assert ("io_method=sync" in arguments(major, Path("/s"), Path("/a"))) is known


def a_cluster(folder: Path, pid: object) -> Path:
    (folder / "postmaster.pid").write_text(f"{pid}\n{REST}")
    return folder


def test_a_strangers_pid_is_taken_out_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    disarm(a_cluster(tmp_path, 4321), {4321: Running("sleep", None)}.get)

    assert (tmp_path / "postmaster.pid").read_text() == f"{NOBODYS_PID}\n{REST}"


def test_another_cluster_under_the_pid_is_a_stranger_too(tmp_path: Path) -> None:
    disarm(a_cluster(tmp_path, 4321), {4321: Running("postgres", Path("/elsewhere"))}.get)

    assert (tmp_path / "postmaster.pid").read_text().startswith(f"{NOBODYS_PID}\n")


def test_a_server_of_this_cluster_is_not_disturbed(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"Another PostgreSQL \(process 4321\)"):
        disarm(a_cluster(tmp_path, 4321), {4321: Running("postgres", tmp_path)}.get)

    assert (tmp_path / "postmaster.pid").read_text().startswith("4321\n")


@pytest.mark.parametrize("running", [None, Running("postgres", None)])
def test_what_postgresql_can_judge_itself_is_left_to_it(
    tmp_path: Path, running: Running | None
) -> None:
    disarm(a_cluster(tmp_path, 4321), {4321: running}.get)

    assert (tmp_path / "postmaster.pid").read_text() == f"4321\n{REST}"


def test_a_pid_file_without_a_pid_is_left_to_postgresql(tmp_path: Path) -> None:
    disarm(a_cluster(tmp_path, ""), {}.get)

    assert (tmp_path / "postmaster.pid").read_text() == f"\n{REST}"


def test_a_folder_closed_to_others_is_out_of_reach_with_all_that_is_in_it(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    owner = (tmp_path / "closed").stat()

    assert may_reach(Account("owner", owner.st_uid, owner.st_gid), inner)
    assert not may_reach(Account("other", owner.st_uid + 1, owner.st_gid + 1), inner)
