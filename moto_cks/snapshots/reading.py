"""The kinds of objects that a saved world is made of, each with how it is written and read.

A saved world names nothing but the methods of :class:`Reading` in :data:`ADMITTED`. None of them
calls what it is given, or gives out a class or a function: an object of moto or of this package is
made without its constructor, and then given its attributes.
"""

from __future__ import annotations

import functools
import ipaddress
import itertools
import pickle
import pickletools
import re
import threading
import types
import uuid
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import IO, Any, TypeAlias

from dateutil import tz
from moto.core.base_backend import BackendDict
from moto.core.common_models import BaseModel
from moto.core.utils import get_service_model
from requests.structures import CaseInsensitiveDict

from moto_cks.kms.specs import SPECS, Spec
from moto_cks.snapshots.errors import SnapshotError
from moto_cks.snapshots.methods import FUNCTIONS, is_kept
from moto_cks.snapshots.names import class_named, holds_data, module_named, name_of
from moto_cks.world.backends import WorldState
from moto_cks.world.lifecycle import Table

Parts: TypeAlias = Sequence[Any]
"""Objects of ``cryptography``, which never change: snapshots of one process share them."""

DICTS: Mapping[str, type[Any]] = {
    "OrderedDict": OrderedDict,
    "Counter": Counter,
    "CaseInsensitiveDict": CaseInsensitiveDict,
}
"""Mappings of other packages that moto's models have."""


def _dicts_by_default() -> defaultdict[Any, Any]:
    return defaultdict(dict)


FACTORIES: Mapping[str, Any] = {
    "None": None,
    "list": list,
    "dict": dict,
    "int": int,
    "set": set,
    "str": str,
    "float": float,
    "bool": bool,
    "OrderedDict": OrderedDict,
    "defaultdict(dict)": _dicts_by_default,
}
"""What a defaultdict makes."""

MOTO_FACTORIES = frozenset(
    {
        "moto.apigateway.integration_parsers.unknown_parser:TypeUnknownParser",
        "moto.apigatewaymanagementapi.models:Connection",
        "moto.lakeformation.models:default_settings",
        "moto.meteringmarketplace.models:CustomerDeque",
        "moto.meteringmarketplace.models:ResultDeque",
        "moto.sdb.models:FakeItem",
        "moto.xray.models:SegmentCollection._new_trace_item",
    }
)
"""The same, of moto: what they make is empty."""

LAMBDAS: Mapping[str, str] = {
    "moto.awslambda.models:LambdaStorage.__init__.<locals>.<lambda>": "dict",
    "moto.ssm.models:SimpleSystemManagerBackend.__init__.<locals>.<lambda>": "defaultdict(dict)",
}
"""What moto says by a lambda, which has no name of its own."""

LOCKS: Mapping[str, Callable[[], Any]] = {
    "lock": threading.Lock,
    "rlock": threading.RLock,
    "condition": threading.Condition,
}
"""What is made anew, unlocked."""

ZONES: Mapping[str, Callable[[], Any]] = {"tzutc": tz.tzutc, "tzlocal": tz.tzlocal}

ADDRESSES: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        ipaddress.IPv4Address,
        ipaddress.IPv4Network,
        ipaddress.IPv6Address,
        ipaddress.IPv6Network,
    )
}
"""What an address can be."""

# The built-in type that a class rests on makes its instances.
_BASES = (
    defaultdict,
    OrderedDict,
    dict,
    list,
    tuple,
    set,
    frozenset,
    str,
    int,
    float,
    bytes,
    bytearray,
    deque,
)


class Reading:
    """What a saved world is made of while it is read.

    Args:
        parts: what is not in the text.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # Of moto and of this package -------------------------------------------------------------

    def make(self, name: str) -> Callable[..., Any]:
        """What makes instances of a class, each without its constructor.

        It is a bound method of a built-in type: there is nothing of it to be changed.

        Raises:
            SnapshotError: there is no such class, or it does not just hold data.
        """
        kind = class_named(name)
        if not holds_data(kind):
            raise SnapshotError(f"{name!r} does not just hold data.")
        if issubclass(kind, BaseModel):
            return types.MethodType(BaseModel.__new__, kind)  # which moto's dashboard shows
        base = next((base for base in _BASES if issubclass(kind, base)), object)
        return types.MethodType(base.__new__, kind)

    def member(self, name: str, value: Any) -> Enum:
        """A member of an enumeration."""
        kind = class_named(name)
        if not issubclass(kind, Enum):
            raise SnapshotError(f"{name!r} is no enumeration.")
        return kind(value)

    def method(self, owner: Any, name: str) -> Callable[..., Any]:
        """A method that somebody has been given to call later, one of :data:`METHODS`."""
        for kind in type(owner).__mro__:
            if name in vars(kind) and is_kept(name_of(kind), name):
                return types.MethodType(vars(kind)[name], owner)
        raise SnapshotError(f"A saved world has no method {name!r} of a {type(owner).__name__}.")

    def function(self, name: str) -> Callable[..., Any]:
        """One of :data:`FUNCTIONS`."""
        return staticmethod(FUNCTIONS[name])  # what is changed of this is not the function

    def give(self, thing: Any, state: Any) -> None:
        """Give an object that :meth:`make` has made its attributes, as pickle does."""
        _require_data(thing)
        kind = type(thing)
        if hasattr(kind, "__setstate__"):
            kind.__setstate__(thing, state)
            return
        attributes, slots = state if isinstance(state, tuple) else (state, None)
        if attributes:
            vars(thing).update(attributes)
        for name, value in (slots or {}).items():
            slot = getattr(kind, name, None)
            if not isinstance(slot, types.MemberDescriptorType):
                raise SnapshotError(f"A {kind.__name__} has no slot {name!r}.")
            slot.__set__(thing, value)

    def fill(self, mapping: Any, content: tuple[dict[Any, Any], dict[str, Any]]) -> None:
        """Put entries into a dict that would do more than to keep them, and give it attributes."""
        _require_data(mapping)
        dict.update(mapping, content[0])
        vars(mapping).update(content[1])

    def fill_default(
        self, mapping: Any, content: tuple[str, dict[Any, Any], dict[str, Any]]
    ) -> None:
        """The same, of a defaultdict of moto."""
        name, *rest = content
        _require_data(mapping)
        mapping.default_factory = _factory(name)
        self.fill(mapping, (rest[0], rest[1]))

    def by_class(self, entries: dict[str, Any]) -> dict[type, Any]:
        """A dict whose keys are classes; a saved world has nothing else of a class."""
        return {class_named(name): entry for name, entry in entries.items()}

    def service_model(self, name: str) -> Any:
        """What botocore knows of a service.

        Raises:
            SnapshotError: that is no name of one.
        """
        if not re.fullmatch(r"[a-z0-9-]+", name):
            raise SnapshotError(f"{name!r} is no service.")
        return get_service_model(name)

    def web_key(self, members: dict[str, Any]) -> Any:
        """A key of a user pool of Cognito, as JSON Web Key has it."""
        from joserfc.jwk import RSAKey  # noqa: PLC0415 - moto needs it for Cognito only

        return RSAKey.import_key(members)

    def constant(self, name: str) -> Any:
        """A table of a life cycle."""
        module, _, variable = name.partition(":")
        found = vars(module_named(module)).get(variable)
        if not isinstance(found, Table):
            raise SnapshotError(f"{name!r} is no life cycle.")
        return found

    def key_spec(self, name: str) -> Spec:
        """What follows from the key spec of a KMS key."""
        return SPECS[name]

    def part(self, index: int) -> Any:
        """What is not in the text."""
        return self._parts[index]

    # Of Python -------------------------------------------------------------------------------

    def moment(self, packed: bytes, zone: Any = None) -> datetime:
        """A datetime."""
        make: Any = datetime.__new__  # it takes what pickle has of a datetime, too
        return make(datetime, packed, zone)  # type: ignore[no-any-return]

    def day(self, packed: bytes) -> date:
        """A date."""
        make: Any = date.__new__
        return make(date, packed)  # type: ignore[no-any-return]

    def step(self, days: int, seconds: int, microseconds: int) -> timedelta:
        """A timedelta."""
        return timedelta(days, seconds, microseconds)

    def zone(self, offset: timedelta) -> timezone:
        """A timezone."""
        return timezone(offset)

    def zone_named(self, name: str) -> Any:
        """A time zone of dateutil."""
        return ZONES[name]()

    def decimal(self, text: str) -> Decimal:
        """A Decimal."""
        return Decimal(text)

    def address(self, kind: str, text: str) -> Any:
        """An address or a network of :mod:`ipaddress`, one of :data:`ADDRESSES`."""
        return _address(kind, text)

    def uid(self, number: int) -> uuid.UUID:
        """A UUID."""
        return uuid.UUID(int=number)

    def mapping(self, name: str, entries: Iterable[Any] = ()) -> Any:
        """One of :data:`DICTS`."""
        return DICTS[name](entries)

    def default(self, name: str) -> defaultdict[Any, Any]:
        """A defaultdict."""
        return defaultdict(_factory(name))

    def queue(self, entries: list[Any], limit: int | None) -> deque[Any]:
        """A deque."""
        return deque(entries, limit)

    def numbers(self, first: int) -> Any:
        """What counts on from a number."""
        return itertools.count(first)

    def pattern(self, text: str | bytes, flags: int) -> Any:
        """A regular expression."""
        return re.compile(text, flags)

    def lock(self, name: str) -> Any:
        """One of :data:`LOCKS`."""
        return LOCKS[name]()

    def event(self, happened: bool) -> threading.Event:
        """A threading.Event."""
        made = threading.Event()
        if happened:
            made.set()
        return made

    def weak(self, target: Any) -> Any:
        """A weak reference."""
        return weakref.ref(target)

    def weakly(self, target: Any) -> Any:
        """A weak proxy."""
        return weakref.proxy(target)

    def weak_values(self, entries: dict[Any, Any]) -> Any:
        """A WeakValueDictionary."""
        return weakref.WeakValueDictionary(entries)


ADMITTED_MODULE = "moto_cks.snapshots.admitted"
"""Where the text looks for what it names."""

ADMITTED = frozenset(name for name in vars(Reading) if not name.startswith("_"))
"""The methods of :class:`Reading` that a saved world may name."""


@functools.lru_cache(maxsize=4096)
def _address(kind: str, text: str) -> Any:
    return ADDRESSES[kind](text)  # they do not change


def _require_data(thing: Any) -> None:
    """Refuse to change what was not made here: constants, and members of enumerations."""
    kind: type = type(thing)
    if not holds_data(kind):
        raise SnapshotError(f"A {kind.__name__} is not changed.")


def _factory(name: str) -> Any:
    if name not in MOTO_FACTORIES:
        return FACTORIES[name]
    module, _, path = name.partition(":")
    return functools.reduce(getattr, path.split("."), module_named(module))


def backends_named(name: str) -> BackendDict[Any]:
    """The backends of a service by the module and the variable that has them.

    Raises:
        SnapshotError: that is something else.
    """
    module, _, variable = name.partition(":")
    found = vars(module_named(module)).get(variable)
    if isinstance(found, WorldState):
        found = found.backends
    if not isinstance(found, BackendDict):
        raise SnapshotError(f"{name!r} has no backends.")
    return found


OPCODES = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "POP", "MEMOIZE", "BINGET", "LONG_BINGET"),
        *("STACK_GLOBAL", "REDUCE", "NONE", "NEWTRUE", "NEWFALSE"),
        *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
        *("EMPTY_SET", "ADDITEMS", "FROZENSET"),
    }
)
"""The opcodes of pickle that a world is written in. BUILD, which sets any attribute of anything, is
not among them, nor are those that make instances of classes or call what is named in a line."""


def check(text: bytes) -> None:
    """Refuse the text of a world that somebody else has written, for what it is written in.

    Raises:
        SnapshotError: there are other opcodes in it than :data:`OPCODES`.
    """
    try:
        for opcode, _, _ in pickletools.genops(text):
            if opcode.name not in OPCODES:
                raise SnapshotError(f"A saved world is written without {opcode.name}.")
    except SnapshotError:
        raise
    except Exception:  # whatever pickletools makes of nonsense
        raise SnapshotError("This is no saved world: it is not what one is written in.") from None


class Reader(pickle.Unpickler):
    """Reads what :class:`moto_cks.snapshots.writing.Writer` has written.

    Args:
        file: where from.
        parts: what is not in it.
    """

    def __init__(self, file: IO[bytes], parts: Parts) -> None:
        super().__init__(file)
        self._reading = Reading(parts)

    def find_class(self, module: str, name: str) -> Any:
        """What a name in the text means: a method of :class:`Reading`, or nothing.

        Raises:
            SnapshotError: it means nothing.
        """
        if module != ADMITTED_MODULE or name not in ADMITTED:
            raise SnapshotError(f"A saved world does not name {module}.{name}.")
        return getattr(self._reading, name)

    def persistent_load(self, reference: Any) -> Any:
        """What is elsewhere: nothing is.

        Raises:
            SnapshotError: always.
        """
        raise SnapshotError("A saved world refers to nothing outside of it.")
