"""Every answer compared with what openapi.json promises of its route."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from crossfade.entrypoints.api.openapi import ContractedApi

NO_BODY = (204, 304)
Json = dict[str, Any]


@cache
def contract() -> Json:
    """The contract of the code as it is."""
    found: Json = ContractedApi().openapi()
    return found


def operation(method: str, path: str) -> Json | None:
    """What the contract says of a request; None where it knows no such route."""
    known = {method for methods in contract()["paths"].values() for method in methods}
    assert method.lower() in known or method in ("HEAD", "PATCH", "OPTIONS")
    for template, methods in contract()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found: Json | None = methods.get(method.lower())
            return found
    return None


async def check(response: httpx.Response) -> None:
    """Fail where an answer of the API is not documented, or not as documented."""
    request = response.request
    described = operation(request.method, request.url.path)
    if described is None:
        return
    about = described["responses"].get(str(response.status_code))
    assert about is not None, f"{request.method} {request.url.path}: {response.status_code}"
    if response.status_code in NO_BODY:
        return
    kind = response.headers["content-type"].partition(";")[0]
    assert kind in about["content"], f"{kind} is not documented for {response.status_code}"
    if kind.endswith("json"):
        await response.aread()
        schema = {**about["content"][kind]["schema"], "components": contract()["components"]}
        Draft202012Validator(schema).validate(json.loads(response.content))
