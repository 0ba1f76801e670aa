"""Programs started by us end with us, whatever happens to us, to them or to their watchers."""

import json
import os
import pwd
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.process_probes import parent_of, parent_pid, until

from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.identity import identify
from crossfade.application.processes import SIGNALLED, Account, Command, StartError, ending

pytestmark = pytest.mark.integration

SLEEP = shutil.which("sleep") or "/bin/sleep"
SHELL = shutil.which("sh") or "/bin/sh"
DEAF = (SHELL, "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done")


@pytest.fixture
async def children(tmp_path: Path) -> AsyncIterator[Children]:
    async with Children(tmp_path / "run") as children:
        yield children


def command(folder: Path, *argv: str, grace_s: float = 5) -> Command:
    return Command("child", argv, folder / "logs" / "child.log", grace_s=grace_s)


async def test_the_exit_code_and_the_words_of_a_program_reach_us(
    children: Children, tmp_path: Path
) -> None:
    child = await children.start(command(tmp_path, SHELL, "-c", "echo out; echo err >&2; exit 7"))

    assert await child.wait() == 7
    assert child.last_lines() == ("out", "err")


async def test_a_program_that_is_not_there_is_named(children: Children, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"child cannot be started: /no/such: .*No such file"):
        await children.start(command(tmp_path, "/no/such"))


async def test_stopping_sends_the_signal_that_the_program_wants(
    children: Children, tmp_path: Path
) -> None:
    told = "trap 'exit 3' INT; echo ready; while :; do sleep 0.01; done"
    child = await children.start(
        Command("child", (SHELL, "-c", told), tmp_path / "log", stop_signal=signal.SIGINT)
    )
    await until(lambda: child.last_lines() == ("ready",))

    assert await child.stop() == 3


async def test_stopping_reaches_what_the_program_started(
    children: Children, tmp_path: Path
) -> None:
    child = await children.start(command(tmp_path, SHELL, "-c", "sleep 60 & echo $!; wait"))
    await until(lambda: len(child.last_lines()) == 1)
    grandchild = identify(int(child.last_lines()[0]))

    await child.stop()

    assert grandchild is not None
    await until(lambda: not grandchild.alive, within_s=5)


async def test_a_program_whose_log_cannot_be_written_is_refused(
    children: Children, tmp_path: Path
) -> None:
    (tmp_path / "logs").touch()

    with pytest.raises(StartError, match=r"child cannot be started: .*File exists"):
        await children.start(command(tmp_path, SLEEP, "60"))


async def test_a_deaf_program_is_killed_after_its_grace_time(
    children: Children, tmp_path: Path
) -> None:
    child = await children.start(command(tmp_path, *DEAF, grace_s=0.2))
    await until(lambda: child.last_lines() == ("deaf",))

    code = await child.stop()

    assert ending(code) == "was ended by SIGKILL"
    assert identify(child.pid) is None


async def test_a_killed_program_is_reported_with_the_signal(
    children: Children, tmp_path: Path
) -> None:
    child = await children.start(command(tmp_path, SLEEP, "60"))

    os.kill(child.pid, signal.SIGKILL)

    assert await child.exited == SIGNALLED + signal.SIGKILL


async def test_a_killed_parent_leaves_no_child(tmp_path: Path) -> None:
    with parent_of(SLEEP, "60", folder=tmp_path) as (parent, child):
        parent.kill()

        await until(lambda: not child.alive, within_s=5)


async def test_a_killed_parent_leaves_not_even_a_deaf_child(tmp_path: Path) -> None:
    with parent_of(*DEAF, folder=tmp_path) as (parent, child):
        parent.kill()

        await until(lambda: not child.alive, within_s=5)


async def test_a_killed_watcher_takes_its_program_along(children: Children, tmp_path: Path) -> None:
    child = await children.start(command(tmp_path, SLEEP, "60"))

    os.kill(parent_pid(child.pid), signal.SIGKILL)

    assert await child.wait() == SIGNALLED + signal.SIGKILL
    assert identify(child.pid) is None


async def test_what_outlived_parent_and_watcher_is_ended_at_the_next_start(tmp_path: Path) -> None:
    with parent_of(*DEAF, folder=tmp_path) as (parent, child):
        await until(lambda: "deaf" in (tmp_path / "child.log").read_text())
        watcher = parent_pid(child.pid)
        parent.send_signal(signal.SIGSTOP)
        os.kill(watcher, signal.SIGKILL)
        parent.kill()
        assert child.alive

        async with Children(tmp_path / "run"):
            assert not child.alive
        assert not list((tmp_path / "run").iterdir())


async def test_a_stranger_under_a_remembered_pid_is_left_alone(
    children: Children, tmp_path: Path
) -> None:
    stranger = await children.start(command(tmp_path, SLEEP, "60"))
    elsewhere = tmp_path / "earlier"
    elsewhere.mkdir()
    remembered = {
        "pid": stranger.pid,
        "started": "another boot:1",
        "stopSignal": "SIGTERM",
        "graceSeconds": 1,
    }
    (elsewhere / "child.json").write_text(json.dumps(remembered))

    async with Children(elsewhere):
        pass

    assert identify(stranger.pid) is not None
    assert not list(elsewhere.iterdir())


async def test_leaving_the_block_stops_everything(tmp_path: Path) -> None:
    async with Children(tmp_path / "run") as children:
        started = [
            await children.start(Command(name, (SLEEP, "60"), tmp_path / name)) for name in "abc"
        ]

    assert [identify(child.pid) for child in started] == [None, None, None]
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_a_program_runs_as_the_user_it_is_given(children: Children, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid)
    words = (shutil.which("id") or "/usr/bin/id",)

    child = await children.start(Command("id", words, tmp_path / "id.log", user=account))

    assert await child.wait() == 0
    (line,) = child.last_lines()
    assert line.startswith(f"uid={nobody.pw_uid}(nobody) gid={nobody.pw_gid}")
    assert "root" not in line


async def test_a_watcher_is_small_and_starts_fast(children: Children, tmp_path: Path) -> None:
    began = time.perf_counter()
    child = await children.start(command(tmp_path, SLEEP, "60"))
    took_s = time.perf_counter() - began

    if sys.platform == "linux":
        status = Path(f"/proc/{parent_pid(child.pid)}/status").read_text()
        resident_kb = int(status.partition("VmRSS:")[2].split()[0])
        assert resident_kb < 12_000
    assert took_s < 1


async def test_a_log_that_has_grown_large_is_set_aside(children: Children, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * 1_000_001)

    child = await children.start(command(tmp_path, SHELL, "-c", "echo new"))
    await child.wait()

    assert log.read_text() == "new\n"
    assert log.with_name("child.log.1").stat().st_size == 1_000_001
