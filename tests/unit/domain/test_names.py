"""Names that Kubernetes, Istio and Git can all carry."""

import pytest

from crossfade.domain.errors import InvalidRuleError
from crossfade.domain.names import ServiceKey, host_faults, label_faults, name_faults

GOOD = ["a", "0", "checkout", "a-b", "x" * 63]
BAD = ["", "-a", "a-", "A", "a.b", "a_b", "a/b", "..", "x" * 64, "a\n", "é"]


@pytest.mark.parametrize("name", GOOD)
def test_dns_labels_are_names(name: str) -> None:
    assert list(name_faults("/name", name)) == []
    assert str(ServiceKey("local", name, name)) == f"{name}/{name}"


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_dns_label_is_no_name(name: str) -> None:
    [fault] = name_faults("/name", name)
    assert fault.pointer == "/name"
    assert repr(name) in fault.detail


def test_a_key_names_everything_that_is_wrong_with_it() -> None:
    with pytest.raises(InvalidRuleError) as caught:
        ServiceKey("", "A", "../etc")
    assert [fault.pointer for fault in caught.value.faults] == [
        "/cluster",
        "/namespace",
        "/serviceName",
    ]


@pytest.mark.parametrize("host", ["a", "shop.example.com", "*.example.com", "1.2.3.4"])
def test_dns_names_are_hosts(host: str) -> None:
    assert list(host_faults("/hosts/0", host)) == []


@pytest.mark.parametrize(
    "host", ["", "*", "a..b", "*.*.a", "A.b", "a.b.", "a:80", ("a." * 127) + "b"]
)
def test_what_is_no_dns_name_is_no_host(host: str) -> None:
    assert [fault.pointer for fault in host_faults("/hosts/0", host)] == ["/hosts/0"]


@pytest.mark.parametrize(
    ("key", "value", "faults"),
    [
        ("version", "v1", 0),
        ("example.com/track", "", 0),
        ("a", "A.b_c-d", 0),
        ("", "v1", 1),
        ("a/b/c", "v1", 1),
        ("a", "-x", 1),
        ("a", "x" * 64, 1),
        ("-", "b c", 2),
    ],
)
def test_labels_are_what_kubernetes_takes(key: str, value: str, faults: int) -> None:
    assert len(list(label_faults("/labels", key, value))) == faults
