"""A mesh in memory that keeps the contract of the real one; tests make its weather."""

import asyncio

from crossfade.application.ports import Observed
from crossfade.domain.errors import OutrunError, RefusedError, UnavailableError, UntoldError
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind

PROOF = "1 of 1 proxies acknowledged"
NOT_CONNECTED = "Envoy is not connected."


class FakeMesh:
    """Routes by whatever was applied last, as soon as it is connected."""

    def __init__(self, kind: TargetKind = TargetKind.ENVOY, *, held: bool = True) -> None:
        self.held = held
        self._kind = kind
        self.connected = True
        self.told = True  # whether anybody can be asked what the proxies hold
        self.answering = asyncio.Event()  # cleared: whoever asks for a proof waits
        self.answering.set()
        self.applied: list[tuple[ServiceKey, int]] = []
        self._routed: dict[ServiceKey, Observed] = {}
        self._wanted: dict[ServiceKey, Revision] = {}
        self._gone: dict[ServiceKey, int] = {}
        self._reasons: dict[tuple[ServiceKey, int], str] = {}

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What the proxies hold for a service now."""
        self._need_connection()
        return self._routed.get(key)

    async def apply(self, revision: Revision) -> None:
        """Write the revision; what is already there stays untouched."""
        key, generation = revision.key, revision.generation
        self._stop_outrun(key, generation)
        if self._generation(key) == generation:
            return
        self._wanted[key] = revision
        self.applied.append((key, generation))

    async def effective(self, revision: Revision) -> str:
        """Proof in words that the proxies route by the revision."""
        key = revision.key
        self._stop_outrun(key, revision.generation)
        await self.answering.wait()
        self._need_connection()
        if reason := self._reasons.get((key, revision.generation)):
            self._wanted.pop(key, None)
            raise RefusedError(reason)
        if key in self._wanted:
            self._route(self._wanted.pop(key))
        if not self.told:
            raise UntoldError("no istiod answers")
        if self._generation(key) < revision.generation:
            raise UnavailableError(f"Revision {revision.generation} of {key} is not applied yet.")
        return f"{PROOF} generation {revision.generation}"

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take the service's route away; it cannot be left behind."""
        if not remove:
            raise RefusedError(f"The local Envoy cannot go on routing {key} without its rule.")
        self._stop_outrun(key, generation)
        self._need_connection()
        self._wanted.pop(key, None)
        self._routed.pop(key, None)
        self._gone[key] = generation
        return f"{PROOF} that {key} is gone"

    def disconnect(self) -> None:
        """The proxies cannot be reached any more."""
        self.connected = False

    def connect(self) -> None:
        """The proxies can be reached again."""
        self.connected = True

    def refuse(self, key: ServiceKey, generation: int, reason: str) -> None:
        """The proxies will not take this generation."""
        self._reasons[key, generation] = reason

    def tamper(
        self, key: ServiceKey, picture: Picture | None, text: str = "", author: str | None = None
    ) -> None:
        """Somebody else changes (or with None takes away) what the proxies hold."""
        if picture is None:
            self._routed.pop(key, None)
        else:
            self._routed[key] = Observed(picture, text, author)

    def _route(self, revision: Revision) -> None:
        document = revision.document(self._kind)
        picture = Picture(revision.generation, document.digest)
        self._routed[revision.key] = Observed(picture, document.content)

    def _generation(self, key: ServiceKey) -> int:
        routed = self._routed.get(key)
        shown = (routed.picture.generation or 0) if routed else 0
        wanted = self._wanted.get(key)
        return max(shown, wanted.generation if wanted else 0)

    def _stop_outrun(self, key: ServiceKey, generation: int) -> None:
        highest = max(self._generation(key), self._gone.get(key, 0))
        if highest > generation:
            raise OutrunError(highest)

    def _need_connection(self) -> None:
        if not self.connected:
            raise UnavailableError(NOT_CONNECTED)
