"""``openapi.json`` at work: which operation a request means, and whether it is as it should be.

Nothing here repeats a value of a request: it may be a password.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

from dateutil.parser import isoparse
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

_DOCUMENT_URI = "urn:moto_cks:openapi"
_TEMPLATE = re.compile(r"\{(\w+)\}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt](?!24)\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


class RequestError(Exception):
    """A request that is wrong.

    Attributes:
        status: the HTTP status.
        message: a sentence.
        headers: headers that belong to the status.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.message, self.headers)


def read_time(text: str) -> datetime:
    """A moment from ISO 8601 with a time zone.

    Raises:
        ValueError: it is none.
    """
    if not _TIME.fullmatch(text):
        raise ValueError("A time is written as 2026-01-31T12:00:00Z.")
    moment: datetime = isoparse(text)
    return moment


_FORMATS = FormatChecker(formats=())


def _is_time(value: object) -> bool:
    if isinstance(value, str):
        read_time(value)
    return True


_FORMATS.checks("date-time", raises=ValueError)(_is_time)


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    text = resources.files("moto_cks.control").joinpath("openapi.json").read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


@functools.cache
def _registry() -> Registry[Any]:
    resource = DRAFT202012.create_resource(document())
    registry: Registry[Any] = Registry()
    registry = registry.with_resource(_DOCUMENT_URI, resource)
    return registry


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """What holds values against a schema of the document."""
    # References are relative to the document, wherever in it the schema stands.
    absolute = json.loads(json.dumps(schema).replace('"$ref": "#', f'"$ref": "{_DOCUMENT_URI}#'))
    return Draft202012Validator(absolute, registry=_registry(), format_checker=_FORMATS)


@dataclass(frozen=True)
class Parameter:
    """A parameter of the path or the query."""

    name: str
    type: str
    required: bool
    validator: Draft202012Validator

    def read(self, values: list[str]) -> Any:
        """The value of what the URL says.

        Raises:
            RequestError: it is none of those that the document allows.
        """
        value: Any = values if self.type == "array" else _CONVERSIONS[self.type](values[-1])
        _check(self.validator, value, self.name)
        return value


def _integer(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


_CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "string": str,
}


@dataclass(frozen=True)
class Operation:
    """An operation of the document.

    Attributes:
        name: its ``operationId``.
        success: the HTTP status of success.
        parameters: those of the path and the query.
        body: holds a body against the document; ``None`` where there is none.
        max_bytes: the longest body, where that is not as elsewhere.
    """

    name: str
    success: int
    parameters: tuple[Parameter, ...]
    body: Draft202012Validator | None
    max_bytes: int | None = None

    def arguments(
        self, path: Mapping[str, str], query: Mapping[str, list[str]], body: bytes
    ) -> dict[str, Any]:
        """The arguments that a request gives, by their names.

        Raises:
            RequestError: they are not as the document says.
        """
        given = {**query, **{name: [value] for name, value in path.items()}}
        known = {parameter.name for parameter in self.parameters}
        if unknown := given.keys() - known:
            raise RequestError(400, _unknown(unknown, known))
        if missing := [
            each.name for each in self.parameters if each.required and each.name not in given
        ]:
            raise RequestError(400, f"{', '.join(missing)} is missing.")
        read = {
            parameter.name: parameter.read(given[parameter.name])
            for parameter in self.parameters
            if parameter.name in given
        }
        return {**self._read_body(body), **read}

    def _read_body(self, body: bytes) -> dict[str, Any]:
        if self.body is None:
            if body.strip():
                raise RequestError(400, "This request has no body.")
            return {}
        try:
            value = json.loads(body or b"{}", parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise RequestError(400, "The body must be JSON.") from None
        _check(self.body, value, "The body")
        return value  # type: ignore[no-any-return]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class Routes:
    """The operations by their paths and methods."""

    def __init__(self) -> None:
        paths = document()["paths"]
        self._methods = {
            path: {method.upper(): _operation(entry) for method, entry in operations.items()}
            for path, operations in paths.items()
        }
        rules = [Rule(_rule(path, paths[path].values()), endpoint=path) for path in paths]
        self._paths = Map(rules, merge_slashes=False).bind("")

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation that a request means, and the parameters in its path.

        Raises:
            RequestError: there is none, 404; or not with this method, 405.
        """
        try:
            template, parameters = self._paths.match(path)
        except NotFound:
            raise RequestError(404, "There is no such path; see openapi.json.") from None
        operations = self._methods[template]
        if method not in operations:
            allowed = ", ".join(sorted(operations))
            raise RequestError(405, f"The method here is {allowed}.", {"Allow": allowed})
        return operations[method], dict(parameters)

    def __iter__(self) -> Iterator[Operation]:
        return (each for operations in self._methods.values() for each in operations.values())


@functools.cache
def routes() -> Routes:
    """The operations of the document."""
    return Routes()


def _rule(template: str, operations: Iterable[Mapping[str, Any]]) -> str:
    """A path of the document as werkzeug writes it."""
    # A server decodes the slashes in a segment of a path before anybody sees it.
    with_slashes = {
        parameter["name"]
        for operation in operations
        for parameter in operation.get("parameters", ())
        if parameter.get("x-slashes")
    }
    return _TEMPLATE.sub(lambda name: f"<{'path:' * (name[1] in with_slashes)}{name[1]}>", template)


def _operation(description: Mapping[str, Any]) -> Operation:
    parameters = tuple(
        Parameter(
            entry["name"],
            entry["schema"].get("type", "string"),
            entry.get("required", False),
            validator(entry["schema"]),
        )
        for entry in description.get("parameters", ())
    )
    body = None
    if "requestBody" in description:
        schema = description["requestBody"]["content"]["application/json"]["schema"]
        body = validator(schema)
    success = next(int(status) for status in description["responses"] if status.startswith("2"))
    return Operation(
        description["operationId"], success, parameters, body, description.get("x-max-bytes")
    )


# Saying what is wrong -----------------------------------------------------------------------------


def _check(checker: Draft202012Validator, value: Any, name: str) -> None:
    error = best_match(checker.iter_errors(value))
    if error is not None:
        raise RequestError(400, _sentence(error, name))


def _sentence(error: ValidationError, name: str) -> str:
    where = ".".join(str(step) for step in error.absolute_path) or name
    rule = error.validator_value
    if error.validator == "required":
        missing = [each for each in rule if each not in error.instance]
        return f"{', '.join(missing)} is missing."
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return _unknown(error.instance.keys() - known.keys(), known)
    if error.validator in _LIMITS:
        return f"{where} must {_LIMITS[error.validator].format(rule)}."
    if error.validator == "type":
        types = [rule] if isinstance(rule, str) else rule
        return f"{where} must be {' or '.join(_TYPES[each] for each in types)}."
    if error.validator == "enum":
        values = ("null" if value is None else str(value) for value in rule)
        return f"{where} must be {' or '.join(values)}."
    if error.validator in ("minProperties", "maxProperties"):
        return f"Give exactly one of {', '.join(error.schema['properties'])}."
    if error.validator == "const":
        return f"{where} must be {json.dumps(rule)}."
    if error.validator == "format":
        return f"{where} must be a time with its zone, as 2026-01-31T12:00:00Z."
    return f"{where} cannot be given here."


_LIMITS = {
    "exclusiveMinimum": "be above {}",
    "maximum": "be at most {}",
    "minLength": "have at least {} characters",
    "minimum": "be at least {}",
    "pattern": "match {}",
}


def _unknown(unknown: set[str], known: Any) -> str:
    names = ", ".join(sorted(map(repr, unknown)))
    if not known:
        return f"There is no parameter {names} here, nor any other."
    return f"There is no parameter {names} here, but {', '.join(sorted(known))}."
