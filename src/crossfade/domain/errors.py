"""What can go wrong, named for the problem. No class here knows HTTP.

CrossfadeError
├─ InvalidRuleError         a value breaks a law of rules; carries every fault with its pointer
├─ NotFoundError            rule, revision or operation is not there
├─ ConflictError            the act does not fit what is there now
├─ StaleEditionError        somebody else edited first
├─ BlockedError             a gate refuses the deploy before anything was recorded
├─ RefusedError             a target said no for good: the operation fails with this reason
├─ OutrunError              a target already holds a higher generation
├─ UnavailableError         a target cannot be reached now: the operation waits
│  └─ UntoldError           nobody can be asked what the proxies hold
├─ HalfwayError             a stage is reached, the next one must be committed
├─ LeaseLostError           somebody else works on the target
└─ DatabaseUnavailableError the database cannot be reached
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken law: where (a JSON pointer) and what was expected and found."""

    pointer: str
    detail: str


def below(pointer: str, name: object) -> str:
    """The JSON pointer to what a name, or a place in a list, leads to from here."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


class CrossfadeError(Exception):
    """Any error a caller can act on; `code` names its page in docs/problems."""

    code = "internal"


class InvalidRuleError(CrossfadeError):
    """A rule, or a part of one, breaks the laws of rules."""

    code = "invalid-request"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in self.faults))

    def under(self, prefix: str) -> "InvalidRuleError":
        """The same faults, seen from the document that holds this part at `prefix`."""
        return InvalidRuleError(Fault(prefix + f.pointer, f.detail) for f in self.faults)


def refuse(faults: Iterable[Fault]) -> None:
    """InvalidRuleError with all of the faults, where there are any."""
    if found := tuple(faults):
        raise InvalidRuleError(found)


class NotFoundError(CrossfadeError):
    """The thing asked for is not there."""

    code = "not-found"


class RuleNotFoundError(NotFoundError):
    """No rule has this id."""

    code = "rule-not-found"


class RevisionNotFoundError(NotFoundError):
    """The rule has no revision of this generation."""

    code = "revision-not-found"


class OperationNotFoundError(NotFoundError):
    """No operation has this id."""

    code = "operation-not-found"


class ServiceNotFoundError(NotFoundError):
    """No local service has this name."""

    code = "service-not-found"


class ConflictError(CrossfadeError):
    """The act does not fit what is there now."""

    code = "conflict"


class RuleExistsError(ConflictError):
    """The service already has a rule."""

    code = "rule-exists"

    def __init__(self, detail: str, rule_id: str) -> None:
        super().__init__(detail)
        self.rule_id = rule_id


class NothingToRollBackToError(ConflictError):
    """No earlier picture of the rule differs from the current one."""

    code = "nothing-to-roll-back-to"


class NotDeployedError(ConflictError):
    """The rule was never deployed, or is released, so there is nothing to act on."""

    code = "not-deployed"


class EndpointsInUseError(ConflictError):
    """A live rule still sends traffic to these addresses."""

    code = "endpoints-in-use"


class KeyReusedError(ConflictError):
    """The idempotency key was used for another act."""

    code = "idempotency-key-reused"


class UnsupportedModeError(ConflictError):
    """This installation cannot do that act."""

    code = "unsupported-mode"


class StaleEditionError(CrossfadeError):
    """Somebody else edited the rule first."""

    code = "stale-edition"

    def __init__(self, found: int, expected: int) -> None:
        super().__init__(f"The rule is at edition {found}; the request was made for {expected}.")
        self.found = found
        self.expected = expected


class BlockedError(CrossfadeError):
    """A gate refuses the deploy; nothing was recorded."""

    code = "deploy-blocked"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(fault.detail for fault in self.faults))


class RefusedError(CrossfadeError):
    """A target said no for good."""

    code = "refused"


class OutrunError(CrossfadeError):
    """A target already holds a higher generation than the one to be written."""

    code = "outrun"

    def __init__(self, generation: int) -> None:
        super().__init__(f"The target already holds generation {generation}.")
        self.generation = generation


class UnavailableError(CrossfadeError):
    """A target cannot be reached, or does not answer, for now."""

    code = "unavailable"


class UntoldError(UnavailableError):
    """Nobody can be asked, for now, what the proxies hold: another proof must do."""


class HalfwayError(CrossfadeError):
    """What was committed is there, and it is only a stage on the way to the revision."""

    code = "halfway"


class LeaseLostError(CrossfadeError):
    """Somebody else holds the lease now, so the result must not be recorded."""

    code = "lease-lost"


class DatabaseUnavailableError(CrossfadeError):
    """The database cannot be reached for now."""

    code = "database-unavailable"
