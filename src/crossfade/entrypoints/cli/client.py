"""The API as the command line speaks it; every trouble becomes one sentence."""

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

import httpx

from crossfade.domain.names import DEFAULT_NAMESPACE

Json = Mapping[str, object]


class CommandError(Exception):
    """The command cannot be done; the message is the one sentence that is shown."""


class Client:
    """A thin client of one Crossfade."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @property
    def address(self) -> str:
        """Where this Crossfade is reached."""
        return str(self._http.base_url).rstrip("/")

    def get(self, path: str, **query: str | int | None) -> Json:
        """The document at a path."""
        wanted = {name: value for name, value in query.items() if value is not None}
        return self.send("GET", path, query=wanted)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The document answered, empty where there is none; CommandError says what failed."""
        try:
            response = self._http.request(method, path, json=body, params=query, headers=headers)
        except httpx.ConnectError:
            raise CommandError(
                f"No Crossfade answers at {self._http.base_url}: start it with `crossfade up`, "
                "or name another by --url or CROSSFADE_URL."
            ) from None
        except httpx.HTTPError as error:
            raise CommandError(f"The request was cut: {error}.") from None
        document = _document(response)
        if response.is_error:
            raise CommandError(_sentence(response.status_code, document))
        return document

    def rule(self, name: str) -> Json:
        """The rule of "service", "namespace/service" or an id."""
        if _is_id(name):
            return self.get(f"/api/rules/{name}")
        namespace, service = service_named(name)
        if (found := self.find(namespace, service)) is None:
            raise CommandError(
                f"There is no rule for {namespace}/{service}: "
                "`crossfade rules list` shows those there are."
            )
        return self.get(f"/api/rules/{found['id']}")

    def find(self, namespace: str, service: str) -> Json | None:
        """The rule of a service, as the list shows it; None where it has none."""
        page = self.get("/api/rules", namespace=namespace, service=service, limit=1)
        return next(iter(objects(page["items"])), None)


def service_named(name: str) -> tuple[str, str]:
    """Namespace and service of "service" or "namespace/service"."""
    namespace, _, service = name.rpartition("/")
    return namespace or DEFAULT_NAMESPACE, service


def objects(value: object) -> Sequence[Json]:
    """A JSON array of objects."""
    return cast(Sequence[Json], value)  # the API's own schema promises it


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _document(response: httpx.Response) -> Json:
    if not response.content:
        return {}
    try:
        return cast(Json, response.json())
    except ValueError:
        raise CommandError(
            f"Expected JSON, found {response.headers.get('content-type', 'nothing known')}: "
            "is this the address of a Crossfade?"
        ) from None


def _sentence(status: int, problem: Json) -> str:
    detail = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
    faults = objects(problem.get("errors") or [])
    untold = [fault for fault in faults if str(fault["detail"]) not in detail]
    named = "; ".join(f"{fault['pointer'] or '/'}: {fault['detail']}" for fault in untold)
    return f"{detail.rstrip('.')}: {named}" if named else detail
