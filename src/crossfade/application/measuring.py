"""What the versions of rules do now, as the metric source has seen it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from crossfade.application.desire import live_revision
from crossfade.application.ports import Ports, Sample
from crossfade.application.work import Work
from crossfade.domain.errors import RuleNotFoundError
from crossfade.domain.names import ServiceKey
from crossfade.domain.rule import Rule

Versions = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose samples are wanted, and over how many seconds."""

    key: ServiceKey
    versions: Versions
    window_s: int


async def measure(ports: Ports, rule_id: str, window_s: int) -> Sample:
    """What one rule's versions did within the window; RuleNotFoundError."""
    async with ports.work() as work:
        subject = await _subject(work, ports, rule_id, window_s)
    samples = await ports.metrics.samples({subject.key: subject.versions}, subject.window_s)
    return samples[subject.key]


async def measure_many(
    ports: Ports, rule_ids: Sequence[str], window_s: int
) -> Mapping[str, Sample]:
    """The same for many rules; those that are gone are left out."""
    known: dict[str, Subject] = {}
    async with ports.work() as work:
        for rule_id in dict.fromkeys(rule_ids):
            with suppress(RuleNotFoundError):
                known[rule_id] = await _subject(work, ports, rule_id, window_s)
    samples: dict[ServiceKey, Sample] = {}
    for window in {subject.window_s for subject in known.values()}:
        alike = {one.key: one.versions for one in known.values() if one.window_s == window}
        samples |= await ports.metrics.samples(alike, window)
    return {rule_id: samples[subject.key] for rule_id, subject in known.items()}


async def _subject(work: Work, ports: Ports, rule_id: str, window_s: int) -> Subject:
    """The rule's service with its versions: those that are live first, then those only drafted."""
    rule = await work.rules.get(rule_id)
    live = await live_revision(work, rule)
    names = [arm.name for arm in (live.intent.versions if live else ())]
    drafted = [arm.name for arm in rule.intent.versions]
    versions = tuple(dict.fromkeys([*names, *drafted]))
    return Subject(rule.key, versions, _window_s(rule, ports.clock.now(), window_s))


def _window_s(rule: Rule, now: datetime, most_s: int) -> int:
    """The window, which never reaches back before the last deploy: that was another split."""
    if rule.deployed_at is None:
        return most_s
    since_s = int((now - rule.deployed_at).total_seconds())
    return max(1, min(most_s, since_s))
