"""One unit of work on PostgreSQL."""

from crossfade.adapters.db.chain import append
from crossfade.adapters.db.notices import notify
from crossfade.adapters.db.stores.leases import LeaseStore
from crossfade.adapters.db.stores.local_services import LocalServiceStore
from crossfade.adapters.db.stores.operations import OperationStore
from crossfade.adapters.db.stores.revisions import RevisionStore
from crossfade.adapters.db.stores.rules import RuleStore
from crossfade.adapters.db.stores.targets import TargetStore
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.work import Event
from crossfade.domain.audit import Act


class DatabaseWork:
    """The stores of one transaction, and what it has to say when it commits."""

    def __init__(self, transaction: Transaction) -> None:
        self.rules = RuleStore(transaction)
        self.revisions = RevisionStore(transaction)
        self.targets = TargetStore(transaction)
        self.operations = OperationStore(transaction)
        self.local_services = LocalServiceStore(transaction)
        self.leases = LeaseStore(transaction)
        self._transaction = transaction
        self._acts: list[Act] = []
        self._events: list[Event] = []

    def record(self, act: Act) -> None:
        """Append to the audit chain when the work commits; an event of type audit tells it."""
        self._acts.append(act)

    def announce(self, event: Event) -> None:
        """Tell every process when the work has committed."""
        self._events.append(event)

    async def seal(self) -> None:
        """Write what was recorded and announced, as the last step before the commit."""
        if self._acts:
            await append(self._transaction, self._acts, self._events)
        elif self._events:
            await notify(self._transaction, self._events)
