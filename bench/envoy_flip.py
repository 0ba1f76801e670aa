"""How long a change of weights takes to reach traffic, with 10 and with 2,000 rules in Envoy.

    python -m bench.envoy_flip [changes]

Both Envoys run side by side and take turns, so that a busy machine slows both alike. A change
sends all traffic of one rule to its other version; it has arrived when a polling caller on a kept
connection gets its first answer from there.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.integration.envoy_stack import HOST, Stack, picture, placed, running, split
from tests.integration.envoy_traffic import Line, request

from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision

FEW, MANY = 10, 2_000
CHANGES = 200
MILLISECONDS = 1_000


def another_rule(number: int) -> Revision:
    """A rule of some other service."""
    key = ServiceKey("local", "default", f"service-{number}")
    versions = (Version("v1", 8_000), Version("v2", 2_000))
    return picture(Intent(key, versions), 1)


def wholly(version: str, generation: int) -> Revision:
    """The shop with all of its traffic at one of its two versions."""
    return split(generation, **{name: 10_000 * (name == version) for name in ("v1", "v2")})


async def filled(stack: Stack, rules: int) -> None:
    """Let Envoy hold so many rules, the shop's among them."""
    others = [another_rule(number) for number in range(rules - 1)]
    stack.mesh.place([placed(stack.backends, revision.key) for revision in others])
    for revision in others:
        await stack.mesh.apply(revision)
    for revision in others:
        await stack.mesh.effective(revision)
    await stack.deploy(wholly("v1", 1))


async def flip(stack: Stack, line: Line, generation: int) -> tuple[float, float]:
    """Seconds from applying a change to its first answer, and to its proof."""
    goal = "v2" if generation % 2 == 0 else "v1"
    revision = wholly(goal, generation)
    begun = time.perf_counter()
    await stack.mesh.apply(revision)
    proving = asyncio.create_task(proven(stack, revision, begun))
    while (await line.ask(request(HOST))).body != goal:
        pass
    return time.perf_counter() - begun, await proving


async def proven(stack: Stack, revision: Revision, begun: float) -> float:
    """Seconds from the beginning to the proof."""
    await stack.mesh.effective(revision)
    return time.perf_counter() - begun


def told(name: str, seconds: Sequence[float]) -> float:
    """Say the median and the 99th percentile; the median."""
    ordered = sorted(seconds)
    median, late = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    say(f"{name:<20} p50 {median * MILLISECONDS:6.2f} ms   p99 {late * MILLISECONDS:6.2f} ms")
    return median


def say(line: str) -> None:
    """Write a line for the person who runs this."""
    sys.stdout.write(f"{line}\n")


async def main(changes: int) -> None:
    """Run and print."""
    async with AsyncExitStack() as exits:
        stacks: dict[int, Stack] = {}
        lines: dict[int, Line] = {}
        for rules in (FEW, MANY):
            folder = exits.enter_context(tempfile.TemporaryDirectory())
            stacks[rules] = await exits.enter_async_context(running(Path(folder)))
            lines[rules] = await exits.enter_async_context(stacks[rules].caller.line())
            await filled(stacks[rules], rules)
        flips: dict[int, list[tuple[float, float]]] = {FEW: [], MANY: []}
        for generation in range(2, changes + 2):
            for rules in (FEW, MANY):
                flips[rules].append(await flip(stacks[rules], lines[rules], generation))
    for what, position in (("routed", 0), ("proven", 1)):
        few, many = (
            told(f"{what}, {rules} rules", [pair[position] for pair in flips[rules]])
            for rules in (FEW, MANY)
        )
        say(f"{what}: {MANY} rules take {many / few:.2f} times as long as {FEW}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CHANGES))
