"""The Prometheus configuration that we ship, as a test's own Prometheus can take it.

Debian's Prometheus is built without discovery in Kubernetes. What discovery finds stands in a file
instead, under the names that it gives; what is made of it is what we ship.
"""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

SHIPPED: Final = Path(__file__).parents[2] / "deploy" / "prometheus"
STATIC: Final = SHIPPED / "static.yml"
IN_CLUSTER: Final = SHIPPED / "prometheus.yml"
RULES: Final = tuple(sorted((SHIPPED / "rules").glob("*.yml")))
KUBERNETES: Final = "kubernetes_sd_configs"
OFTEN: Final = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}

Configuration = dict[str, Any]
Target = tuple[str, Mapping[str, str]]  # HOST:PORT, and the labels found with it


def static(folder: Path, targets: Sequence[Target]) -> Configuration:
    """The configuration for one machine, with these targets."""
    configuration = _read(STATIC)
    services = _job(configuration, "services")
    services["file_sd_configs"] = [_found(folder, targets)]
    return configuration


def in_cluster(folder: Path, targets: Sequence[Target]) -> Configuration:
    """The configuration for a cluster, in which these targets are discovered."""
    configuration = _read(IN_CLUSTER)
    found = _found(folder, targets)
    for job in configuration["scrape_configs"]:
        assert job.pop(KUBERNETES) == [{"role": "pod"}]
        job["file_sd_configs"] = [copy.deepcopy(found)]
    return configuration


def written(folder: Path, configuration: Configuration) -> Path:
    """A file that holds the configuration."""
    path = folder / "configuration.yml"
    path.write_text(yaml.safe_dump(configuration))
    return path


def _read(path: Path) -> Configuration:
    configuration: Configuration = yaml.safe_load(path.read_text())
    assert configuration["rule_files"] == ["rules/*.yml"]
    return {**configuration, "rule_files": [str(rules) for rules in RULES], "global": OFTEN}


def _job(configuration: Configuration, name: str) -> Configuration:
    jobs: Sequence[Configuration] = configuration["scrape_configs"]
    return next(job for job in jobs if job["job_name"] == name)


def _found(folder: Path, targets: Sequence[Target]) -> Configuration:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "found.yml"
    groups = [{"targets": [address], "labels": dict(labels)} for address, labels in targets]
    path.write_text(yaml.safe_dump(groups))
    return {"files": [str(path)]}
