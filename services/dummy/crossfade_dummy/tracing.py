"""The headers by which tracing systems tie requests together: passed on, never made up."""

Headers = list[tuple[bytes, bytes]]

PASSED_ON = frozenset(
    {
        b"x-request-id",
        b"traceparent",
        b"tracestate",
        b"baggage",
        b"b3",
        b"x-b3-traceid",
        b"x-b3-spanid",
        b"x-b3-parentspanid",
        b"x-b3-sampled",
        b"x-b3-flags",
    }
)


def passed_on(headers: Headers) -> Headers:
    """The tracing headers among a request's headers (whose names are in lower case)."""
    return [header for header in headers if header[0] in PASSED_ON]
