"""Where an installation keeps its files and its sockets."""

from dataclasses import dataclass
from pathlib import Path

from crossfade.adapters.envoy import proxy
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.processes import StartError
from crossfade.settings import Settings


@dataclass(frozen=True, slots=True)
class Places:
    """The data folder, and a short private folder for sockets."""

    data: Path
    sockets: Path

    @property
    def logs(self) -> Path:
        """Where the programs beside us write what they say."""
        return self.data / "logs"

    @property
    def git(self) -> Path:
        """Our own repository, or the clone of a remote."""
        return self.data / "git"

    @property
    def processes(self) -> Path:
        """What is remembered of the programs that we started."""
        return self.data / "processes"

    @property
    def envoy(self) -> proxy.Places:
        """Envoy's sockets and files."""
        return proxy.Places(self.sockets, self.data / "envoy")


def places(settings: Settings) -> Places:
    """The installation's places, made where they are missing."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"{settings.data_dir} cannot be used as data folder: {error.strerror}."
        ) from error
    data = settings.data_dir.resolve()
    return Places(data, runtime_folder(data, settings.runtime_base))
