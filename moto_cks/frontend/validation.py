"""Request validation as the AWS front end does it, before the service sees the request.

The rules come from the botocore service model. The texts follow recorded answers of AWS KMS; where
KMS has no record, those of other AWS JSON 1.1 services that share the same front end.

AWS pages: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and, for what each
constraint means, https://smithy.io/2.0/spec/constraint-traits.html.
"""

from __future__ import annotations

import base64
import json
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from moto.core.exceptions import JsonRESTError

from moto_cks.world.botocore_session import service_model

_MAX_ERRORS = 10  # DynamoDB, behind the same front end, never lists more

# The server's model lists these enums in an order (and once, for DataKeySpec, with values) that
# botocore's does not have. All other enums are shown in botocore's order.
_KEY_SPECS = (
    "RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, "
    "ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, "
    "ML_DSA_44, ML_DSA_65, ML_DSA_87"
)
_SHOWN_ENUMS = {
    "KeySpec": _KEY_SPECS,
    "DataKeySpec": _KEY_SPECS,
    "MacAlgorithmSpec": "HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512",
    "EncryptionAlgorithmSpec": "RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE, SYMMETRIC_DEFAULT",
}
_LIMITS = (
    ("max", operator.gt, "less than or equal to"),
    ("min", operator.lt, "greater than or equal to"),
)


class ValidationException(JsonRESTError):
    """A request that breaks constraints of its model (HTTP 400).

    Args:
        message: all violations, in AWS's wording.
        code: the error code of the service that answers.

    See https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html.
    """

    def __init__(self, message: str, code: str = "ValidationException") -> None:
        super().__init__(code, message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.error_type)


class SerializationException(JsonRESTError):
    """A request whose JSON types do not fit its model (HTTP 400).

    Args:
        message: the mismatch in AWS's wording; None if the body is a scalar, where AWS has none.

    See https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
    """

    def __init__(self, message: str | None) -> None:
        super().__init__("SerializationException", message or "")
        # The front end spells "Message" with a capital here, unlike in ValidationException.
        told = {} if message is None else {"Message": message}
        self.description = json.dumps({"__type": "SerializationException", **told})
        self._told = message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._told,)


class _Violation(NamedTuple):
    path: str  # relative to the checked shape, e.g. ".tags.1.member.tagKey"
    subject: str
    text: str


_Checker = Callable[[Any], list[_Violation]]


class _Rule(NamedTuple):
    text: str
    broken: Callable[[Any], bool]


def _wrong_type(value: Any, if_scalar: str) -> SerializationException:
    if isinstance(value, list):
        return SerializationException("Start of list found where not expected")
    if isinstance(value, dict):
        return SerializationException("Start of structure or map found where not expected.")
    token = {str: "STRING", bool: str(value).upper()}.get(type(value), "NUMBER")
    return SerializationException(if_scalar.format(f"{token}_VALUE"))


def not_an_object(body: Any) -> SerializationException:
    """What AWS says of a body that is JSON, but no object."""
    if isinstance(body, list):
        return _wrong_type(body, "")
    return SerializationException(None)


_JAVA_TOKEN = re.compile(r"\\p\{(\w+)\}|\\.|[\[\].]")
_JAVA_DOT = r"[^\n\r\u0085\u2028\u2029]"


@cache
def _categories() -> str:
    # Two letters for each code point in four planes, which have all of L, N and Z, as are used.
    return "".join(unicodedata.category(chr(code)) for code in range(0x40000))


@cache
def _category(name: str) -> str:
    # The inside of a class for \p{name}; L stands for all of Lu, Ll, ...
    runs = re.finditer(f"(?:{name:.<2})+", _categories())
    return "".join(f"\\U{run.start() // 2:08x}-\\U{run.end() // 2 - 1:08x}" for run in runs)


@cache
def _java_regex(pattern: str) -> re.Pattern[str]:
    in_class = False

    def translate(match: re.Match[str]) -> str:
        nonlocal in_class
        token = match.group()
        if match[1]:
            return _category(match[1]) if in_class else f"[{_category(match[1])}]"
        if token in "[]":
            in_class = token == "["
        return _JAVA_DOT if token == "." and not in_class else token

    # \d, \s and \w are ASCII in Java unless a flag says otherwise.
    return re.compile(_JAVA_TOKEN.sub(translate, pattern), re.ASCII)


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _sensitive(shape: Any) -> bool:
    """Whether the shape or anything inside it is sensitive."""
    inner = [getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)]
    inner += getattr(shape, "members", {}).values()
    return bool(shape.metadata.get("sensitive")) or any(map(_sensitive, inner))


def _shown(shape: Any, value: Any) -> str:
    if value is None:
        return "null"
    if shape.type_name == "list":
        return f"[{', '.join(_shown(shape.member, item) for item in value)}]"
    if shape.type_name == "map":
        return f"{{{', '.join(f'{key}={_shown(shape.value, value[key])}' for key in value)}}}"
    if shape.type_name == "structure":
        pairs = ((_lower_first(n), _shown(part, value.get(n))) for n, part in shape.members.items())
        return f"{shape.name}({', '.join(map('='.join, pairs))})"
    return str(value)


def _subject(shape: Any) -> Callable[[Any], str]:
    # KMS shows no blob, sensitive or not, and nothing that holds a sensitive member.
    if shape.type_name == "blob" or _sensitive(shape):
        return lambda value: "Value"
    return lambda value: f"Value '{_shown(shape, value)}'"


def _limit_rule(shape: Any, trait: str, breaks: Callable[[Any, Any], bool], phrase: str) -> _Rule:
    limit = shape.metadata[trait]
    if shape.type_name in ("integer", "long"):
        return _Rule(f"Member must have value {phrase} {limit}", lambda v: breaks(v, limit))
    return _Rule(f"Member must have length {phrase} {limit}", lambda v: breaks(len(v), limit))


def _rules(shape: Any) -> tuple[_Rule, ...]:
    """The shape's own constraints, in the order KMS lists them: lengths before the pattern."""
    traits = shape.metadata
    rules = [_limit_rule(shape, *limit) for limit in _LIMITS if limit[0] in traits]
    if pattern := traits.get("pattern"):
        text = f"regular expression pattern: {pattern}"
        # Compiled when there is a value, for \p takes a while.
        rules.append(
            _Rule(
                f"Member must satisfy {text}",
                lambda value: _java_regex(pattern).fullmatch(value) is None,
            )
        )
    if enum := traits.get("enum"):
        allowed = frozenset(enum)
        shown = _SHOWN_ENUMS.get(shape.name) or ", ".join(enum)
        text = f"Member must satisfy enum value set: [{shown}]"
        rules.append(_Rule(text, lambda value: value not in allowed))
    return tuple(rules)


def _decode(value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise _wrong_type(value, "{} can not be converted to a Blob") from None


def _truncate(value: float) -> float:
    # As the front end does with decimals; infinity, which JSON can spell 1e999, has no integer.
    return int(value) if isinstance(value, float) and math.isfinite(value) else value


# By model type: the JSON types it is read from, how to get the value its constraints apply to, and
# what a scalar of another type is told.
_CONVERSION = "{{}} can not be converted to {}".format
_READERS: dict[str, tuple[tuple[type, ...], Callable[[Any], Any], str]] = {
    "string": ((str,), str, _CONVERSION("a String")),
    "boolean": ((bool,), bool, _CONVERSION("a Boolean")),
    "blob": ((str, bytes), _decode, _CONVERSION("a Blob")),
    "integer": ((int, float), _truncate, _CONVERSION("an Integer")),
    "long": ((int, float), _truncate, _CONVERSION("a Long")),
    "timestamp": ((int, float), _truncate, _CONVERSION("milliseconds since epoch")),
}


def _is_plain(value: Any) -> bool:
    """Whether a service sees a value as it was spelled; nearly all are plain."""
    kind = type(value)
    if kind is str:
        return True
    if kind is dict or kind is list:
        for inner in value.values() if kind is dict else value:
            if type(inner) is not str and not _is_plain(inner):  # most are, and need no call
                return False
        return True
    return value is not None and kind is not float


def _as_read(shape: Any, value: Any) -> Any:
    if shape.type_name == "list":
        return [_as_read(shape.member, item) for item in value if item is not None]
    if shape.type_name == "map":
        return {key: _as_read(shape.value, v) for key, v in value.items() if v is not None}
    if shape.type_name == "structure":
        given = {name: v for name, v in value.items() if v is not None}
        return {n: _as_read(shape.members[n], v) for n, v in given.items() if n in shape.members}
    return _truncate(value) if shape.type_name in ("integer", "long") else value


def _own_checker(shape: Any) -> _Checker:
    rules, subject = _rules(shape), _subject(shape)

    def check(value: Any) -> list[_Violation]:
        found = []
        for rule in rules:  # a comprehension would be another call, for each value of a request
            if rule.broken(value):
                found.append(_Violation("", subject(value), rule.text))
        return found

    return check


def _scalar_checker(shape: Any) -> _Checker:
    (json_types, read, complaint), check_own = _READERS[shape.type_name], _own_checker(shape)

    def check(value: Any) -> list[_Violation]:
        if type(value) not in json_types:  # exact, as a bool is an int in Python
            raise _wrong_type(value, complaint)
        return check_own(read(value))

    return check


def _entry_checker(shape: Any, inner: Any, label: str) -> Callable[..., list[_Violation]]:
    """Checks the entries of a list or map.

    Broken constraints of the entries themselves are reported once, for the container, with all
    the entries' constraints; those deeper inside, each with its own path.
    """
    check_entry, subject = _compile(inner), _subject(shape)
    text = f"{label} must satisfy constraint: [{', '.join(rule.text for rule in _rules(inner))}]"

    def check(value: Any, entries: Iterable[tuple[Any, Any]]) -> list[_Violation]:
        found = [(key, bad) for key, entry in entries for bad in check_entry(entry)]
        deep = [bad._replace(path=f".{key}.member{bad.path}") for key, bad in found if bad.path]
        return deep if len(deep) == len(found) else [_Violation("", subject(value), text), *deep]

    return check


def _list_checker(shape: Any) -> _Checker:
    check_own = _own_checker(shape)
    check_items = _entry_checker(shape, shape.member, "Member")

    def check(value: Any) -> list[_Violation]:
        if not isinstance(value, list):
            raise _wrong_type(value, "Expected list or null")
        items = [item for item in value if item is not None]  # AWS drops null items
        found = check_items(items, enumerate(items, 1))  # first, as the rest relies on the types
        return check_own(items) + found

    return check


def _map_checker(shape: Any) -> _Checker:
    check_own = _own_checker(shape)
    check_keys = _entry_checker(shape, shape.key, "Map keys")
    check_values = _entry_checker(shape, shape.value, "Map value")

    def check(value: Any) -> list[_Violation]:
        if not isinstance(value, dict):
            raise _wrong_type(value, "Expected map or null")
        pairs = {key: item for key, item in value.items() if item is not None}
        found = check_values(pairs, pairs.items())  # first, as the rest relies on the types
        return check_own(pairs) + check_keys(pairs, ((key, key) for key in pairs)) + found

    return check


def _structure_checker(shape: Any) -> _Checker:
    def missing(name: str) -> _Violation:
        subject = "Value" if _sensitive(shape.members[name]) else "Value null"
        return _Violation(f".{_lower_first(name)}", subject, "Member must not be null")

    required = {name: missing(name) for name in shape.required_members}
    members = [(name, _compile(part), required.get(name)) for name, part in shape.members.items()]

    def check(value: Any) -> list[_Violation]:
        if not isinstance(value, dict):
            raise _wrong_type(value, "Expected null")
        found: list[_Violation] = []
        for name, check_member, if_missing in members:
            member = value.get(name)
            if member is None:
                if if_missing:
                    found.append(if_missing)
            elif broken := check_member(member):
                found += [b._replace(path=f".{_lower_first(name)}{b.path}") for b in broken]
        return found

    return check


def _compile(shape: Any) -> _Checker:
    makers = {"structure": _structure_checker, "list": _list_checker, "map": _map_checker}
    return makers.get(shape.type_name, _scalar_checker)(shape)


def _message(violations: list[_Violation]) -> str:
    form = "{0.subject} at '{1}' failed to satisfy constraint: {0.text}".format
    head = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
    return head + "; ".join(form(bad, bad.path[1:]) for bad in violations)


class RequestValidator:
    """Checks request bodies of one service against the service's botocore model.

    Wrong JSON types are told before any broken constraint, as AWS reads the whole body first.
    In which order AWS lists violations of different members is not documented; here it is the
    order of the members in the model. Unknown members and nulls are ignored.

    Args:
        service_name: the service, of those that speak JSON.
        error_code: the service's error code where constraints are broken.
    """

    def __init__(self, service_name: str, error_code: str) -> None:
        self._error_code = error_code
        self._model = service_model(service_name)
        self._checkers: dict[str, _Checker] = {}

    def check(self, operation: str, params: dict[str, Any]) -> None:
        """Returns if AWS would pass the request on to the service.

        Args:
            operation: name of the operation, e.g. ``CreateCustomKeyStore``.
            params: the decoded JSON body; blobs are base64 text, or bytes where they are decoded.

        Raises:
            ValidationException: constraints are broken.
            SerializationException: JSON types do not fit the model.
            botocore.model.OperationNotFoundError: the model has no such operation.

        See https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html.
        """
        if violations := self._violations(operation, params):
            raise ValidationException(_message(violations[:_MAX_ERRORS]), self._error_code)

    def check_types(self, operation: str, params: dict[str, Any]) -> None:
        """As :meth:`check`, for services that say in words of their own which constraint is broken.

        Raises:
            SerializationException: JSON types do not fit the model.
        """
        self._violations(operation, params)

    def _violations(self, operation: str, params: dict[str, Any]) -> list[_Violation]:
        checker = self._checkers.get(operation)
        if checker is None:
            shape = self._model.operation_model(operation).input_shape
            checker = self._checkers[operation] = _compile(shape) if shape else lambda params: []
        if not isinstance(params, dict):
            raise not_an_object(params)
        return checker(params)

    def read(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """A request body as the service sees it, once it is checked.

        A null is an absent member, entry or item; an integer that is spelled with decimals loses
        them.
        """
        if _is_plain(params):
            return params
        shape = self._model.operation_model(operation).input_shape
        read: dict[str, Any] = _as_read(shape, params) if shape else params
        return read


@cache
def validator_for(service_name: str, error_code: str = "ValidationException") -> RequestValidator:
    """The validator of a service, made once.

    Args:
        service_name: the service, of those that speak JSON.
        error_code: the service's error code where constraints are broken; most have this one.
    """
    return RequestValidator(service_name, error_code)


@cache
def blob_members(service_name: str, operation: str) -> tuple[str, ...]:
    """The parameters of an operation that are blobs, and no part of another one."""
    shape = service_model(service_name).operation_model(operation).input_shape
    members = shape.members.items() if shape is not None else ()
    return tuple(name for name, member in members if member.type_name == "blob")


def decoded_blobs(service_name: str, operation: str, params: dict[str, Any]) -> dict[str, bytes]:
    """The blobs of a request that are base64; of the others the check says what is wrong."""
    blobs = {}
    for name in blob_members(service_name, operation):
        value = params.get(name)
        if isinstance(value, str):
            try:
                blobs[name] = base64.b64decode(value, validate=True)
            except ValueError:
                continue
    return blobs
