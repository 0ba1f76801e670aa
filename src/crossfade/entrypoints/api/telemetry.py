"""What Prometheus may know of this process."""

from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from crossfade.domain.operation import Operation
from crossfade.entrypoints.api.asgi import App, Message, Receive, Scope, Send

LATENCY_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Telemetry:
    """Our own counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "crossfade_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._latency = Histogram(
            "crossfade_http_request_duration_seconds",
            "Time from the request to the beginning of its answer",
            ("method", "route"),
            buckets=LATENCY_S,
            registry=self.registry,
        )
        self._operations = Counter(
            "crossfade_operations_answered",
            "Operations, by their state when the request for them was answered",
            ("kind", "state"),
            registry=self.registry,
        )
        self._passes = Counter(
            "crossfade_loop_passes", "Passes of a loop", ("loop",), registry=self.registry
        )
        self._failures = Counter(
            "crossfade_loop_failures", "Failed passes of a loop", ("loop",), registry=self.registry
        )
        self._entries = Gauge(
            "crossfade_audit_entries", "Length of the audit chain", registry=self.registry
        )
        self._well = Gauge(
            "crossfade_health",
            "1 where a thing we stand on is well",
            ("name",),
            registry=self.registry,
        )
        self._streams = Gauge(
            "crossfade_event_streams", "Open event streams", registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(method, route).observe(seconds)

    def acted(self, operation: Operation) -> None:
        """Count an operation as it stands at its answer."""
        self._operations.labels(operation.kind, operation.state).inc()

    def passed(self, loop: str, error: BaseException | None) -> None:
        """Count a pass of a loop."""
        self._passes.labels(loop).inc()
        if error is not None:
            self._failures.labels(loop).inc()

    def look(self, *, entries: int | None, streams: int, well: dict[str, bool]) -> None:
        """Take down what is looked up only when it is asked for."""
        if entries is not None:
            self._entries.set(entries)
        self._streams.set(streams)
        for name, ok in well.items():
            self._well.labels(name).set(ok)

    def page(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class Timing:
    """Counts each request with the time to its answer; what no route took counts as a page."""

    def __init__(self, app: App, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count."""
        began = perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = perf_counter() - began
                route = getattr(scope.get("route"), "path", "page")
                self._telemetry.answered(scope["method"], route, message["status"], seconds)
            await send(message)

        await self._app(scope, receive, send_and_count)
