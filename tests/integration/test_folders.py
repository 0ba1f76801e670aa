"""A data folder belongs to one process; its sockets live in a short folder that is ours alone."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossfade.adapters.processes.folders import private_folder, runtime_folder
from crossfade.adapters.processes.lock import FolderInUseError, hold
from crossfade.application.processes import StartError

pytestmark = pytest.mark.integration

HOLDER = """
import sys
from pathlib import Path
from crossfade.adapters.processes.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with (
            pytest.raises(FolderInUseError, match=f"is in use by process {holder.pid}:"),
            hold(tmp_path),
        ):
            pass
        holder.kill()


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait()

        with hold(tmp_path):
            assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(StartError, match="file/data cannot be used as data folder: Not a directory"),
        hold(tmp_path / "file" / "data"),
    ):
        pass


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that every user may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="crossfade-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_the_private_folder_is_made_once_and_others_cannot_look_into_it(base: Path) -> None:
    folder = private_folder(base / "sockets")

    assert folder == base / "sockets"
    assert folder.stat().st_mode & 0o066 == 0
    assert private_folder(folder) == folder


def test_each_data_folder_has_its_own_short_folder_for_sockets(base: Path) -> None:
    data_dir = base / ("a long name " * 10)

    folder = runtime_folder(data_dir, base)

    assert folder == runtime_folder(data_dir, base)
    assert folder != runtime_folder(base / "other", base)
    assert len(folder.name) == 20


def test_a_private_folder_that_others_may_write_is_refused(base: Path) -> None:
    private_folder(base / "sockets").chmod(0o777)

    with pytest.raises(StartError, match="can be written by others"):
        private_folder(base / "sockets")


def test_a_link_in_place_of_the_private_folder_is_refused(base: Path) -> None:
    (base / "sockets").symlink_to(base)

    with pytest.raises(StartError, match="belongs to somebody else"):
        private_folder(base / "sockets")


def test_a_private_folder_that_cannot_be_made_is_named(base: Path) -> None:
    with pytest.raises(StartError, match="cannot be made for sockets: File name too long"):
        private_folder(base / ("long" * 100))


def test_a_private_folder_whose_place_is_missing_is_made_elsewhere(base: Path) -> None:
    folder = private_folder(base / "missing" / f"{base.name}-sockets")

    assert folder == Path("/tmp") / f"{base.name}-sockets"
    folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's children run as somebody else")
def test_roots_private_folder_is_where_its_children_can_get_to_it(base: Path) -> None:
    base.chmod(0o700)

    folder = private_folder(base / f"{base.name}-sockets")

    assert folder == Path("/tmp") / f"{base.name}-sockets"
    folder.rmdir()
