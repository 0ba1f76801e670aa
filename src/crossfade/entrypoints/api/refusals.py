"""What can be wrong with a request before it reaches the application."""

from crossfade.domain.errors import CrossfadeError


class InvalidParameterError(CrossfadeError):
    """A header, or a part of the address, is not what it should be."""

    code = "invalid-request"

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(f"{parameter}: {detail}")
        self.parameter = parameter
        self.detail = detail


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
