"""A proxy before an API server: it counts what is asked, and behaves as badly as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import h11
import orjson
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.kubeconfig import KubeConfig
from tests.cluster import kubeconfig
from tests.cluster.calls import Call, call
from tests.cluster.certificates import Authority
from tests.cluster.kubeconfig import Server
from tests.cluster.waiting import LOOPBACK, free_ports

CHUNK = 65_536
ENDS = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, h11.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Answer:
    """This answer, without asking the API server."""

    code: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends: before the API server was asked, or with its answer on the way."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Slow:
    """The API server is asked only after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is answered, ever."""


Trouble = Answer | Cut | Slow | Silence


@dataclass(slots=True)
class Spell:
    """A trouble for some of the calls, for so many times."""

    trouble: Trouble
    verb: str | None
    resource: str | None
    name: str | None
    times: int | None

    def strikes(self, asked: Call) -> bool:
        """Whether the call meets it; one of its times is then used up."""
        pairs = (
            (self.verb, asked.verb),
            (self.resource, asked.resource),
            (self.name, asked.name),
        )
        alike = all(wanted in (None, found) for wanted, found in pairs)
        if not alike or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Upstream:
    """The API server behind us, and who we are there."""

    host: str
    port: int
    trust: ssl.SSLContext
    token: str | None


class Weather:
    """Whoever comes by our kubeconfig is, behind us, the user of the one that we stand before."""

    def __init__(self, upstream: Upstream, folder: Path, port: int) -> None:
        self.calls: list[Call] = []
        self.kubeconfig = folder / "weather.kubeconfig"
        self._upstream = upstream
        self._port = port
        self._spells: list[Spell] = []
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None
        authority = Authority.found(folder)
        pair = authority.server()
        self._shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._shown.load_cert_chain(pair.certificate, pair.key)
        server = Server(f"https://{LOOPBACK}:{port}", authority.certificate)
        kubeconfig.with_token(self.kubeconfig, server, "nobody")

    @classmethod
    @asynccontextmanager
    async def before(cls, real: Path, folder: Path) -> AsyncIterator["Weather"]:
        """Fair weather before the API server of a kubeconfig."""
        weather = cls(_upstream(real), folder, free_ports(1)[0])
        await weather.begin()
        try:
            yield weather
        finally:
            await weather.vanish()

    async def begin(self) -> None:
        """Listen, at the same address as before."""
        self._server = await asyncio.start_server(
            self._serve, LOOPBACK, self._port, ssl=self._shown, reuse_address=True
        )

    async def vanish(self) -> None:
        """Refuse connections from now on, and end those that stand."""
        if self._server:
            self._server.close()
            await self.cut()
            await self._server.wait_closed()
            self._server = None

    def bring(
        self,
        trouble: Trouble,
        *,
        verb: str | None = None,
        resource: str | None = None,
        name: str | None = None,
        times: int | None = None,
    ) -> None:
        """Let such calls meet this trouble, so many times or until it clears up."""
        self._spells.append(Spell(trouble, verb, resource, name, times))

    def clear_up(self) -> None:
        """Fair weather again."""
        self._spells.clear()

    async def cut(self, resource: str | None = None) -> int:
        """End all connections that watch the resource, or all there are; how many there were."""
        struck = [client for client in self._clients if resource in (None, client.watches)]
        for client in struck:
            client.cut()
        await asyncio.gather(*(client.ended.wait() for client in struck))
        return len(struck)

    async def say(self, resource: str, event: Mapping[str, object]) -> int:
        """Put an event of our own into the standing watches of the resource; how many they are."""
        told = [client for client in self._clients if client.watches == resource]
        for client in told:
            await client.say(orjson.dumps(event) + b"\n")
        return len(told)

    def hold(self, *, held: bool) -> None:
        """Let nothing through in the standing watches, not even their end; or all of it again."""
        for client in self._clients:
            client.hold(held=held and client.watches is not None)

    @property
    def watching(self) -> int:
        """How many watches stand."""
        return sum(client.watches is not None for client in self._clients)

    def asked(self, verb: str | None = None, resource: str | None = None) -> list[Call]:
        """The calls of this verb and resource, in their order."""
        return [
            one
            for one in self.calls
            if verb in (None, one.verb) and resource in (None, one.resource)
        ]

    @property
    def writes(self) -> list[Call]:
        """The calls that change what is stored, in their order."""
        return [one for one in self.calls if one.writes]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self, _Side(reader, writer, h11.Connection(h11.SERVER)), self._upstream)
        self._clients.add(client)
        try:
            await client.serve()
        finally:
            self._clients.discard(client)

    def trouble_of(self, asked: Call) -> Trouble | None:
        """What this call meets; it is counted."""
        self.calls.append(asked)
        return next((spell.trouble for spell in self._spells if spell.strikes(asked)), None)


class _Side:
    """One end of the proxy: a connection that speaks HTTP/1.1."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, http: h11.Connection
    ) -> None:
        self.http = http
        self._reader = reader
        self._writer = writer

    async def events(self) -> AsyncIterator[h11.Event]:
        """What the peer sends, up to the end of its message."""
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self._reader.read(CHUNK))
            elif isinstance(event, h11.Event):
                yield event
                if isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
                    return
            else:
                return

    async def gone(self) -> None:
        """Come back when the peer has ended its connection."""
        while heard := await self._reader.read(CHUNK):
            self.http.receive_data(heard)

    async def send(self, *events: h11.Event) -> None:
        """Send the peer these."""
        for event in events:
            self._writer.write(self.http.send(event) or b"")
        await self._writer.drain()

    def close(self) -> None:
        """End the connection without a word."""
        self._writer.transport.abort()


class _Client:
    """One connection to us, and ours to the API server for it."""

    def __init__(self, weather: Weather, side: _Side, upstream: Upstream) -> None:
        self.watches: str | None = None
        self.ended = asyncio.Event()
        self._weather = weather
        self._side = side
        self._upstream = upstream
        self._behind: _Side | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._task: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Answer one request after the other, until either end has enough."""
        self._task = asyncio.current_task()
        with closing(self._side):
            try:
                while await self._one():
                    self._side.http.start_next_cycle()
            except (*ENDS, asyncio.CancelledError):
                pass  # the peer is gone, or the weather was asked to end it
            finally:
                if self._behind:
                    self._behind.close()
                self.ended.set()

    def cut(self) -> None:
        """End the connection without a word."""
        if self._task:
            self._task.cancel()

    def hold(self, *, held: bool) -> None:
        """Let nothing more through, or everything again."""
        (self._flowing.clear if held else self._flowing.set)()

    async def say(self, line: bytes) -> None:
        """Put a line into the watch that stands."""
        await self._side.send(h11.Data(data=line))

    async def _one(self) -> bool:
        """Whether the connection is good for another request after this one."""
        heard = [event async for event in self._side.events()]
        if not heard or not isinstance(heard[0], h11.Request):
            return False
        body = b"".join(bytes(one.data) for one in heard if isinstance(one, h11.Data))
        request = heard[0]
        asked = call(request.method.decode(), request.target.decode(), body)
        match self._weather.trouble_of(asked):
            case Answer() as answer:
                await self._side.send(*_spoken(answer))
                asked.answered = answer.code
            case Cut(carried_out=False):
                return False
            case Cut():
                await self._carry_out(request, body)
                return False
            case Silence():
                await asyncio.Event().wait()
            case Slow(seconds):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.ended.wait(), seconds)
                await self._forward(request, asked)
            case None:
                await self._forward(request, asked)
        return self._side.http.our_state is h11.DONE

    async def _carry_out(self, request: h11.Request, body: bytes) -> None:
        """Let the API server do it, and keep its answer."""
        behind = await self._asked_behind(request, body)
        async for _ in behind.events():
            pass

    async def _forward(self, request: h11.Request, asked: Call) -> None:
        behind = await self._asked_behind(request, asked.body)
        leaving = asyncio.create_task(self._leave_with_the_peer())
        try:
            async for event in behind.events():
                await self._flowing.wait()
                self._note(event, asked)
                if not isinstance(event, h11.ConnectionClosed):
                    await self._side.send(event)
        finally:
            self.watches = None
            leaving.cancel()
            await asyncio.wait({leaving})
        if behind.http.our_state is h11.DONE and behind.http.their_state is h11.DONE:
            behind.http.start_next_cycle()
        else:
            behind.close()
            self._behind = None

    async def _leave_with_the_peer(self) -> None:
        with suppress(*ENDS):
            await self._side.gone()
        self.cut()

    def _note(self, event: h11.Event, asked: Call) -> None:
        if isinstance(event, h11.Response):
            asked.answered = event.status_code
            watches = asked.verb == "watch" and event.status_code == 200
            self.watches = asked.resource if watches else None

    async def _asked_behind(self, request: h11.Request, body: bytes) -> _Side:
        """The API server's end, with the request on its way."""
        if self._behind is None:
            up = self._upstream
            reader, writer = await asyncio.open_connection(up.host, up.port, ssl=up.trust)
            self._behind = _Side(reader, writer, h11.Connection(h11.CLIENT))
        headers = [*_without_user(request), *_user(self._upstream)]
        forwarded = h11.Request(method=request.method, target=request.target, headers=headers)
        content = [h11.Data(data=body)] if body else []
        await self._behind.send(forwarded, *content, h11.EndOfMessage())
        return self._behind


def _spoken(answer: Answer) -> Iterator[h11.Event]:
    text = answer.text.encode()
    headers = {"content-length": str(len(text)), **answer.headers}
    yield h11.Response(status_code=answer.code, headers=list(headers.items()))
    yield h11.Data(data=text)
    yield h11.EndOfMessage()


def _without_user(request: h11.Request) -> Iterator[tuple[bytes, bytes]]:
    return (header for header in request.headers if header[0] != b"authorization")


def _user(upstream: Upstream) -> Iterator[tuple[bytes, bytes]]:
    if upstream.token:
        yield b"authorization", f"Bearer {upstream.token}".encode()


def _upstream(real: Path) -> Upstream:
    config = KubeConfig.from_file(real).get()
    assert config, f"{real} has no current context"
    assert config.user, f"{real} has no user"
    host, _, port = config.cluster.server.removeprefix("https://").partition(":")
    trust = verify_cluster(config.cluster, config.user, config.abs_file, trust_env=False)
    return Upstream(host, int(port), trust, config.user.token)
