"""Where the database is, told without any secret."""

import pytest

from crossfade.adapters.db.connections import place_of


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://jane:s3cret@db.example.com:5433/crossfade", "db.example.com:5433/crossfade"),
        ("postgresql://jane@/crossfade?host=/run/postgresql", "/run/postgresql/crossfade"),
        ("postgresql://[::1]/crossfade?sslmode=require", "[::1]/crossfade"),
    ],
)
def test_neither_name_nor_password_are_told(url: str, place: str) -> None:
    assert place_of(url) == f"postgresql://{place}"
