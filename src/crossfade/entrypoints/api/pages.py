"""The few pages of our own: what a problem means, and that the dashboard is on its way."""

from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from starlette.responses import HTMLResponse

from crossfade.domain.errors import NotFoundError

PACKAGED = Path(__file__).parents[2] / "_problems"
IN_CHECKOUT = Path(__file__).parents[4] / "docs" / "problems"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
STYLE = """
:root { color-scheme: light dark; }
body { max-width: 42rem; margin: 4rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { padding: 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: 7px; }
"""


def problem_page(code: str) -> HTMLResponse:
    """What an error means and what to do about it."""
    known = {path.stem: path for path in _folder().glob("*.md")}
    if code not in known:
        raise NotFoundError(f"No problem is called {code}.")
    text = known[code].read_text()
    return _page(code, MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _folder() -> Path:
    return PACKAGED if PACKAGED.is_dir() else IN_CHECKOUT


def waiting_page(progress: str | None) -> HTMLResponse:
    """That the dashboard is not there yet; it looks again by itself."""
    if progress is None:
        told = "The dashboard was not built into this package. The API and the traffic are up."
        return _page("Crossfade", f"<h1>Crossfade is up</h1><p>{told}</p>", again_in_s=10)
    told = "The dashboard is being built; this page turns into it when it is done."
    body = f"<h1>Crossfade is up</h1><p>{told}</p><p><code>{escape(progress)}</code></p>"
    return _page("Crossfade", body, again_in_s=2)


def _page(title: str, body: str, again_in_s: int | None = None) -> HTMLResponse:
    again = f'<meta http-equiv="refresh" content="{again_in_s}">' if again_in_s else ""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{again}<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(html, 200, headers)
