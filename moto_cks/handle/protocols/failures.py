"""``cks.failures``: the documented failures as the tests see them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, overload

from moto_cks.handle.protocols.handles import key_store_id_of

if TYPE_CHECKING:
    from moto_cks.failures.expectations import Refusal, Seen
    from moto_cks.failures.instructions import Instruction
    from moto_cks.failures.shapes import Case, Failure, Need, Part, Since
    from moto_cks.handle.protocols.key_store import KeyStore
    from moto_cks.kms.keystores.connection import ConnectionErrorCode


LEFT_BY_ERROR: list[Callable[[BaseException], None]] = []
"""Who is told that an error leaves a failure, before the repair takes away what is wrong."""


def tell_of(error: BaseException) -> None:
    """Tell of an error that leaves a failure."""
    for tell in LEFT_BY_ERROR:
        tell(error)


@dataclass(frozen=True)
class Happening(AbstractContextManager["Happening"]):
    """A failure that happens to a key store. A context manager; leaving it repairs.

    Attributes:
        failure: the documented failure.
        variant: the name of the variant.
        key_store_id: the custom key store ID.
        key_ids: the keys that it is about.
        since: when it was brought about, an aware datetime in UTC.
        refusals: what calls of the cause were refused with, by operation.
    """

    failure: DocumentedFailure
    variant: str
    key_store_id: str
    key_ids: tuple[str, ...]
    since: datetime
    refusals: Mapping[str, Refusal]

    def repair(self) -> None:
        """Repair it; see ``DocumentedFailure.repair``."""
        self.failure.repair(self.key_store_id)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            tell_of(error)
        # Somebody may have repaired it already, and a reset of moto forgets it.
        if self.failure.happens_to(self.key_store_id):
            self.repair()


class Steps(Sequence["Instruction"]):
    """The steps of a repair, with placeholders; called with a key store, with its values."""

    def __init__(self, failure: DocumentedFailure, documented: Sequence[Instruction]) -> None:
        self._failure = failure
        self._documented = documented

    @overload
    def __getitem__(self, index: int) -> Instruction: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Instruction]: ...

    def __getitem__(self, index: int | slice) -> Instruction | Sequence[Instruction]:
        return self._documented[index]

    def __len__(self) -> int:
        return len(self._documented)

    def __call__(
        self, store: KeyStore | str, *, variant: str | None = None
    ) -> tuple[Instruction, ...]:
        """The steps for a key store, with the values of placeholders that are known.

        The password of the crypto officer is not filled in. What a step gives, as the ID of a new
        cluster, is known when ``DocumentedFailure.carry_out`` has done it.

        Args:
            store: the key store, or its ID.
            variant: of which variant; by default the one that happens to the key store, or else
                the first.

        Raises:
            ValueError: there is no such variant.
            KeyError: there is no such key store in any account and Region.
        """
        return self._failure.instructions(store, variant=variant)

    def __repr__(self) -> str:
        names = ", ".join(instruction.name for instruction in self)
        return f"<Steps of {self._failure.name}: {names}>"


class DocumentedFailure(ABC):
    """A documented failure: what it is, and what can be done with it.

    AWS KMS Developer Guide, "Troubleshooting a custom key store":
    https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
    """

    def __init__(self, definition: Failure) -> None:
        self._definition = definition

    def __repr__(self) -> str:
        return f"<DocumentedFailure {self.name}: {self.title}>"

    @property
    def name(self) -> str:
        """What it is called."""
        return self._definition.name

    @property
    def title(self) -> str:
        """What has happened, in a few words."""
        return self._definition.title

    @property
    def cause(self) -> str:
        """What brings it about where no variant is named, in a sentence."""
        return self._definition.case().cause

    @property
    def variants(self) -> Mapping[str, Case]:
        """The ways in which it is brought about, the default one first.

        Each with its ``cause``, ``needs``, ``seen`` and ``instructions``.
        """
        return self._definition.cases

    @property
    def anchor(self) -> str:
        """The section of AWS's page."""
        return self._definition.anchor

    @property
    def page(self) -> str:
        """The section of AWS's page, as a URL."""
        return self._definition.page

    @property
    def rows(self) -> tuple[str, ...]:
        """The behaviours that it rests on; see "Every behaviour and its tests"."""
        return self._definition.rows

    @property
    def since(self) -> Since:
        """From when on it is seen."""
        return self._definition.since

    @property
    def seen(self) -> Seen:
        """What is seen of it: states, what calls are refused, what CloudTrail records."""
        return self._definition.case().seen

    @property
    def steps(self) -> Steps:
        """The steps of the documented repair.

        A sequence, with placeholders such as ``<store>``; ``steps(store)`` fills them in.
        """
        return Steps(self, self._definition.case().instructions)

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be there before it can be brought about."""
        return self._definition.case().needs

    @property
    def touches(self) -> frozenset[Part]:
        """What it changes; two that touch different things can happen at the same time."""
        return self._definition.touches

    @property
    def recoverable(self) -> bool:
        """Whether it can be repaired."""
        return self._definition.recoverable

    @property
    def decided_by(self) -> ConnectionErrorCode | str | None:
        """The ConnectionErrorCode or the name of the check by which KMS comes upon it."""
        return self._definition.decided_by

    def rests_on(self, rows: Iterable[str]) -> bool:
        """Whether it rests on one of these behaviours; see ``Failures.where``."""
        return self._definition.rests_on(rows)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return self._definition.to_dict()

    @abstractmethod
    def happen(
        self, store: KeyStore | str, *, variant: str | None = None, key: str | None = None
    ) -> Happening:
        """Bring it about, by what a person would do.

        What it needs is seen to where that goes, as a backup. Something is encrypted with each key
        before, to prove the repair. While it is brought about, states change at once, whatever
        moto's state transitions say.

        Args:
            store: a key store, or its ID.
            variant: the name of a variant; by default the first.
            key: the only key that it is about: its ID, ARN or alias; by default all keys of the
                key store that are not pending deletion.

        Returns:
            What happens, as a context manager: leaving it repairs.

        Raises:
            ValueError: there is no such variant, or the key is in another key store.
            UnmetNeedError: a ValueError whose ``missing`` says what is missing, as a key. Nothing
                was done.
            KeyError: there is no such key store in any account and Region, or no such key.
            RuntimeError: the mock is not on.
        """

    @abstractmethod
    def repair(self, store: KeyStore | str, *, variant: str | None = None) -> None:
        """Repair it, by the documented steps as calls, and put back what else the cause changed.

        What is so already stays as it is, so somebody may have begun. Two failures of one key
        store are repaired one after the other: what is seen then is the other one.

        Args:
            store: the key store, or its ID.
            variant: the variant that has to be the one that happens, if that matters.

        Raises:
            ValueError: there is no such variant.
            UnmetNeedError: a ValueError: it does not happen to the key store.
            KeyError: there is no such key store in any account and Region.
            RuntimeError: the steps were no repair: something else is wrong. Or the mock is not on.
            botocore.exceptions.ClientError, HsmError: what a step is refused with.
        """

    @abstractmethod
    def carry_out(self, store: KeyStore | str, number: int) -> bool:
        """Carry out one step of the repair; with the last one it is over.

        Args:
            store: the key store, or its ID.
            number: which step, from 1.

        Returns:
            Whether it is over.

        Raises:
            ValueError: there is no such step.
            Exception: what ``repair`` raises.
        """

    @abstractmethod
    def instructions(
        self, store: KeyStore | str, *, variant: str | None = None
    ) -> tuple[Instruction, ...]:
        """The steps for a key store; see ``Steps.__call__``."""

    @abstractmethod
    def happens_to(self, store: KeyStore | str) -> bool:
        """Whether it happens to a key store now."""


class Failures(Mapping[str, DocumentedFailure]):
    """The documented failures by name, in the order of AWS's page (``cks.failures``)."""

    @property
    @abstractmethod
    def _by_name(self) -> Mapping[str, DocumentedFailure]:
        """The table."""

    def __getitem__(self, name: str) -> DocumentedFailure:
        if name not in self._by_name:
            near = get_close_matches(str(name).lower().replace("_", "-"), self._by_name)
            meant = f", but {' and '.join(near)}" if near else ""
            raise KeyError(f"There is no documented failure {name!r}{meant}")
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"<{len(self)} documented failures>"

    def where(
        self,
        *,
        rows: str | Iterable[str] | None = None,
        since: Since | str | None = None,
        recoverable: bool | None = None,
    ) -> Mapping[str, DocumentedFailure]:
        """Some of the failures, by name.

        Args:
            rows: those that rest on one of these behaviours, as ``C5.8``; ``C5`` and ``C`` are all
                of those.
            since: those that are seen ``at once``, at the ``next connect``, at the ``next use`` or
                ``after the waiting period``.
            recoverable: those that can be repaired, or those that cannot.

        Raises:
            ValueError: there is no such ``since``.
        """
        from moto_cks.failures.shapes import Since  # noqa: PLC0415 - with the table

        wanted = None if since is None else Since(since)
        beginnings = (rows,) if isinstance(rows, str) else rows
        chosen = None if beginnings is None else tuple(beginnings)
        return MappingProxyType(
            {
                name: failure
                for name, failure in self.items()
                if wanted in (None, failure.since)
                and recoverable in (None, failure.recoverable)
                and (chosen is None or failure.rests_on(chosen))
            }
        )

    @abstractmethod
    def happening(self) -> list[Happening]:
        """What happens now to all key stores, in the order in which it was brought about."""


def id_of(store: KeyStore | str) -> str:
    """The ID of a key store.

    Raises:
        TypeError: it is none of what stands for one.
        RuntimeError: the handle is of a world that is over.
    """
    return key_store_id_of(store)
