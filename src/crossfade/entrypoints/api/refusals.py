"""What can be wrong with a request before it reaches the application."""

from collections.abc import Mapping

from crossfade.domain.errors import CrossfadeError


class InvalidParameterError(CrossfadeError):
    """Headers, or parts of the address, are not what they should be."""

    code = "invalid-request"

    def __init__(self, details: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {detail}" for name, detail in details.items()))
        self.details = details


class IfMatchMissingError(CrossfadeError):
    """A write was sent without the edition that it was made for."""

    code = "if-match-missing"


class CrossSiteError(CrossfadeError):
    """A page of another site sent a request that would change something."""

    code = "cross-site-request"


class HostNotAllowedError(CrossfadeError):
    """The request names a host that is not ours: DNS rebinding, or a setting is missing."""

    code = "host-not-allowed"


class MethodNotAllowedError(CrossfadeError):
    """The address does not take this method."""

    code = "method-not-allowed"


class BodyTooLargeError(CrossfadeError):
    """The body is larger than any request needs."""

    code = "body-too-large"


class JsonExpectedError(CrossfadeError):
    """The body says that it is something else than JSON."""

    code = "json-expected"


class TimeLimitError(CrossfadeError):
    """The request took longer than any may."""

    code = "time-limit"
