"""From a body to an intent: the canonical form, the two-version form, or both at once."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from crossfade.domain.errors import Fault, InvalidRuleError
from crossfade.domain.intent import Intent
from crossfade.entrypoints.api.inputs import SHORT_FORM, RuleEdit, TwoVersionEdit
from crossfade.manifests.rule_document import RULE_FIELDS, intent_document, parse_intent

Arm = Mapping[str, object]
Arms = Sequence[Arm]

PAIR = 2
IDENTITY = ("namespace", "serviceName")  # null says nothing here: a rule stays with its service


def new_intent(body: TwoVersionEdit, cluster: str) -> Intent:
    """The intent of a new rule."""
    if not isinstance(body, RuleEdit):
        return _parse_short({**_named(body), "versions": _over(({}, {}), _short(body))}, cluster)
    document = _named(body)
    if short := _short(body):
        _check_agreement(_arms(document), short)
    return parse_intent(document, cluster)


def edited_intent(body: TwoVersionEdit, kept: Intent) -> Intent:
    """The intent of a rule after an edit; which service it is for may be left out."""
    cluster, before = kept.key.cluster, _kept_arms(kept)
    if not isinstance(body, RuleEdit):
        arms = _over(_pair(before), _short(body))
        document = {**intent_document(kept), **_named(body), "versions": arms}
        return _parse_short(document, cluster)
    identity = {"namespace": kept.key.namespace, "serviceName": kept.key.service}
    document = {**identity, **_named(body)}
    if short := _short(body):
        document["versions"] = _changed_form(_arms(document), short, before)
    return parse_intent(document, cluster)


def _named(body: TwoVersionEdit) -> dict[str, object]:
    """What the body says of the rule, but for the two-version form; null is a field's default."""
    sent = body.model_dump(by_alias=True, exclude_unset=True)
    nameless = [name for name in IDENTITY if sent.get(name) is None]
    return {name: sent[name] for name in RULE_FIELDS if name in sent and name not in nameless}


def _short(body: TwoVersionEdit) -> dict[str, object]:
    sent = body.model_dump(by_alias=True, exclude_unset=True)
    return {name: sent[name] for name in SHORT_FORM if sent.get(name) is not None}


def _arms(document: Mapping[str, object]) -> Arms:
    arms = document["versions"]
    assert isinstance(arms, list)  # the body's own model has seen to it
    return arms


def _kept_arms(kept: Intent) -> Arms:
    return [
        {"name": arm.name, "weight": Decimal(arm.weight) / 100, "labels": dict(arm.labels)}
        for arm in kept.versions
    ]


def _pair(before: Arms) -> Arms:
    if len(before) != PAIR:
        detail = (
            f"expected versions, because the rule has {len(before)}, found the two-version form"
        )
        raise InvalidRuleError([Fault("/versions", detail)])
    return before


def _over(before: Arms, short: Mapping[str, object]) -> list[object]:
    """The arms with what the two-version form names; a renamed arm loses its labels."""
    arms: list[dict[str, object]] = [dict(arm) for arm in before]
    for field, (position, name) in SHORT_FORM.items():
        if field in short and arms[position].get(name) != short[field]:
            arms[position][name] = short[field]
            if name == "name":
                arms[position].pop("labels", None)
    return list(arms)


def _changed_form(sent: Arms, short: Mapping[str, object], before: Arms) -> list[object]:
    """The arms that two forms mean together, where one of them only repeats what is kept."""
    if not any(_disagreements(before, short)):
        return list(sent)
    if _repeats(sent, before) and any(_disagreements(sent, short)):
        return _over(_pair(before), short)
    _check_agreement(sent, short)
    return list(sent)


def _repeats(sent: Arms, before: Arms) -> bool:
    return len(sent) == len(before) and all(
        arm.items() <= kept.items() for arm, kept in zip(sent, before, strict=True)
    )


def _check_agreement(arms: Arms, short: Mapping[str, object]) -> None:
    if faults := tuple(_disagreements(arms, short)):
        raise InvalidRuleError(faults)


def _disagreements(arms: Arms, short: Mapping[str, object]) -> Iterator[Fault]:
    if len(arms) != PAIR:
        yield Fault("/versions", f"expected two versions beside version1Name, found {len(arms)}")
        return
    for field, found in short.items():
        position, name = SHORT_FORM[field]
        if (expected := arms[position].get(name)) != found:
            yield Fault(f"/{field}", f"expected {expected} as in versions, found {found}")


def _parse_short(document: Mapping[str, object], cluster: str) -> Intent:
    """The intent, with faults seen from the two-version form that was sent."""
    try:
        return parse_intent(document, cluster)
    except InvalidRuleError as error:
        raise InvalidRuleError(map(_in_short_form, error.faults)) from None


def _in_short_form(fault: Fault) -> Fault:
    for field, (position, name) in SHORT_FORM.items():
        if fault.pointer == f"/versions/{position}/{name}":
            return Fault(f"/{field}", fault.detail)
    return Fault("/version1Weight", fault.detail) if fault.pointer == "/versions" else fault
