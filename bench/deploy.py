"""How long a deploy takes until traffic obeys, beside the least it could take.

    python -m bench.deploy [rounds]

The least is one database transaction (read and lock a rule, save it, audit, notify: one commit)
and one bare route flip by ADS. A deploy is the click: POST until the first request routed by the
new weights, and until the answer that says *effective*. Both are measured in turns, with 10 rules
and with 2,000 in the installation, so that a busy machine slows all of them alike; and each turn
begins when the commits of the last one have been made. The click is sent as prepared bytes over
a kept connection: what the caller computes is not the product's time.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType

import httpx
import uvloop
from bench.envoy_flip import FEW, MANY, filled, flip, say
from tests.e2e.product import Product
from tests.fakes.values import a_rule, an_act
from tests.integration.envoy_stack import running, until
from tests.integration.envoy_traffic import Caller, Line, Reply, request

from crossfade.adapters.db.database import Database
from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.postgres_server.server import start
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.ports import Event
from crossfade.domain.rule import Rule

ROUNDS = 60
AT_ONCE = 16
PATIENCE_S = 60.0
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
MILLISECONDS = 1_000


@dataclass
class Installation:
    """A product with so many rules, and callers of its API and its entrance."""

    product: Product
    api: httpx.AsyncClient
    line: Line
    shop: str = ""
    backends: dict[str, str] = field(default_factory=dict)

    async def fill(self, rules: int) -> None:
        """Deploy so many rules, the shop's among them."""
        places = asyncio.Semaphore(AT_ONCE)
        names = ["shop", *(f"service-{number}" for number in range(rules - 1))]
        made = await asyncio.gather(*(self._make(name, places) for name in names))
        self.shop = made[0]

    async def _make(self, service: str, places: asyncio.Semaphore) -> str:
        async with places:
            versions = {name: [address] for name, address in self.backends.items()}
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
            begun = time.perf_counter()
            answering = asyncio.create_task(answered(hand, click, begun))
            while (await self.line.ask(request("shop.default"))).body != goal:
                pass
            routed = time.perf_counter() - begun
            reply, effective = await answering
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

    await until(is_committed)


def unfinished(operation: dict[str, list[dict[str, str]]]) -> set[str]:
    """The stages that an operation has before it."""
    return {stage["name"] for stage in operation["stages"] if stage["state"] != "done"}


async def answered(hand: Line, click: bytes, begun: float) -> tuple[Reply, float]:
    """The answer to a click, with the seconds that it took."""
    reply = await hand.ask(click)
    return reply, time.perf_counter() - begun


def sent(
    method: str, path: str, body: object = None, headers: Mapping[str, str] = NO_HEADERS
) -> bytes:
    """The bytes of a request to the API."""
    content = b"" if body is None else json.dumps(body).encode()
    told = {"host": "localhost", "content-type": "application/json", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    head = f"{method} {path} HTTP/1.1\r\n{lines}content-length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def installed(exits: AsyncExitStack, backends: dict[str, str], rules: int) -> Installation:
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
    caller = Caller(product.entrance_port)
    line = await exits.enter_async_context(caller.line())
    made = Installation(product, api, line, backends=backends)
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


async def transact(database: Database, rule: Rule) -> float:
    """Seconds of one database transaction."""
    begun = time.perf_counter()
    async with database.work() as work:
        await work.rules.save(await work.rules.get(rule.id, lock=True))
        work.record(an_act())
        work.announce(Event("rule", rule.id))
    return time.perf_counter() - begun


def told(name: str, seconds: Sequence[float]) -> float:
    """Say the quartiles; the median, in milliseconds."""
    low, median, high = (MILLISECONDS * found for found in statistics.quantiles(seconds, n=4))
    say(f"{name:<38} p25 {low:7.2f}   p50 {median:7.2f}   p75 {high:7.2f} ms")
    return median


async def main(rounds: int) -> None:
    """Run and print."""
    routed: dict[int, list[float]] = {FEW: [], MANY: []}
    effective: dict[int, list[float]] = {FEW: [], MANY: []}
    transactions, flips = [], []
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory()))
        stack = await exits.enter_async_context(running(folder))
        await filled(stack, FEW)
        line = await exits.enter_async_context(stack.caller.line())
        database, rule = await own_database(exits)
        addresses = {name: backend.address for name, backend in stack.backends.items()}
        sites = {rules: await installed(exits, addresses, rules) for rules in (FEW, MANY)}
        for number in range(2, rounds + 2):
            transactions.append(await transact(database, rule))
            flips.append((await flip(stack, line, number))[0])
            for rules, site in sites.items():
                first, answer = await site.deploy(number)
                routed[rules].append(first)
                effective[rules].append(answer)
    least = told("one database transaction", transactions) + told("one bare ADS flip", flips)
    say(f"{'the least':<38}             p50 {least:7.2f} ms")
    for rules in (FEW, MANY):
        click = told(f"click to traffic, {rules} rules", routed[rules])
        told(f"click to the answer, {rules} rules", effective[rules])
        say(f"traffic obeys within {click / least:.2f} times the least, with {rules} rules")
    ratio = statistics.median(routed[MANY]) / statistics.median(routed[FEW])
    say(f"with {MANY} rules a deploy takes {ratio:.2f} times as long as with {FEW}")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
