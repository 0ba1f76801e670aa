"""What can be set from outside: environment variables that begin with CROSSFADE_."""

import getpass
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from crossfade.domain.delivery import Delivery


def _data_home() -> Path:
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "crossfade"


def _parted(found: object) -> object:
    if not isinstance(found, str):
        return found
    return tuple(part.strip() for part in found.split(",") if part.strip())


PartedByCommas = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parted)]


class Settings(BaseSettings):
    """All settings, read once by an entrypoint and passed down in parts."""

    model_config = SettingsConfigDict(
        env_prefix="CROSSFADE_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data_dir: Path = Field(default_factory=_data_home)
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("CROSSFADE_DATABASE_URL", "DATABASE_URL", "database_url"),
    )

    kubeconfig: str | None = None  # a file, or "in-cluster"; None: the embedded Envoy
    kube_context: str | None = None
    namespaces: PartedByCommas = ("default",)
    delivery: Delivery = Delivery.APPLY
    drift: Literal["report", "heal"] = "report"
    argocd_application: str | None = None  # namespace/name
    istiod: PartedByCommas = ()  # debug addresses; every address of a host name is asked
    prometheus_url: SecretStr | None = None
    prometheus_metrics: Literal["istio", "plain"] = "istio"
    prometheus_token_file: Path | None = None
    istiod_token_file: Path | None = None
    entrance_url: str | None = None  # where the cluster's gateway lets traffic in
    cluster: str = Field(
        default_factory=lambda known: "local" if known["kubeconfig"] is None else "kubernetes"
    )

    host: str = "127.0.0.1"
    port: int = Field(default=4000, ge=0, le=65535)
    allowed_hosts: PartedByCommas = ()
    health_address: str | None = None
    entrance_host: str = "127.0.0.1"
    entrance_port: int = Field(default=8080, ge=1, le=65535)

    git_remote: str | None = None
    git_branch: str = "main"
    git_prefix: str = "istio"
    git_author_name: str = "crossfade"
    git_author_email: str = "crossfade@localhost"
    git_allow_file: bool = False

    demo: bool = True
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    url: str = Field(default_factory=lambda known: f"http://127.0.0.1:{known['port']}")

    @property
    def runtime_base(self) -> Path | None:
        """The user's own folder for sockets, where the system gives one."""
        folder = os.environ.get("XDG_RUNTIME_DIR")
        return Path(folder) if folder else None

    @property
    def holder(self) -> str:
        """The name of this process in leases."""
        return f"{socket.gethostname()}:{os.getpid()}"

    @property
    def actor(self) -> str:
        """The person on whose behalf this process acts until login exists."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a pod may run under a number that has no name
            return "crossfade"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of this process, for those who choose a few names of it."""
        return MappingProxyType(dict(os.environ))
