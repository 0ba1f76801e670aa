"""What stands behind the versions of a rule, as the cluster was last heard."""

from collections.abc import Mapping

from crossfade.application.desire import live_revision
from crossfade.application.ports import Ports
from crossfade.domain.around import Backing


async def backing(ports: Ports, rule_id: str) -> Mapping[str, Backing]:
    """The pods behind each version, of the draft and of what is live; RuleNotFoundError.

    Empty where versions are addresses on this machine. UnavailableError until the cluster was
    heard once.
    """
    async with ports.work() as work:
        rule = await work.rules.get(rule_id)
        live = await live_revision(work, rule)
    if ports.cluster is None:
        return {}
    drafted = ports.cluster.around(rule.intent).backing
    deployed = ports.cluster.around(live.intent).backing if live else None
    return {**(drafted or {}), **(deployed or {})}
