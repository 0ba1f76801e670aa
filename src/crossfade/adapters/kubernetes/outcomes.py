"""What a failed call to the API server means, in words that name verb, resource and place."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import msgspec
import orjson
from lightkube.core.exceptions import ConfigError, NotReadyError

from crossfade.domain.errors import CrossfadeError, RefusedError, UnavailableError

_TEXT_SHOWN = 200
_LACKING = re.compile(r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)"')
_OWNER = re.compile(r'conflict with "(?P<manager>[^"]+)"')


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried; its text goes after "to"."""

    verb: str
    resource: str
    namespace: str
    name: str | None = None

    def __str__(self) -> str:
        if self.name is None:
            return f"{self.verb} {self.resource} in namespace {self.namespace}"
        return f"{self.verb} {self.resource} {self.namespace}/{self.name}"


class WriteConflictError(RefusedError):
    """Somebody wrote the object since it was read, or owns fields that the write would change."""

    def __init__(self, sentence: str, owners: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.owners = owners  # field managers; none where the object is merely newer


class AbsentError(RefusedError):
    """The object is not there."""


class ExpiredError(UnavailableError):
    """The API server no longer knows the state from which changes were asked for."""


class BusyError(UnavailableError):
    """The API server, or what stands before it, cannot do it now."""

    def __init__(self, sentence: str, wait_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s  # for how long it asks to be left alone


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of the API server, or of whatever stands before it, that is not a success."""

    code: int
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    wait_s: float = 0.0
    status: bool = False  # whether the API server itself can be heard in it


@contextmanager
def naming(verb: str, resource: str, namespace: str, name: str | None = None) -> Iterator[None]:
    """Every failure of the call within as RefusedError or UnavailableError, in a sentence.

    WriteConflictError, AbsentError, ExpiredError and BusyError among them are for those who can
    do something about it.
    """
    attempt = Attempt(verb, resource, namespace, name)
    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise meaning(refusal(error.response), attempt) from error
    except (httpx2.HTTPError, OSError, ConfigError, NotReadyError, msgspec.MsgspecError) as error:
        raise unheard(error, attempt) from error


def refusal(response: httpx2.Response) -> Refusal:
    """What an answer that is not a success says; its body was read."""
    wait_s = retry_after(response.headers)
    status = _status(response.content)
    if status is None:
        text = " ".join(response.text.split())[:_TEXT_SHOWN]
        message = text or response.reason_phrase or "an empty answer"
        return Refusal(response.status_code, message, wait_s=wait_s)
    return refusal_of(status, code=response.status_code, wait_s=wait_s)


def refusal_of(status: Mapping[str, Any], *, code: int = 500, wait_s: float = 0.0) -> Refusal:
    """What a Status object says, which also comes in the middle of a watch."""
    return Refusal(
        code=int(status.get("code") or code),
        message=str(status.get("message") or status.get("reason") or "no reason given"),
        details=status.get("details") or {},
        wait_s=wait_s,
        status=True,
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """For how many seconds the answer asks to wait; 0 where it does not say."""
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def meaning(found: Refusal, attempt: Attempt) -> CrossfadeError:
    """The named outcome of an answer that is not a success."""
    match found.code:
        case 401 | 403 if found.status:
            return _forbidden(found, attempt)
        case 404:
            return _missing(found, attempt)
        case 409:
            return _conflict(found, attempt)
        case _:
            return _otherwise(found, attempt)


def unheard(error: Exception, attempt: Attempt) -> UnavailableError:
    """The named outcome of a call without an answer that can be read."""
    match error:
        case httpx2.ConnectError() | httpx2.ConnectTimeout():
            return UnavailableError(f"The API server cannot be reached to {attempt}{_why(error)}.")
        case httpx2.TimeoutException() | TimeoutError():
            return UnavailableError(f"The API server did not answer in time to {attempt}.")
        case httpx2.TransportError():
            return UnavailableError(
                f"The connection to the API server was cut during the attempt to {attempt}."
            )
        case msgspec.MsgspecError() | httpx2.DecodingError() | NotReadyError():
            return UnavailableError(
                f"What came back from the API server cannot be read, in the attempt to {attempt}."
            )
        case _:
            return UnavailableError(f"There was no way to {attempt}{_why(error)}.")


def _forbidden(found: Refusal, attempt: Attempt) -> CrossfadeError:
    """A right that is lacking can be given, so it is waited for; a policy's word is final."""
    if found.code == httpx2.codes.UNAUTHORIZED:
        return UnavailableError(
            f"The API server does not accept Crossfade's credentials to {attempt}."
        )
    if (lacking := _LACKING.search(found.message)) is None:
        return _final(found, attempt)
    return UnavailableError(
        f"Crossfade is not allowed to {lacking['verb']} {lacking['resource']} in namespace "
        f"{attempt.namespace}: its Role lacks this right."
    )


def _missing(found: Refusal, attempt: Attempt) -> CrossfadeError:
    """An object can be absent; a namespace or a kind that is not there may yet come."""
    if found.details.get("kind") == "namespaces":
        return UnavailableError(f"There is no namespace {attempt.namespace} to {attempt.verb} in.")
    if attempt.name is not None and found.details.get("name") == attempt.name:
        return AbsentError(f"There is no object to {attempt}.")
    return UnavailableError(
        f"The API server does not know {attempt.resource}, so it cannot {attempt}: "
        "is what defines them installed?"
    )


def _conflict(found: Refusal, attempt: Attempt) -> CrossfadeError:
    causes = found.details.get("causes") or ()
    messages = (str(cause.get("message", "")) for cause in causes)
    owners = {match["manager"] for text in messages for match in _OWNER.finditer(text)}
    if owners:
        names = ", ".join(sorted(owners))
        sentence = f"Fields of {attempt.namespace}/{attempt.name} belong to {names}"
        return WriteConflictError(f"{sentence}: Crossfade cannot {attempt}.", tuple(sorted(owners)))
    return WriteConflictError(f"Somebody else was quicker to {attempt}: {found.message}")


def _otherwise(found: Refusal, attempt: Attempt) -> CrossfadeError:
    if found.code == httpx2.codes.GONE:
        return ExpiredError(f"The API server has forgotten too much to {attempt} from there.")
    if found.code == httpx2.codes.TOO_MANY_REQUESTS:
        wait = f"; it asks to wait {found.wait_s:g} s" if found.wait_s else ""
        return BusyError(f"The API server is too busy to {attempt}{wait}.", found.wait_s)
    if not found.status:
        answered = f"Something before the API server answered {found.code} to the attempt"
        return BusyError(f"{answered} to {attempt}: {found.message}", found.wait_s)
    if httpx2.codes.is_client_error(found.code):
        return _final(found, attempt)
    return BusyError(f"The API server failed to {attempt}: {found.message}", found.wait_s)


def _final(found: Refusal, attempt: Attempt) -> RefusedError:
    return RefusedError(f"The API server refuses to {attempt}: {found.message}")


def _status(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.get("kind") == "Status" else None


def _why(error: Exception) -> str:
    return f": {error}" if str(error) else ""
