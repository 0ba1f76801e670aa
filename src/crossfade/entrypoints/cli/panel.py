"""What `crossfade up` shows: the link, how things are, and the traffic of the demo rule."""

import asyncio
from contextlib import suppress
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crossfade.application.demo import SAMPLE, VERSIONS, sample_key
from crossfade.application.health import Check
from crossfade.application.ports import Sample
from crossfade.bootstrap.opened import Crossfade
from crossfade.entrypoints.cli.output import console
from crossfade.settings import Settings

WINDOW_S = 30
REFRESH_S = 1.0


class Panel:
    """A live panel on a terminal; plain lines where the output is a file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.update(Text("Everything is stopped; what was kept is in the data folder."))
            self._live.stop()

    def say(self, what: str) -> None:
        """Tell what the start does now."""
        self._show(Text(f"crossfade: {what} …", style="dim"))

    async def follow(self, crossfade: Crossfade, stop: asyncio.Event) -> None:
        """Show how things are until it is time to stop."""
        self._show(self._links())
        while not stop.is_set():
            if self._live is not None:
                self._live.update(await self._picture(crossfade), refresh=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    await stop.wait()
        self.say("stopping")

    def _show(self, what: RenderableType) -> None:
        if self._live is not None:
            self._live.update(what, refresh=True)
        else:
            console.print(what, soft_wrap=True)

    async def _picture(self, crossfade: Crossfade) -> RenderableType:
        key = sample_key(crossfade.ports.installation.cluster)
        samples = await crossfade.ports.metrics.samples({key: VERSIONS}, WINDOW_S)
        return Group(
            self._links(),
            Text(),
            _health(crossfade.health.checks),
            Text(),
            _traffic(samples.get(key)),
            Text("\nCtrl-C stops everything.", style="dim"),
        )

    def _links(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        table.add_row("Dashboard", f"http://localhost:{self._settings.port}")
        if self._settings.demo:
            entrance = f"localhost:{self._settings.entrance_port}"
            table.add_row("Traffic", f"curl {entrance}/ -H 'Host: {SAMPLE}'")
        table.add_row("Data", str(self._settings.data_dir))
        return Group(Text("Crossfade is up.", style="bold"), table)


def _health(checks: tuple[Check, ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    for check in checks:
        mark = Text("●", style="green" if check.ok else "red")
        table.add_row(mark, check.name, check.detail)
    return table


def _traffic(sample: Sample | None) -> Text:
    if sample is None or not sample.rate:
        return Text(f"{SAMPLE}: no traffic within the last {WINDOW_S} s", style="dim")
    shares = ", ".join(
        f"{version.name} {version.share:.1f}%"
        for version in sample.versions
        if version.share is not None
    )
    return Text(f"{SAMPLE}: {sample.rate:.1f} requests/s: {shares}")
