"""Whatever a rule may say, Envoy takes it and holds exactly that."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from tests.integration.envoy_stack import Stack, picture, running
from tests.strategies import intents

from crossfade.application.ports import Observed
from crossfade.domain.addresses import LocalService
from crossfade.domain.intent import Intent
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind

pytestmark = pytest.mark.integration

EXAMPLES = 100
_generations = count(1)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def stack(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    exits = AsyncExitStack()
    yield runner.run(exits.enter_async_context(running(tmp_path_factory.mktemp("envoy"))))
    runner.run(exits.aclose())


def everywhere(intent: Intent) -> LocalService:
    """All versions of the intent at an address where nobody needs to listen."""
    versions = tuple((version.name, ("127.0.0.1:9",)) for version in intent.versions)
    return LocalService(intent.key, versions)


async def held(stack: Stack, revision: Revision) -> Observed | None:
    """What Envoy holds once the revision is effective; afterwards it is taken away again."""
    stack.mesh.place([everywhere(revision.intent)])
    await stack.deploy(revision)
    observed = await stack.mesh.observe(revision.key)
    await stack.mesh.release(revision.key, revision.generation, remove=True)
    assert await stack.mesh.observe(revision.key) is None
    return observed


@given(intent=intents())
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_envoy_holds_exactly_the_document_of_any_rule(
    runner: asyncio.Runner, stack: Stack, intent: Intent
) -> None:
    revision = picture(intent, next(_generations))
    document = revision.document(TargetKind.ENVOY)

    observed = runner.run(held(stack, revision))

    assert observed is not None
    assert observed.document == document.content
    assert observed.picture == Picture(revision.generation, document.digest)
