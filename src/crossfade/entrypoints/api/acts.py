"""Record an act, see to it that it is carried on, and answer its operation in time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress

from starlette.responses import Response

from crossfade.application.desire import Accepted
from crossfade.application.ports import Ports
from crossfade.application.work import Event
from crossfade.domain.operation import Operation
from crossfade.entrypoints.api.answers import json_answer
from crossfade.entrypoints.api.conditions import wait_of
from crossfade.entrypoints.api.pursuits import Pursuit
from crossfade.entrypoints.api.surface import Surface


async def carry_out(
    on: Surface, recording: Awaitable[Accepted | None], prefer: str | None
) -> Response:
    """The operation: 200 where it has ended within the wait, 202 where it is still going.

    204 where there was nothing to carry out: a mere draft is gone at once.
    """
    wait_s = wait_of(prefer)
    async with on.ports.events.subscribe() as events:
        accepted = await recording
        if accepted is None:
            return Response(None, 204)
        # No await between here and the task: what is recorded is always carried on.
        pursuit = on.pursuits.start(accepted)
        operation = await _as_it_ends(on.ports, accepted.operation, pursuit, events, wait_s)
    on.telemetry.acted(operation)
    return await _answer(on, operation, prefer)


async def _as_it_ends(
    ports: Ports,
    operation: Operation,
    pursuit: Pursuit | None,
    events: AsyncIterator[Event],
    wait_s: float,
) -> Operation:
    """The operation at its end, or as it stands when the wait is over."""
    ending = asyncio.create_task(_ended(ports, operation, events))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                if pursuit is not None:
                    # A newer operation ends this one while its own pursuit is still at work.
                    await asyncio.wait({ending, pursuit}, return_when=asyncio.FIRST_COMPLETED)
                    operation = await _read(ports, operation.id)
                if operation.running:
                    operation = await ending
    finally:
        ending.cancel()
    return operation


async def _ended(ports: Ports, operation: Operation, events: AsyncIterator[Event]) -> Operation:
    """The operation, once somebody tells of its end."""
    while operation.running:
        await _word_about(operation.id, events)
        operation = await _read(ports, operation.id)
    return operation


async def _word_about(operation_id: str, events: AsyncIterator[Event]) -> None:
    async for event in events:
        if event.type == "gap" or event.id == operation_id:
            return


async def _read(ports: Ports, operation_id: str) -> Operation:
    async with ports.work() as work:
        return await work.operations.get(operation_id)


async def _answer(on: Surface, operation: Operation, prefer: str | None) -> Response:
    body = await on.views.operation(operation.id)
    applied = {"Preference-Applied": f"wait={wait_of(prefer):g}"} if prefer else {}
    if not operation.running:
        return json_answer(body, headers=applied)
    return json_answer(body, 202, {"Location": f"/api/operations/{operation.id}", **applied})
