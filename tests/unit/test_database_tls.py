"""Which connections to PostgreSQL must show a certificate."""

import ssl

import pytest

from crossfade.adapters.db.tls import protection


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://crossfade@/crossfade?host=/run/crossfade/pg",
        "postgresql+asyncpg://crossfade@/crossfade?host=/run/pg,/run/other",
        "postgresql:///crossfade",
        "postgresql://localhost/crossfade",
        "postgresql://me:a%40b@127.0.0.1:5433/crossfade",
        "postgresql://me@[::1]:5432/crossfade",
        "postgresql://me@db.example.com/crossfade?sslmode=disable",
    ],
)
def test_on_this_machine_or_by_the_users_word_it_goes_in_the_clear(url: str) -> None:
    assert protection(url) is False


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@db.example.com/crossfade",
        "postgresql://me@db.example.com:5432/crossfade?sslmode=require",
        "postgresql://me@db.example.com/crossfade?sslmode=prefer",
        "postgresql://me@localhost/crossfade?sslmode=verify-full",
        "postgresql://me@localhost,db.example.com/crossfade",
        "postgresql://me@localhost:1,db.example.com:2/crossfade",
        "postgresql://me@/crossfade?host=db.example.com",
        "postgresql://me@[2001:db8::1]/crossfade",
        "postgresql://me@2001:db8::1/crossfade",
    ],
)
def test_everywhere_else_the_certificate_is_checked(url: str) -> None:
    context = protection(url)
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
