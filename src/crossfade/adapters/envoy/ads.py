"""The server that feeds Envoy over a private Unix socket, by Envoy's incremental protocol (ADS)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import grpc
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from crossfade.adapters.envoy.resources import Kind, Name, Resource
from crossfade.adapters.envoy.stream import Answer, Desired, Heard, Said, Stream

SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
OURS_ALONE = 0o600
UNLIMITED = -1  # a reconnecting Envoy names all it holds, which passes gRPC's 4 MB at 10,000 rules

Call = grpc.aio.ServicerContext[DeltaDiscoveryRequest, DeltaDiscoveryResponse]


class AdsServer:
    """Keeps every connected Envoy at what is desired."""

    def __init__(self, desired: Desired, on_answer: Callable[[Answer], None]) -> None:
        self._desired = desired
        self._on_answer = on_answer
        self._wakers: dict[Stream, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._server: grpc.aio.Server | None = None

    @property
    def serving(self) -> bool:
        """Whether Envoys can connect."""
        return self._server is not None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The Envoys that are connected now."""
        return tuple(self._wakers)

    async def start(self, socket: Path) -> None:
        """Serve on a Unix socket that only we may use."""
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", UNLIMITED)])
        talk = grpc.stream_stream_rpc_method_handler(
            self._talk,
            request_deserializer=DeltaDiscoveryRequest.FromString,
            response_serializer=DeltaDiscoveryResponse.SerializeToString,
        )
        handlers = {"DeltaAggregatedResources": talk}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        _bind(server, socket)
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Let go of every Envoy; they keep routing by what they hold."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop(grace=None)
        self._wakers.clear()  # their calls are cancelled, but take a moment to end

    def touch(self, names: Iterable[Name]) -> None:
        """Tell every Envoy about these, where they differ from what it holds."""
        touched = tuple(names)
        for stream, waker in self._wakers.items():
            stream.touch(touched)
            waker.set()

    async def change(self) -> None:
        """Wait until some Envoy connects, answers, leaves, or was looked at."""
        await self._changed.wait()

    def holders(self, resource: Resource) -> int:
        """How many Envoys have taken exactly this."""
        return sum(stream.holds(resource) for stream in self._wakers)

    def unknown(self, names: Iterable[Name]) -> bool:
        """Whether no Envoy has, or is being sent, anything of these names."""
        asked = tuple(names)
        return all(
            stream.settled and not any(stream.knows(name) for name in asked)
            for stream in self._wakers
        )

    async def _talk(self, requests: AsyncIterator[DeltaDiscoveryRequest], call: Call) -> None:
        stream, waker = Stream(), asyncio.Event()
        self._wakers[stream] = waker
        try:
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(self._send(stream, waker, call))
                await self._listen(stream, waker, requests)
                sending.cancel()
        finally:
            self._wakers.pop(stream, None)
            self._tell_change()

    async def _listen(
        self, stream: Stream, waker: asyncio.Event, requests: AsyncIterator[DeltaDiscoveryRequest]
    ) -> None:
        async for request in requests:
            self._on_answer(stream.hear(_heard(request)))
            waker.set()
            self._tell_change()

    async def _send(self, stream: Stream, waker: asyncio.Event, call: Call) -> None:
        while True:
            await waker.wait()
            waker.clear()
            for said in stream.due(self._desired):
                await call.write(_response(said))
            self._tell_change()  # where nothing was due, that is news too

    def _tell_change(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _bind(server: grpc.aio.Server, socket: Path) -> None:
    """Listen under a name of our own, to which the socket's name then leads.

    A server that stops unlinks the name it listened under. Were that the shared one, a server that
    was frozen for a while would take away the socket of the one that has replaced it.
    """
    own = socket.with_name(f"{socket.stem}-{secrets.token_hex(4)}")
    server.add_insecure_port(f"unix:{own}")
    own.chmod(OURS_ALONE)
    if socket.is_symlink():
        socket.with_name(str(socket.readlink())).unlink(missing_ok=True)
    link = own.with_suffix(".link")
    link.symlink_to(own.name)
    link.replace(socket)


def _heard(request: DeltaDiscoveryRequest) -> Heard:
    return Heard(
        kind=Kind(request.type_url),
        subscribe=tuple(request.resource_names_subscribe),
        unsubscribe=tuple(request.resource_names_unsubscribe),
        holds=dict(request.initial_resource_versions),
        nonce=request.response_nonce,
        complaint=request.error_detail.message if request.HasField("error_detail") else None,
    )


def _response(said: Said) -> DeltaDiscoveryResponse:
    response = DeltaDiscoveryResponse(
        type_url=said.kind, nonce=said.nonce, removed_resources=said.gone
    )
    for resource in said.resources:
        added = response.resources.add(name=resource.name.text, version=resource.version)
        added.resource.type_url = said.kind
        added.resource.value = resource.body
    return response
