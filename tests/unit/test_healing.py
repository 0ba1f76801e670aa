"""Starting a program again when it ends."""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass

import pytest

from crossfade.adapters.processes.healing import Ended, Pauses, keep_running
from crossfade.application.processes import ChildProcess, StartError

AT_ONCE = Pauses(first_s=0, longest_s=0)


@dataclass
class BriefChild:
    """A program that ends as soon as it is waited for."""

    code: int
    name: str = "brief"
    pid: int = 1

    @property
    def exited(self) -> Awaitable[int]:
        return self.wait()

    async def wait(self) -> int:
        await asyncio.sleep(0)
        return self.code

    async def stop(self) -> int:
        return self.code

    def last_lines(self, count: int = 10) -> tuple[str, ...]:
        return ("no more memory",)[:count]


async def endings(outcomes: list[int | StartError], first: ChildProcess | None) -> list[Ended]:
    """What is told while the program is started with each outcome in turn."""
    told: list[Ended] = []
    left: Iterator[int | StartError] = iter(outcomes)

    async def start() -> ChildProcess:
        match next(left, None):
            case None:
                raise asyncio.CancelledError
            case StartError() as error:
                raise error
            case code:
                return BriefChild(code)

    with pytest.raises(asyncio.CancelledError):
        await keep_running(start, told.append, first=first, pauses=AT_ONCE)
    return told


async def test_a_program_that_ends_is_started_again_and_its_last_words_are_told() -> None:
    told = await endings([1, 128 + 9], first=None)

    assert [ended.reason for ended in told] == [
        "brief ended with code 1 | no more memory",
        "brief was ended by SIGKILL | no more memory",
    ]


async def test_a_failed_start_is_tried_again() -> None:
    told = await endings([StartError("no room"), 0], first=None)

    assert told[0].reason == "no room"
    assert len(told) == 2


async def test_a_program_that_runs_already_is_waited_for_first() -> None:
    told = await endings([], first=BriefChild(5))

    assert told[0].reason.startswith("brief ended with code 5")


def test_pauses_double_up_to_the_longest() -> None:
    pauses = Pauses(first_s=1, longest_s=5)
    taken = [pause := pauses.after(0, lived_s=0)]
    for _ in range(4):
        taken.append(pause := pauses.after(pause, lived_s=0))

    assert taken == [1, 2, 4, 5, 5]


def test_after_a_calm_time_the_pause_is_short_again() -> None:
    pauses = Pauses(first_s=1, longest_s=5, calm_s=30)

    assert pauses.after(5, lived_s=30) == 1
    assert pauses.after(5, lived_s=29) == 5
