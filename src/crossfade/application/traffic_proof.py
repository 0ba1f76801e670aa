"""Whether real traffic shows that the proxies obey, where nobody can be asked what they hold."""

from datetime import datetime, timedelta
from typing import Final

from crossfade.application.ports import Ports
from crossfade.application.work import Errand
from crossfade.domain.intent import Intent, Version
from crossfade.stats.share import ALPHA, Judgement, Shares, judge

# Traffic is counted from some moments after the write on: proxies take a while, and a count that
# began too early would never let go of the old split. Each beginning spends its part of alpha.
BEGINNINGS: Final = tuple(timedelta(seconds=seconds) for seconds in (15, 75, 255))
ENOUGH: Final = timedelta(seconds=15)


async def seen_in_traffic(ports: Ports, errand: Errand, applied_at: datetime) -> str | None:
    """The proof in words; None where traffic does not show it, or cannot."""
    intent, before = errand.revision.intent, errand.leaving
    if before is None or not _split_tells(intent, before):
        return None
    elapsed = ports.clock.now() - applied_at
    begun = [beginning for beginning in BEGINNINGS if elapsed - beginning >= ENOUGH]
    if not begun:
        return None
    judged = await _judge(ports, intent, before, int((elapsed - begun[-1]).total_seconds()))
    if judged is None or judged.shares is not Shares.OBEYED:
        return None
    return f"traffic divides by it: {judged.sentence}"


async def _judge(ports: Ports, intent: Intent, before: Intent, window_s: int) -> Judgement | None:
    names = tuple(arm.name for arm in intent.versions)
    samples = await ports.metrics.samples({intent.key: names}, window_s)
    sample = samples[intent.key]
    if any(version.rate is None for version in sample.versions):
        return None  # whoever is not measured must not pass for one without requests
    if sample.rate is None or sample.window_s > window_s + BEGINNINGS[0].total_seconds():
        return None
    counts = {version.name: version.requests for version in sample.versions}
    return judge(counts, intent.split, before.split, ALPHA / len(BEGINNINGS))


def _split_tells(intent: Intent, before: Intent) -> bool:
    """Whether the split tells the two apart, and every request goes by it."""
    cohorts = intent.cohorts or before.cohorts
    moved = not cohorts and intent.split != before.split and intent.moves_weights_of(before)
    return moved and all(_counted_by_name(arm) for arm in intent.versions)


def _counted_by_name(arm: Version) -> bool:
    """Whether metrics know a version by the rule's own name for it: they go by its pods' label."""
    return dict(arm.labels).get("version") == arm.name
