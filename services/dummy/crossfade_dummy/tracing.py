"""The headers by which tracing systems tie requests together: passed on, never made up."""

Headers = list[tuple[bytes, bytes]]

W3C = (b"traceparent", b"tracestate", b"baggage")
B3 = (
    b"b3",
    b"x-b3-traceid",
    b"x-b3-spanid",
    b"x-b3-parentspanid",
    b"x-b3-sampled",
    b"x-b3-flags",
)
PROXIES = (b"x-request-id", b"x-client-trace-id")
PRODUCTS = (
    b"x-ot-span-context",
    b"x-cloud-trace-context",
    b"grpc-trace-bin",
    b"sw8",
    b"x-datadog-trace-id",
    b"x-datadog-parent-id",
    b"x-datadog-sampling-priority",
)
PASSED_ON = frozenset({*W3C, *B3, *PROXIES, *PRODUCTS})


def passed_on(headers: Headers) -> Headers:
    """The tracing headers among a request's headers (whose names are in lower case)."""
    return [header for header in headers if header[0] in PASSED_ON]
