"""A load in memory that sends nothing."""

from crossfade.application.demo_load import HIGHEST_RATE, LoadStatus


class FakeLoad:
    """Remembers whether it is on."""

    def __init__(self) -> None:
        self.status = LoadStatus(running=False, rate=0.0, sent=0, failed=0)

    async def start(self, rate: float) -> LoadStatus:
        """Switch it on."""
        if not 0 < rate <= HIGHEST_RATE:
            raise ValueError(f"the rate must be above 0 and at most {HIGHEST_RATE:g}")
        self.status = LoadStatus(running=True, rate=rate, sent=0, failed=0)
        return self.status

    async def stop(self) -> LoadStatus:
        """Switch it off."""
        self.status = LoadStatus(running=False, rate=0.0, sent=0, failed=0)
        return self.status
