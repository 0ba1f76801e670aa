"""What all JSON of the API has in common: camelCase names, percentages and moments."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from crossfade.application.views import moment_text


def camel_case(name: str) -> str:
    """`max_ejection_percent` as it is written in JSON: "maxEjectionPercent"."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


class Shape(BaseModel):
    """A JSON object; fields that it does not name are refused."""

    model_config = ConfigDict(
        alias_generator=camel_case,
        populate_by_name=True,
        serialize_by_alias=True,
        extra="forbid",
        frozen=True,
    )


PERCENT_SCHEMA = WithJsonSchema(
    {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "description": "Percent, exact to 0.01",
        "examples": [80, 33.33],
    }
)
Percent = Annotated[int | float, PERCENT_SCHEMA]
Moment = Annotated[
    datetime,
    PlainSerializer(moment_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
