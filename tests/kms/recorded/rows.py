"""The form of a row, and the scene in which it is played."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.aws import OTHER_REGION, REGION, client


class Scene:
    """A simulated world, and the names of what has been made in it."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.names: dict[str, Any] = {
            "account": DEFAULT_ACCOUNT_ID,
            "region": REGION,
            "other_region": OTHER_REGION,
            "tomorrow": world.clock.now() + timedelta(days=1),
        }

    def call(self, operation: str, service: str, region: str, request: Mapping[str, Any]) -> Any:
        """Call an operation as it is named in the API; botocore does not check the parameters."""
        asked = client(service, region, parameter_validation=False)
        answer = asked._make_api_call(operation, self.filled(dict(request)))
        answer.pop("ResponseMetadata", None)
        return answer

    def filled(self, value: Any) -> Any:
        """A value with the names in it, which stand in braces, replaced by what they stand for."""
        if isinstance(value, str):
            if whole := re.fullmatch(r"\{(\w+)\}", value):
                return self.names[whole[1]]
            return re.sub(
                r"\{([a-z]\w*)\}", lambda name: str(self.names.get(name[1], name[0])), value
            )
        if isinstance(value, Matcher):
            return value.filled(self)
        if isinstance(value, dict):
            return {name: self.filled(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.filled(member) for member in value]
        return value


Step = Callable[[Scene], object]
"""What brings a scene nearer to a situation."""


@dataclass(frozen=True)
class Row:
    """A recorded answer.

    Args:
        id: what it is about, in a few words.
        source: who recorded it, or where it is documented.
        situation: what has happened before.
        operation: the operation by its name in the API; in rows with a ``record``, the event's.
        request: its parameters; None where nobody calls, but KMS does something by itself.
        error: the code and the message that came back.
        answer: the answer that came back; without Some around it, it has no other members.
        record: what CloudTrail has recorded of it.
        event: what EventBridge has been sent; ``operation`` is its detail type.
        region: in which Region it is asked.
        service: of which service.
        spec: a key spec that is new, so that an old botocore or cryptography does not know it.
    """

    id: str
    source: str
    situation: tuple[Step, ...]
    operation: str
    request: Mapping[str, Any] | None = field(default_factory=dict)
    error: tuple[str, Any] | None = None
    answer: Any = None
    record: Any = None
    event: Any = None
    region: str = REGION
    service: str = "kms"
    spec: str | None = None


# What is compared by its form ---------------------------------------------------------------------


class Matcher:
    """Is equal to everything that has a form."""

    def filled(self, scene: Scene) -> Matcher:
        return self

    def __hash__(self) -> int:
        raise TypeError("only compared")


class Like(Matcher):
    """Text that a regular expression matches in whole; names in braces stand for themselves."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def filled(self, scene: Scene) -> Matcher:
        escaped = {name: re.escape(str(value)) for name, value in scene.names.items()}
        return Like(
            re.sub(
                r"\{([a-z]\w*)\}",
                lambda name: escaped.get(name[1], name[0]),
                self.pattern,
            )
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self.pattern, other, re.DOTALL) is not None

    __hash__ = Matcher.__hash__

    def __repr__(self) -> str:
        return f"Like({self.pattern!r})"


class A(Matcher):
    """Any value of a type; of bytes and lists perhaps with a certain length."""

    def __init__(self, kind: type, length: int | None = None) -> None:
        self.kind, self.length = kind, length

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, self.kind):
            return False
        return self.length is None or len(other) == self.length  # type: ignore[arg-type]

    __hash__ = Matcher.__hash__

    def __repr__(self) -> str:
        return f"A({self.kind.__name__}, {self.length})"


class Some(Matcher):
    """A structure that has these members among others, or a list with such entries."""

    def __init__(self, members: Any, *, without: tuple[str, ...] = ()) -> None:
        self.members, self.without = members, without

    def filled(self, scene: Scene) -> Matcher:
        return Some(scene.filled(self.members), without=self.without)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, dict):
            return all(
                name in other and other[name] == value for name, value in self.members.items()
            ) and not any(name in other for name in self.without)
        if isinstance(other, list):
            return all(any(entry == value for entry in other) for value in self.members)
        return False

    __hash__ = Matcher.__hash__

    def __repr__(self) -> str:
        return f"Some({self.members!r}, without={self.without!r})"


class Json(Matcher):
    """A document of JSON with this content."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def filled(self, scene: Scene) -> Matcher:
        return Json(scene.filled(self.content))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(json.loads(other) == self.content)

    __hash__ = Matcher.__hash__

    def __repr__(self) -> str:
        return f"Json({self.content!r})"


class Other(Matcher):
    """Any value but this one."""

    def __init__(self, than: Any) -> None:
        self.than = than

    def filled(self, scene: Scene) -> Matcher:
        return Other(scene.filled(self.than))

    def __eq__(self, other: object) -> bool:
        return bool(other is not None and other != self.than)

    __hash__ = Matcher.__hash__

    def __repr__(self) -> str:
        return f"Other({self.than!r})"
