"""How long a deploy takes until traffic obeys, beside the least it could take.

    python -m bench.deploy [rounds]

The least is one database transaction (read and lock a rule, save it, audit, notify: one commit)
and then one bare route flip by ADS. A deploy is the click: POST until the first request routed by
the new weights, and until the answer that says *effective*. Both are measured in turns, with 10
rules and with 2,000 in the installation, so that a busy machine slows all of them alike; each turn
begins when the commits of the last one have been made. In all of them a process of its own asks
for the shop all the while, and what is measured has its process, and its event loop, for itself:
the click is sent as prepared bytes over a kept connection.
"""

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType

import httpx
import uvloop
from bench.envoy_flip import FEW, MANY, filled, say, wholly
from bench.traffic import Traffic, traffic
from tests.e2e.product import Product
from tests.fakes.values import a_rule, an_act
from tests.integration.envoy_stack import Stack, running, until
from tests.integration.envoy_traffic import Caller, Line, Reply

from crossfade.adapters.db.database import Database
from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.postgres_server.server import start
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.work import Event
from crossfade.domain.rule import Rule

ROUNDS = 60
AT_ONCE = 16
PATIENCE_S = 300.0  # as many commits as rules are behind a full installation
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
MILLISECONDS = 1_000


@dataclass
class Installation:
    """A product with so many rules, its API, and those who ask for the shop."""

    product: Product
    api: httpx.AsyncClient
    traffic: Traffic
    shop: str = ""

    async def fill(self, rules: int) -> None:
        """Deploy so many rules, the shop's among them."""
        places = asyncio.Semaphore(AT_ONCE)
        names = ["shop", *(f"service-{number}" for number in range(rules - 1))]
        made = await asyncio.gather(*(self._make(name, places) for name in names))
        self.shop = made[0]

    async def _make(self, service: str, places: asyncio.Semaphore) -> str:
        async with places:
            versions = {name: [one.address] for name, one in self.traffic.backends.items()}
            await self.api.put(f"/api/local/default/{service}", json={"versions": versions})
            shares = [{"name": "v1", "weight": 100}, {"name": "v2", "weight": 0}]
            made = await self.api.post(
                "/api/rules", json={"serviceName": service, "versions": shares}
            )
            rule_id = str(made.json()["id"])
            deployed = await self.api.post(f"/api/deploy-rule/{rule_id}", json={})
            assert deployed.status_code in (200, 202), deployed.text
            return rule_id

    async def deploy(self, number: int) -> tuple[float, float]:
        """Seconds from the click to the first answer by the new weights, and to *effective*."""
        goal = "v2" if number % 2 == 0 else "v1"
        async with Caller(self.product.port).line() as hand:
            await self._edit(hand, goal)
            click = sent("POST", f"/api/deploy-rule/{self.shop}", {})
            entrance = self.product.entrance_port
            begun = time.perf_counter()
            obeying = asyncio.create_task(self.traffic.first_answer(entrance, goal))
            reply = await hand.ask(click)
            effective = time.perf_counter() - begun
            routed = await obeying - begun
            await committed(hand, reply)
        return routed, effective

    async def _edit(self, hand: Line, goal: str) -> None:
        """Send all traffic to one version in the draft, over the connection of the click."""
        rule = json.loads((await hand.ask(sent("GET", f"/api/rules/{self.shop}"))).body)
        shares = [{"name": name, "weight": 100 * (name == goal)} for name in ("v1", "v2")]
        draft = {"serviceName": "shop", "versions": shares}
        edition = {"if-match": f'"{rule["edition"]}"'}
        edited = await hand.ask(sent("PUT", f"/api/rules/{self.shop}", draft, edition))
        assert edited.status == HTTPStatus.OK, edited


async def committed(hand: Line, reply: Reply) -> None:
    """Return once an operation's commit is made, so that it is in nobody's way."""
    operation = json.loads(reply.body)
    assert operation["state"] == "effective", operation
    look = sent("GET", f"/api/operations/{operation['id']}")

    async def is_committed() -> bool:
        return "committed" not in unfinished(json.loads((await hand.ask(look)).body))

    await until(is_committed, PATIENCE_S)


def unfinished(operation: dict[str, list[dict[str, str]]]) -> set[str]:
    """The stages that an operation has before it."""
    return {stage["name"] for stage in operation["stages"] if stage["state"] != "done"}


def sent(
    method: str, path: str, body: object = None, headers: Mapping[str, str] = NO_HEADERS
) -> bytes:
    """The bytes of a request to the API."""
    content = b"" if body is None else json.dumps(body).encode()
    told = {"host": "localhost", "content-type": "application/json", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    head = f"{method} {path} HTTP/1.1\r\n{lines}content-length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def installed(exits: AsyncExitStack, asked: Traffic, rules: int) -> Installation:
    """An installation with so many deployed rules."""
    folder = Path(exits.enter_context(tempfile.TemporaryDirectory()))
    product = Product(folder, CROSSFADE_DEMO="false")
    exits.callback(product.end)
    product.start()
    await asyncio.to_thread(product.ready)
    base = f"http://127.0.0.1:{product.port}"
    api = await exits.enter_async_context(
        httpx.AsyncClient(base_url=base, trust_env=False, timeout=PATIENCE_S)
    )
    made = Installation(product, api, asked)
    await made.fill(rules)
    return made


async def own_database(exits: AsyncExitStack) -> tuple[Database, Rule]:
    """A database of the same kind, with one rule."""
    folder = Path(exits.enter_context(tempfile.TemporaryDirectory()))
    children = await exits.enter_async_context(Children(folder / "processes"))
    server = await start(folder, runtime_folder(folder), children)
    await migrate(server.url)
    database = await exits.enter_async_context(Database.open(server.url))
    rule = a_rule()
    async with database.work() as work:
        await work.rules.add(rule)
    return database, rule


@dataclass(frozen=True, slots=True)
class Least:
    """What a deploy cannot do without: a transaction in a database, and a flip of routes."""

    database: Database
    rule: Rule
    stack: Stack
    traffic: Traffic

    async def deploy(self, number: int) -> tuple[float, float]:
        """Seconds until the transaction has committed, and until traffic obeys."""
        goal = "v2" if number % 2 == 0 else "v1"
        revision = wholly(goal, number)
        entrance = self.stack.caller.port
        begun = time.perf_counter()
        obeying = asyncio.create_task(self.traffic.first_answer(entrance, goal))
        await self._transact()
        committed = time.perf_counter() - begun
        await self.stack.mesh.apply(revision)
        routed = await obeying - begun
        await self.stack.mesh.effective(revision)
        return committed, routed

    async def _transact(self) -> None:
        async with self.database.work() as work:
            await work.rules.save(await work.rules.get(self.rule.id, lock=True))
            work.record(an_act())
            work.announce(Event("rule", self.rule.id))


async def the_least(exits: AsyncExitStack, asked: Traffic) -> Least:
    """A bare mesh with a few rules, and a database with one."""
    folder = Path(exits.enter_context(tempfile.TemporaryDirectory()))
    stack = await exits.enter_async_context(running(folder))
    stack.backends.update(asked.backends)
    await filled(stack, FEW)
    return Least(*await own_database(exits), stack, asked)


def told(name: str, seconds: Sequence[float]) -> float:
    """Say the quartiles; the median, in milliseconds."""
    low, median, high = (MILLISECONDS * found for found in statistics.quantiles(seconds, n=4))
    say(f"{name:<38} p25 {low:7.2f}   p50 {median:7.2f}   p75 {high:7.2f} ms")
    return median


@dataclass(frozen=True, slots=True)
class Turns:
    """What some rounds took: seconds to each of two moments, one pair a round."""

    deploy: Callable[[int], Awaitable[tuple[float, float]]]
    taken: list[tuple[float, float]] = field(default_factory=list)

    async def take(self, number: int) -> None:
        """One turn."""
        self.taken.append(await self.deploy(number))

    def told(self, *names: str) -> list[float]:
        """Say the quartiles under these names; the medians."""
        moments = zip(*self.taken, strict=True)
        return [told(name, seconds) for name, seconds in zip(names, moments, strict=True)]


async def main(rounds: int) -> None:
    """Run and print."""
    async with AsyncExitStack() as exits:
        asked = await exits.enter_async_context(traffic())
        least = Turns((await the_least(exits, asked)).deploy)
        clicks = {
            rules: Turns((await installed(exits, asked, rules)).deploy) for rules in (FEW, MANY)
        }
        turns = [least, *clicks.values()]
        for number in range(2, rounds + 2):
            random.shuffle(turns)  # nobody always has the same one's aftermath to bear
            for one in turns:
                await one.take(number)
    _, bound = least.told("the least: transaction committed", "the least: traffic obeys")
    medians = {}
    for rules, turn in clicks.items():
        names = f"click to traffic, {rules} rules", f"click to the answer, {rules} rules"
        medians[rules], _ = turn.told(*names)
        multiple = medians[rules] / bound
        say(f"traffic obeys within {multiple:.2f} times the least, with {rules} rules")
    ratio = medians[MANY] / medians[FEW]
    say(f"with {MANY} rules a deploy takes {ratio:.2f} times as long as with {FEW}")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
