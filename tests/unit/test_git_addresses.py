"""Which remotes git may be given, and what of their URLs is never shown."""

import pytest

from crossfade.adapters.git.address import masked, parse_remote

GOOD = [
    "https://git.example.org/team/gitops.git",
    "https://git.example.org:8443/team/gitops",
    "https://user@git.example.org/gitops.git",
    "https://user:p%40ss@git.example.org/gitops.git",
    "http://127.0.0.1:4000/gitops.git",
    "http://localhost/gitops.git",
    "http://[::1]:4000/gitops.git",
    "ssh://git@git.example.org/gitops.git",
    "ssh://git@git.example.org:2222/gitops.git",
    "git@git.example.org:team/gitops.git",
    "git.example.org:gitops.git",
]
HOSTILE = [
    "",
    " ",
    "-u",
    "--upload-pack=touch /tmp/owned",
    "ext::sh -c touch% /tmp/owned",
    "ext::sh",
    "fd::17/foo",
    "a::b",
    "::x",
    "git://git.example.org/gitops.git",
    "ftp://git.example.org/gitops.git",
    "rsync://git.example.org/x",
    "git+ssh://git.example.org/gitops.git",
    "javascript://x/%0aalert(1)",
    "http://git.example.org/gitops.git",
    "http://127.0.0.1.example.org/gitops.git",
    "http://localhost@git.example.org/gitops.git",
    "https:///gitops.git",
    "https://git.example.org",
    "https://git.example.org/",
    "https://git.example.org/x?service=y",
    "https://git.example.org/x#y",
    "https://-oProxyCommand=x/y",
    "https://git.example.org%0ahost=evil/x",
    "https://git.example.org/x\nhost=evil",
    "https://git.example.org:port/x",
    "https://[::1/x",
    "ssh://-oProxyCommand=touch%20x/y",
    "ssh://%2doProxyCommand=x/y",
    "ssh://-x@git.example.org/y",
    "ssh://git:secret@git.example.org/y",
    "ssh://git@git.example.org/-x",
    "ssh://git@git.example.org",
    "-oProxyCommand=x:y",
    "-x@git.example.org:y",
    "git@-oProxyCommand=x:y",
    "git@git.example.org:-x",
    "/srv/git/gitops.git",
    "file:///srv/git/gitops.git",
    "../gitops.git",
    "gitops",
]


@pytest.mark.parametrize("url", GOOD)
def test_https_and_ssh_are_taken(url: str) -> None:
    assert parse_remote(url).url == url.replace("user:p%40ss@", "")


@pytest.mark.parametrize("url", HOSTILE)
def test_anything_else_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(The|A) .*remote.*\.$"):
        parse_remote(url)


@pytest.mark.parametrize("url", ["/srv/git/gitops.git", "file:///srv/git/gitops.git"])
def test_a_path_needs_the_setting_that_allows_it(url: str) -> None:
    address = parse_remote(url, allow_file=True)
    assert (address.url, address.protocols) == (url, "https:ssh:file")


@pytest.mark.parametrize("url", ["file://host/x", "relative/x", "-x", "ext::sh", "~/x"])
def test_the_setting_allows_absolute_paths_only(url: str) -> None:
    with pytest.raises(ValueError, match="remote"):
        parse_remote(url, allow_file=True)


def test_a_password_is_taken_out_of_the_url() -> None:
    address = parse_remote("https://bot:p%40ss@git.example.org:8443/x.git")

    assert address.url == "https://git.example.org:8443/x.git"
    assert address.authorization == "Authorization: Basic Ym90OnBAc3M="


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://bot:hunter2@git.example.org/x", "https://git.example.org/x"),
        ("https://token@git.example.org/x", "https://git.example.org/x"),
        ("ssh://git@git.example.org/x", "ssh://git@git.example.org/x"),
        ("git@git.example.org:x", "git@git.example.org:x"),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url: str, shown: str) -> None:
    assert parse_remote(url).shown == shown


def test_http_is_spoken_only_where_the_remote_is_this_machine() -> None:
    assert parse_remote("https://git.example.org/x").protocols == "https:ssh"
    assert parse_remote("http://localhost:1/x").protocols == "https:ssh:http"


def test_no_error_repeats_a_secret() -> None:
    with pytest.raises(ValueError, match="not a well-formed URL") as raised:
        parse_remote("https://bot:hunter2@git.example.org:hunter2/x")
    assert "hunter2" not in str(raised.value)


def test_credentials_are_masked_wherever_a_url_stands() -> None:
    said = "fatal: unable to access 'https://bot:hunter2@git.example.org/x/': no"
    assert masked(said) == "fatal: unable to access 'https://***@git.example.org/x/': no"
