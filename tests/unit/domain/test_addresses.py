"""Where versions may be said to listen."""

import pytest

from crossfade.domain.addresses import LocalService, address_faults, placement_faults
from crossfade.domain.errors import InvalidRuleError
from crossfade.domain.names import ServiceKey


@pytest.mark.parametrize("address", ["127.0.0.1:9001", "[::1]:9001", "10.1.2.3:65535"])
def test_an_address_is_an_ip_and_a_port(address: str) -> None:
    assert not list(address_faults("", address))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1",
        "localhost:9001",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:٣",
        "127.0.0.1:9001 ",
        "::1:9001",
        "[127.0.0.1]:9001",
        "0.0.0.0:9001",
        "[::]:9001",
        "224.0.0.1:9001",
        "127.0.0.1:" + "9" * 5000,
    ],
)
def test_nothing_listens_at_anything_else(address: str) -> None:
    (fault,) = address_faults("/versions/v1/0", address)
    assert fault.pointer == "/versions/v1/0"
    assert fault.detail.startswith("expected ")


def test_versions_and_addresses_are_bounded_and_named() -> None:
    many = tuple((f"v{n}", ()) for n in range(21))
    assert [fault.pointer for fault in placement_faults(many)] == ["/versions"]
    crowded = (("a/b", ("127.0.0.1:1",) * 65),)
    assert [fault.pointer for fault in placement_faults(crowded)] == ["/versions/a~1b"] * 2


def test_a_local_service_knows_where_its_versions_listen() -> None:
    shop = LocalService(ServiceKey("local", "shop", "checkout"), (("v1", ("127.0.0.1:9001",)),))
    assert (shop.addresses("v1"), shop.addresses("v2")) == (("127.0.0.1:9001",), ())


def test_a_local_service_cannot_be_built_with_a_bad_address() -> None:
    with pytest.raises(InvalidRuleError):
        LocalService(ServiceKey("local", "shop", "checkout"), (("v1", ("nowhere",)),))
