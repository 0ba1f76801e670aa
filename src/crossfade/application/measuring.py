"""What the versions of rules do now, as the metric source has seen it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from crossfade.application.desire import live_revision
from crossfade.application.ports import Ports, Sample, Work
from crossfade.domain.errors import RuleNotFoundError
from crossfade.domain.names import ServiceKey

Versions = tuple[str, ...]


async def measure(ports: Ports, rule_id: str, window_s: int) -> Sample:
    """What one rule's versions did within the window; RuleNotFoundError."""
    async with ports.work() as work:
        key, versions = await _measured(work, rule_id)
    samples = await ports.metrics.samples({key: versions}, window_s)
    return samples[key]


async def measure_many(
    ports: Ports, rule_ids: Sequence[str], window_s: int
) -> Mapping[str, Sample]:
    """The same for many rules; those that are gone are left out."""
    known: dict[str, tuple[ServiceKey, Versions]] = {}
    async with ports.work() as work:
        for rule_id in dict.fromkeys(rule_ids):
            with suppress(RuleNotFoundError):
                known[rule_id] = await _measured(work, rule_id)
    samples = await ports.metrics.samples(dict(known.values()), window_s)
    return {rule_id: samples[key] for rule_id, (key, _) in known.items()}


async def _measured(work: Work, rule_id: str) -> tuple[ServiceKey, Versions]:
    """The service, and its versions: those that are live first, then those only drafted."""
    rule = await work.rules.get(rule_id)
    live = await live_revision(work, rule)
    names = [arm.name for arm in (live.intent.versions if live else ())]
    drafted = [arm.name for arm in rule.intent.versions]
    return rule.key, tuple(dict.fromkeys([*names, *drafted]))
