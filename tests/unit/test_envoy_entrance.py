"""Where programs on this machine find the mesh's entrance."""

import pytest

from crossfade.adapters.envoy.bootstrap import Entrance


@pytest.mark.parametrize(
    ("entrance", "url"),
    [
        (Entrance(), "http://127.0.0.1:8080"),
        (Entrance("127.0.0.2", 8081), "http://127.0.0.2:8081"),
        (Entrance("::1", 8082), "http://[::1]:8082"),
    ],
)
def test_requests_go_to_where_the_entrance_was_set(entrance: Entrance, url: str) -> None:
    assert entrance.url == url
