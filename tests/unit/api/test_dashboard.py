"""The dashboard's files: from memory, by content, and as soon as they are there."""

import gzip
import re
import shutil
from pathlib import Path

import httpx
import pytest
from tests.fakes.world import World
from tests.unit.api.conftest import Site, client_of, made, problem

from packing import pack

PAGE = "<!doctype html><title>{}</title><script>theme()</script>" + "<p>Rules</p>" * 50
CHUNK = "/_next/static/chunks/a1b2.js"
SCRIPT = "export const rules = [];" * 50


def export(folder: Path, title: str = "Crossfade") -> Path:
    """What a build of the dashboard leaves behind."""
    files = {
        "index.html": PAGE.format(title),
        "rule/index.html": PAGE.format("Rule"),
        "404.html": PAGE.format("Not here"),
        "theme.js": "x",
        CHUNK.removeprefix("/"): SCRIPT,
        "_next/static/media/inter.woff2": "font",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def put_in_place(tmp_path: Path, title: str = "Crossfade") -> Path:
    """A packed build where the application looks for it."""
    place = tmp_path / "dashboard"
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    pack(export(tmp_path / "out", title), place, "digest")
    return place


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    """A caller of an application with a dashboard."""
    return client_of(made(World(), dashboard=put_in_place(tmp_path))[0].app)


async def test_a_page_is_asked_about_again_and_not_sent_again(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert "<title>Crossfade</title>" in page.text
    again = await client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_hashed_files_are_kept_for_ever_and_only_they(client: httpx.AsyncClient) -> None:
    chunk = await client.get(CHUNK)
    assert chunk.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert chunk.headers["content-type"] == "text/javascript; charset=utf-8"
    theme = await client.get("/theme.js")
    assert theme.headers["cache-control"] == "no-cache"
    font = await client.get("/_next/static/media/inter.woff2")
    assert font.headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("", False),
    ],
)
async def test_the_twin_goes_to_those_who_take_it(
    client: httpx.AsyncClient, accepted: str, *, zipped: bool
) -> None:
    headers = {"Accept-Encoding": accepted}
    async with client.stream("GET", CHUNK, headers=headers) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.headers.get("content-encoding") == "gzip") is zipped
    assert (gzip.decompress(raw) if zipped else raw).decode() == SCRIPT
    assert answer.headers["etag"].endswith('-gzip"') is zipped


async def test_a_small_file_has_no_twin(client: httpx.AsyncClient) -> None:
    answer = await client.get("/theme.js", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.text == "x"


async def test_folders_have_their_page_behind_a_slash(client: httpx.AsyncClient) -> None:
    assert "<title>Rule</title>" in (await client.get("/rule/?id=1")).text
    moved = await client.get("/rule?id=1")
    assert moved.status_code == 308
    assert moved.headers["location"] == "/rule/?id=1"


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/nowhere/", "/manifest.json", "/index.html.gz", "/../pyproject.toml"],
)
async def test_what_is_not_there_is_404_with_a_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "<title>Not here</title>" in answer.text


async def test_the_api_never_falls_through_to_files(client: httpx.AsyncClient) -> None:
    problem(await client.get("/api/nowhere"), 404, "not-found")
    problem(await client.post("/"), 404, "not-found")


async def test_a_head_tells_the_length_and_sends_nothing(client: httpx.AsyncClient) -> None:
    head = await client.head("/")
    assert head.status_code == 200
    assert head.content == b""
    assert int(head.headers["content-length"]) > 0


async def test_only_our_own_inline_scripts_may_run(client: httpx.AsyncClient) -> None:
    for path in ("/", "/rule/", "/nowhere"):
        policy = (await client.get(path)).headers["content-security-policy"]
        (scripts,) = re.findall(r"script-src ([^;]+)", policy)
        assert re.fullmatch(r"'self' 'sha256-[\w+/=]+'", scripts)
        assert "frame-ancestors 'none'" in policy


async def test_a_build_that_appears_is_served_without_a_restart(tmp_path: Path) -> None:
    steps = iter(["installing <packages>", "building"])
    api, _ = made(World(), dashboard=tmp_path / "dashboard", dashboard_progress=lambda: next(steps))
    async with client_of(api.app) as client:
        waiting = await client.get("/rule/?id=1")
        assert waiting.status_code == 200
        assert "installing &lt;packages&gt;" in waiting.text
        assert 'http-equiv="refresh"' in waiting.text
        assert waiting.headers["cache-control"] == "no-store"
        problem(await client.get(CHUNK), 404, "not-found")
        put_in_place(tmp_path)
        assert "<title>Rule</title>" in (await client.get("/rule/")).text


async def test_a_newer_build_takes_over_and_open_pages_keep_their_chunks(tmp_path: Path) -> None:
    api, _ = made(World(), dashboard=put_in_place(tmp_path))
    async with client_of(api.app) as client:
        assert "<title>Crossfade</title>" in (await client.get("/")).text
        place = put_in_place(tmp_path, "Newer")
        (place / CHUNK.removeprefix("/")).unlink()
        manifest = place / "manifest.json"
        manifest.write_text(
            re.sub(r'"_next/static/chunks/a1b2.js": \{[^}]+\},\n', "", manifest.read_text())
        )
        assert "<title>Newer</title>" in (await client.get("/")).text
        assert (await client.get(CHUNK)).text == SCRIPT


async def test_a_build_that_is_just_being_put_in_place_is_not_half_served(tmp_path: Path) -> None:
    place = put_in_place(tmp_path)
    (place / "index.html").unlink()
    api, _ = made(World(), dashboard=place)
    async with client_of(api.app) as client:
        assert "not built into this package" in (await client.get("/")).text


async def test_a_problem_has_a_page_for_people(site: Site) -> None:
    page = await site.client.get("/docs/problems/stale-edition")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h2>What to do</h2>" in page.text
    assert "<code>If-Match</code>" in page.text
    for code in ("nothing-like-it", "..%2f..%2fREADME", "README.md"):
        problem(await site.client.get(f"/docs/problems/{code}"), 404, "not-found")
