"""One round of questions: which services are being counted, then what was counted."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from math import ceil

from crossfade.adapters.prometheus.answers import Row
from crossfade.adapters.prometheus.api import PrometheusApi
from crossfade.adapters.prometheus.dialects import Dialect
from crossfade.adapters.prometheus.pulse import FEWEST, Place, Pulse, Silence, Span, pulses, span
from crossfade.adapters.prometheus.questions import Questions, batches
from crossfade.adapters.prometheus.readings import SERIES_S, Answered, Reading
from crossfade.adapters.prometheus.sharing import Wish
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey

Pulses = Mapping[Place, Pulse]
Spans = Mapping[Span, list[Wish]]


async def ask(
    api: PrometheusApi, dialect: Dialect, wishes: Set[Wish]
) -> Mapping[Wish, Reading | Silence]:
    """What Prometheus says about each of the wishes; UnavailableError where it does not answer."""
    found: dict[Wish, Reading | Silence] = {}
    for batch in batches({key for key, _ in wishes}):
        seen = pulses(await api.now(Questions(dialect, batch).pulses()), dialect)
        silent, spans = _parted((wish for wish in wishes if wish[0] in batch), seen, dialect)
        found |= silent
        for together, group in spans.items():
            questions = Questions(dialect, tuple({key for key, _ in group}))
            read = await _counted(api, questions, together, seen)
            found |= {wish: read[_place(wish[0])] for wish in group}
    return found


def _parted(
    wishes: Iterable[Wish], seen: Pulses, dialect: Dialect
) -> tuple[Mapping[Wish, Silence], Spans]:
    """Those about which nothing can be said, and the others by the span they have in common."""
    silent: dict[Wish, Silence] = {}
    spans: defaultdict[Span, list[Wish]] = defaultdict(list)
    for key, asked_s in wishes:
        match span(key, seen.get(_place(key)), asked_s, dialect):
            case Silence() as silence:
                silent[key, asked_s] = silence
            case Span() as together:
                spans[together].append((key, asked_s))
    return silent, spans


async def _counted(
    api: PrometheusApi, questions: Questions, together: Span, seen: Pulses
) -> Mapping[Place, Reading | Silence]:
    """What was counted of services, at the moment at which they were seen."""
    at = max(pulse.at for pulse in seen.values())
    step_s = together.interval_s
    span_s = ceil(SERIES_S / step_s) * step_s
    requests, latencies, rates = await asyncio.gather(
        api.now(questions.requests(together.window_s), at),
        _latencies(api, questions, together.window_s, at),
        api.over(questions.rates(FEWEST * step_s), until=at, span_s=span_s, step_s=step_s),
    )
    answered = Answered(questions.dialect, together, requests, latencies, rates)
    places = {_place(key) for key in questions.services}
    return answered.readings({where: seen[where] for where in places})


async def _latencies(
    api: PrometheusApi, questions: Questions, window_s: int, at: float
) -> tuple[Row, ...]:
    """The dearest of the answers by far; without it the others still say what they say."""
    with suppress(UnavailableError):
        return await api.now(questions.latencies(window_s), at)
    return ()


def _place(key: ServiceKey) -> Place:
    return key.namespace, key.service
