"""What the person at the terminal wishes."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crossfade.domain.delivery import Delivery
from crossfade.settings import Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """Where things are kept and found, and whose hand writes to the cluster."""

    data_dir: Path
    port: int
    entrance_port: int
    delivery: Delivery

    @property
    def folder(self) -> Path:
        """Where everything of the chain is, from its start to its end."""
        return self.data_dir / "chain"


def wishes(words: Sequence[str]) -> Wishes:
    """What the words of the command line say; whatever they leave open is as for `crossfade up`."""
    usual = Settings()
    parser = argparse.ArgumentParser(
        prog="make cluster", description=__doc__, epilog='make cluster ARGS="--delivery git-only"'
    )
    usual_folder = usual.data_dir.with_name("crossfade-cluster")
    parser.add_argument("--data-dir", type=Path, default=usual_folder, help="folder of it all")
    parser.add_argument("--port", type=int, default=usual.port, help="of dashboard and API")
    parser.add_argument("--entrance-port", type=int, default=usual.entrance_port, help="of traffic")
    parser.add_argument(
        "--delivery",
        type=Delivery,
        choices=list(Delivery),
        default=Delivery.APPLY,
        metavar="HOW",
        help="apply (Crossfade writes to the cluster) or git-only (Argo CD does)",
    )
    found = parser.parse_args(words)
    return Wishes(found.data_dir.absolute(), found.port, found.entrance_port, found.delivery)
