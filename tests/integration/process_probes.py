"""What the tests of real processes share: a parent to kill, and waiting for a condition."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from crossfade.adapters.processes.identity import Identity, identify

LOOK_AGAIN_S = 0.01
PARENT = """
import asyncio, sys
from pathlib import Path
from crossfade.adapters.processes.children import Children
from crossfade.application.processes import Command

async def main():
    folder = Path(sys.argv[1])
    children = Children(folder / "run")
    command = Command("child", tuple(sys.argv[2:]), folder / "child.log", grace_s=1)
    child = await children.start(command)
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


async def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    """Come back as soon as the condition holds; TimeoutError where it does not in time."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  another process sets no event of ours
            await asyncio.sleep(LOOK_AGAIN_S)


@contextmanager
def program(source: str, *arguments: object) -> Iterator[tuple[subprocess.Popen[str], Identity]]:
    """A Python program, and the process whose pid it printed first; killed at the end."""
    words = [sys.executable, "-c", source, *(str(argument) for argument in arguments)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = identify(int(process.stdout.readline()))
        assert child is not None
        yield process, child
        process.kill()


def parent_of(
    *argv: str, folder: Path
) -> AbstractContextManager[tuple[subprocess.Popen[str], Identity]]:
    """A process of its own that started a child the way we do, and that child."""
    return program(PARENT, folder, *argv)


def parent_pid(pid: int) -> int:
    """The pid of a process's parent."""
    answer = subprocess.run(
        ["/bin/ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return int(answer.stdout)
