"""Arbitrary valid intents, and requests that have a chance to meet their cohorts."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st

from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.intent import Intent, Mirror, RuleType, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import (
    RETRY_REASONS,
    Abort,
    ConnectionLimits,
    Delay,
    FaultInjection,
    OutlierDetection,
    Policies,
    Retries,
)
from crossfade.domain.share import WHOLE

# A busy machine is no failure.
settings.register_profile("house", deadline=None, max_examples=40)
settings.load_profile("house")

# Regular expressions, each with values that it matches as a whole.
EXPRESSIONS = {
    "v[0-9]+": ("v1", "v22"),
    "(a|b)c?": ("a", "bc"),
    ".*": ("", "anything at all"),
    r"\d{2,4}": ("12", "1234"),
    "(?i)yes": ("yes", "YES"),
    r"[^/]+\.html": ("index.html",),
    r"^beta(-\w+)?$": ("beta", "beta-1"),
}
COOKIE_EXPRESSIONS = {
    **EXPRESSIONS,
    r"\D\W\S": ("a-b",),
    "[^-;]x": ("ax",),
    "[^-a]z": ("bz",),
    "[^]]y": ("ay",),
}

# Words that readers of YAML take for something else when they stand bare.
TRICKY_WORDS = ("yes", "No", "on", "null", "1e3", "0x1F", "0123", "1.0", "1_000", "y", "2001-01-01")

names = st.sampled_from(
    ("v1", "v2", "v3", "stable", "canary", "a", "0", "10", "a-b", "1e3", "null", "no", "x" * 63)
)
services = st.builds(
    ServiceKey, cluster=st.just("local"), namespace=st.just("default") | names, service=names
)
printable = st.characters(exclude_categories=("C", "Zl", "Zp", "Zs")) | st.just(" ")
texts = st.text(printable, min_size=1, max_size=12)
tokens = st.text("aAbBzZ019!#$%&'*+.^_`|~-", min_size=1, max_size=4)
milliseconds = st.integers(1, 3_600_000)
shares = st.integers(1, WHOLE)
counts = st.none() | st.integers(1, 2**31 - 1)


@st.composite
def splits(draw: st.DrawFn, most: int = 5) -> list[int]:
    """Weights that sum to the whole; often of whole percents, as people set them."""
    unit = draw(st.sampled_from((1, 100, 1000)))
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE // unit), max_size=most - 1)))
    edges = [0, *(cut * unit for cut in cuts), WHOLE]
    return [after - before for before, after in pairwise(edges)]


label_values = st.sampled_from((*TRICKY_WORDS, "", "stable", "a.b_c-d", "V1"))
labels = st.just(()) | st.dictionaries(
    st.sampled_from(("version", "app", "example.com/track", "tier")), label_values, max_size=3
).map(lambda chosen: tuple(chosen.items()))


@st.composite
def versions(draw: st.DrawFn) -> tuple[Version, ...]:
    """Versions of different names whose weights sum to the whole."""
    weights = draw(splits())
    chosen = draw(st.lists(names, min_size=len(weights), max_size=len(weights), unique=True))
    return tuple(
        Version(name, weight, draw(labels)) for name, weight in zip(chosen, weights, strict=True)
    )


def _values(source: Source, operator: Operator) -> st.SearchStrategy[str]:
    if operator is Operator.PRESENT:
        return st.just("")
    if operator is Operator.REGEX:
        return st.sampled_from(
            sorted(COOKIE_EXPRESSIONS if source is Source.COOKIE else EXPRESSIONS)
        )
    if source is Source.PATH:
        return texts.map(lambda text: "/" + text.replace("?", "-").replace("#", "-"))
    return texts.map(lambda text: text.replace(";", "-")) if source is Source.COOKIE else texts


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """One valid condition."""
    source = draw(st.sampled_from(Source))
    operators = [one for one in Operator if (source, one) != (Source.PATH, Operator.PRESENT)]
    operator = draw(st.sampled_from(operators))
    name = "" if source is Source.PATH else draw(tokens)
    return Condition(source, operator, name, draw(_values(source, operator)))


@st.composite
def cohorts(draw: st.DrawFn, name: str, known: tuple[str, ...]) -> Cohort:
    """A cohort of this name that goes to one of the known versions."""
    drawn = draw(st.lists(conditions(), min_size=1, max_size=6))
    cookies = [one for one in drawn if one.source is Source.COOKIE][:3]
    kept = {
        (one.source, one.name.lower() if one.source is Source.HEADER else one.name): one
        for one in drawn
        if one.source is not Source.COOKIE or one in cookies
    }
    return Cohort(name, draw(st.sampled_from(known)), tuple(kept.values()))


policies = st.builds(
    Policies,
    timeout_ms=st.none() | milliseconds,
    retries=st.none()
    | st.builds(
        Retries,
        attempts=st.integers(1, 10),
        per_try_timeout_ms=st.none() | milliseconds,
        retry_on=st.lists(
            st.sampled_from(sorted(RETRY_REASONS)), min_size=1, max_size=4, unique=True
        ).map(tuple),
    ),
    fault=st.none()
    | st.builds(FaultInjection, delay=st.builds(Delay, shares, milliseconds), abort=st.none())
    | st.builds(
        FaultInjection,
        delay=st.none() | st.builds(Delay, shares, milliseconds),
        abort=st.builds(Abort, shares, st.integers(200, 599)),
    ),
    outlier_detection=st.none()
    | st.builds(
        OutlierDetection,
        consecutive_5xx=st.integers(1, 10_000),
        interval_ms=milliseconds,
        base_ejection_ms=milliseconds,
        max_ejection_percent=st.integers(1, 100),
    ),
    connection_limits=st.none()
    | st.tuples(counts, counts, counts, counts)
    .filter(any)
    .map(lambda limits: ConnectionLimits(*limits)),
)
hosts = st.lists(
    st.sampled_from(("shop.example.com", "*.example.com", "checkout", "a.b")),
    unique=True,
    max_size=3,
).map(tuple)
gateways = st.sampled_from((("mesh",), ("ingress",), ("mesh", "istio-system/public")))


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    """Any valid intent."""
    arms = draw(versions())
    known = tuple(arm.name for arm in arms)
    titles = draw(st.lists(names, unique=True, max_size=3))
    chosen = tuple(draw(cohorts(title, known)) for title in titles)
    mirror = draw(st.none() | st.builds(Mirror, st.sampled_from(known), shares))
    fitting = [
        RuleType.WEIGHTED,
        *((RuleType.HEADER,) if chosen else ()),
        *((RuleType.MIRROR,) if mirror else ()),
    ]
    return Intent(
        key=draw(services),
        versions=arms,
        rule_type=draw(st.sampled_from(fitting)),
        hosts=draw(hosts),
        gateways=draw(gateways),
        cohorts=chosen,
        mirror=mirror,
        policies=draw(policies),
    )


@dataclass(frozen=True)
class Request:
    """What a proxy sees of a request. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    cookies: tuple[tuple[str, str], ...]
    parameters: dict[str, str]

    @property
    def cookie_header(self) -> str | None:
        """All cookies on one line, as browsers send them."""
        line = "; ".join(f"{name}={value}" for name, value in self.cookies)
        return line if self.cookies else None


def _fulfilling(condition: Condition) -> st.SearchStrategy[str]:
    match condition.operator:
        case Operator.EXACT:
            return st.just(condition.value)
        case Operator.PREFIX:
            return st.sampled_from(("", "x", "/more")).map(lambda more: condition.value + more)
        case Operator.REGEX:
            return st.sampled_from(COOKIE_EXPRESSIONS[condition.value])
        case Operator.PRESENT:
            return st.sampled_from(("", "anything"))


@st.composite
def requests(draw: st.DrawFn, intent: Intent) -> Request:
    """A request that fulfils most conditions of one cohort, if there is one."""
    path, headers, parameters = "/", {}, {}
    cookies = draw(
        st.lists(st.sampled_from((("other", "1"), ("x", "a=b"), ("z", "v1"))), max_size=2)
    )
    wanted = draw(st.sampled_from(intent.cohorts)).conditions if intent.cohorts else ()
    for condition in wanted:
        value = draw(
            st.sampled_from((*([True] * 9), False)).flatmap(
                lambda meets, c=condition: _fulfilling(c) if meets else st.just("/no;thing")
            )
        )
        match condition.source:
            case Source.PATH:
                path = value if value.startswith("/") else f"/{value}"
            case Source.HEADER:
                headers[condition.name.lower()] = value
            case Source.QUERY:
                parameters[condition.name] = value
            case Source.COOKIE:
                cookies.append((condition.name, value.replace(";", "")))
    order = draw(st.permutations(cookies))
    return Request(path, headers, tuple(order), parameters)
