"""What a record shows of a request or an answer: what the service model knows, less the secrets.

Blobs (plaintexts, ciphertexts, messages, key material) and members that the model calls sensitive
(passwords) are left out, and what is not in the model is, too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import cache
from typing import Any

from moto.core.utils import get_service_model

HIDDEN = frozenset({"GrantToken", "GrantTokens", "KeyStorePassword", "PreCoPassword", "Recipient"})
"""Members that are not shown, whatever the model says of them."""

NOTHING = object()
"""Instead of what is not shown."""

View = Callable[[Any], Any]

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float),
    "double": (int, float),
}


def request_view(service: str, operation: str) -> View:
    """What reduces the parameters of an operation to what may be shown, under a record's names."""
    return _views(service, operation)[0]


def response_view(service: str, operation: str) -> View:
    """What reduces the answer of an operation to what may be shown, under a record's names."""
    return _views(service, operation)[1]


def record_name(name: str) -> str:
    """The name of a parameter in a record."""
    return name[:1].lower() + name[1:]


def record_date(timestamp: float) -> str:
    """A date as it is written in requestParameters and responseElements."""
    moment = datetime.fromtimestamp(timestamp, timezone.utc)
    hour = moment.hour % 12 or 12
    return f"{moment:%b} {moment.day}, {moment.year}, {hour}:{moment:%M:%S %p}"


@cache
def _views(service: str, operation: str) -> tuple[View, View]:
    model = get_service_model(service).operation_model(operation)
    return _view(model.input_shape), _view(model.output_shape)


def _view(shape: Any) -> View:
    if shape is None or shape.type_name == "blob" or shape.metadata.get("sensitive"):
        return lambda value: NOTHING
    makers = {
        "structure": _structure_view,
        "list": _list_view,
        "map": _map_view,
        "timestamp": _timestamp_view,
    }
    return makers.get(shape.type_name, _scalar_view)(shape)


def _scalar_view(shape: Any) -> View:
    types = _SCALARS[shape.type_name]
    return lambda value: value if isinstance(value, types) else NOTHING


def _timestamp_view(shape: Any) -> View:
    def view(value: Any) -> Any:
        if not isinstance(value, (int, float)):
            return NOTHING
        try:
            return record_date(value)
        except (OverflowError, OSError, ValueError):
            return NOTHING  # a number that is no moment

    return view


def _list_view(shape: Any) -> View:
    view = _view(shape.member)

    def show(value: Any) -> Any:
        if not isinstance(value, list):
            return NOTHING
        return [entry for entry in map(view, value) if entry is not NOTHING]

    return show


def _map_view(shape: Any) -> View:
    view = _view(shape.value)

    def show(value: Any) -> Any:
        if not isinstance(value, dict):
            return NOTHING
        entries = ((key, view(entry)) for key, entry in value.items())
        return {key: entry for key, entry in entries if entry is not NOTHING}

    return show


def _structure_view(shape: Any) -> View:
    members = {
        name: (record_name(name), _view(member))
        for name, member in shape.members.items()
        if name not in HIDDEN
    }

    def show(value: Any) -> Any:
        if not isinstance(value, dict):
            return NOTHING
        shown = {}
        for name, entry in value.items():
            if name in members:
                record, view = members[name]
                if (reduced := view(entry)) is not NOTHING:
                    shown[record] = reduced
        return shown

    return show
