"""A data folder belongs to one process; its sockets live in a short folder that is ours alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crossfade.adapters.processes.folders import runtime_folder
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


def test_the_runtime_folder_is_short_private_and_the_same_each_time(tmp_path: Path) -> None:
    data_dir = tmp_path / ("a long name " * 10)

    folder = runtime_folder(data_dir, base=tmp_path)

    assert folder == runtime_folder(data_dir, base=tmp_path)
    assert folder != runtime_folder(tmp_path / "other", base=tmp_path)
    assert len(folder.name) == 20
    assert folder.stat().st_mode & 0o066 == 0


def test_a_runtime_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    runtime_folder(tmp_path, base=tmp_path).chmod(0o777)

    with pytest.raises(StartError, match="can be written by others"):
        runtime_folder(tmp_path, base=tmp_path)


def test_a_link_in_place_of_the_runtime_folder_is_refused(tmp_path: Path) -> None:
    folder = runtime_folder(tmp_path, base=tmp_path)
    folder.rmdir()
    folder.symlink_to(tmp_path)

    with pytest.raises(StartError, match="belongs to somebody else"):
        runtime_folder(tmp_path, base=tmp_path)
