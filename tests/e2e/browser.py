"""The real Chromium of the browser tests, and what must never be seen in it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from pydantic_settings import BaseSettings
from tests.e2e.product import CHECKOUT

FLAGS = (
    "--no-sandbox",  # root may not have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DASHBOARD = CHECKOUT / "src" / "crossfade" / "_dashboard" / "index.html"
AXE = CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = {"serious", "critical"}
FAILED_REQUEST = "Failed to load resource: "


class ChromiumSettings(BaseSettings):
    """Which browser it is: the environment variable CHROMIUM."""

    chromium: Path = Path("/usr/bin/chromium")


class Witness:
    """What the browser complained about, but for what the test expects of it."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._expected: tuple[str, ...] = ()

    def expect(self, *statuses: int) -> None:
        """Answers with these codes belong to the test; the browser has a line for each."""
        self._expected += tuple(f"the server responded with a status of {s} " for s in statuses)

    def expect_silence(self) -> None:
        """So does a server that does not answer at all."""
        self._expected += ("net::ERR_",)

    def watch(self, context: BrowserContext) -> None:
        """Hear every page of this browser context from now on."""
        context.on("console", self._hear)
        context.on("weberror", lambda thrown: self.complaints.append(f"thrown: {thrown.error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self._is_expected(message.text):
            self.complaints.append(f"{message.text} at {message.location}")

    def _is_expected(self, text: str) -> bool:
        said = text.removeprefix(FAILED_REQUEST)
        return said != text and said.startswith(self._expected)


def grave_faults(page: Page) -> list[str]:
    """What stands in the way of people with disabilities on this page, as axe-core finds it."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", WCAG
    )
    return [_described(fault) for fault in found["violations"] if fault["impact"] in GRAVE]


def sideways(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    script = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))


def _described(fault: dict[str, Any]) -> str:
    places = [f"{node['html'][:200]}: {node['failureSummary']}" for node in fault["nodes"]]
    return f"{fault['id']} ({fault['impact']}): {fault['help']}\n" + "\n".join(places)
