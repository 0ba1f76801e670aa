"""Pieces of JSON that several views share, as PostgreSQL's own expressions.

The weights in a stored intent are JSON numbers in percent already, so they pass as they are.
"""

from crossfade.domain.revision import TargetKind

_KINDS = ", ".join(f"'{kind}'" for kind in TargetKind)


def moment(column: str) -> str:
    """A moment in the form of `moment_text`."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def same_service(one: str, other: str) -> str:
    """Whether two rows are about the same service."""
    columns = ("cluster", "namespace", "service_name")
    return " AND ".join(f"{one}.{column} = {other}.{column}" for column in columns)


def weights(intent: str) -> str:
    """Names and weights of an intent's versions, in the rule's order."""
    return f"""(
        SELECT json_agg(
            json_build_object('name', arm -> 'name', 'weight', arm -> 'weight') ORDER BY place
        )
        FROM jsonb_array_elements({intent} -> 'versions') WITH ORDINALITY AS arms (arm, place)
    )"""


def targets_of(rule_id: str, *more: str) -> str:
    """A rule's targets in the order of their kinds, with `more` of their fields."""
    drift = f"""CASE WHEN drift_summary IS NOT NULL THEN json_build_object(
        'summary', drift_summary, 'author', drift_author, 'at', {moment("drift_at")}
    ) END"""
    fields = ", ".join(
        (
            *("'kind', kind", "'state', state", *more, "'error', error"),
            *("'proof', proof", f"'drift', {drift}"),
        )
    )
    order = f"array_position(ARRAY[{_KINDS}], kind)"
    return f"""(
        SELECT coalesce(json_agg(json_build_object({fields}) ORDER BY {order}), '[]')
        FROM targets WHERE targets.rule_id = {rule_id}
    )"""


def newest_operation(rule_id: str) -> str:
    """The row of a rule's newest operation, to be joined."""
    return f"(SELECT * FROM operations WHERE rule_id = {rule_id} ORDER BY n DESC LIMIT 1)"


def operation(row: str) -> str:
    """An operation with its stages."""
    return f"""json_build_object(
        'id', {row}.id,
        'ruleId', {row}.rule_id,
        'kind', {row}.kind,
        'state', {row}.state,
        'generation', {row}.generation,
        'actor', {row}.actor,
        'reason', {row}.reason,
        'outcome', {row}.outcome,
        'createdAt', {moment(f"{row}.created_at")},
        'endedAt', {moment(f"{row}.ended_at")},
        'stages', {row}.stages
    )"""
