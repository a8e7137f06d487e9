"""A test on trial: the documented failure that the fixture ``cks_failure`` brings about."""

from __future__ import annotations

from functools import cached_property
from types import TracebackType

import pytest

from moto_cks.enums import StrEnum
from moto_cks.failures.errors import UnmetNeedError
from moto_cks.handle.protocols.cks import Cks
from moto_cks.handle.protocols.failures import DocumentedFailure, Happening, tell_of
from moto_cks.handle.protocols.key_store import KeyStore
from moto_cks.pytest_plugin.selection import SEPARATOR


class Phase(StrEnum):
    """How far a test has come with its failure."""

    BEFORE = "before"
    DURING = "during"
    REPAIR = "repair"
    AFTER = "after"


class CksFailure:
    """A documented failure, to be brought about in the middle of a test.

    ``with cks_failure:`` brings it about, and on leaving repairs it as documented.

    Args:
        test: the node ID of the test.
        case: the name of the failure, and of the variant where it is not the first.
        cks: the handle on the world of the test.
        store: the key store that it happens to.

    Attributes:
        name: the name of the failure, one of ``cks.failures``.
        variant: the name of the variant.
        store: the key store.
        phase: how far the test has come.
        end: the exception that left the context, if one did.
    """

    __test__ = False

    def __init__(self, test: str, case: str, cks: Cks, store: KeyStore) -> None:
        self.test = test
        self.case = case
        self.name, _, variant = case.partition(SEPARATOR)
        self.store = store
        self.failure: DocumentedFailure = cks.failures[self.name]
        self.variant = variant or next(iter(self.failure.variants))
        self.phase = Phase.BEFORE
        self.end: BaseException | None = None

    def __repr__(self) -> str:
        return f"<cks_failure {self.case}: {self.failure.title}>"

    @cached_property
    def key_id(self) -> str:
        """The ID of a KMS key in the key store; it is made when it is first asked for."""
        return self.store.create_key()

    def happen(self) -> Happening:
        """Bring the failure about, to all keys of the key store.

        The test is skipped where the failure needs what is not there, as a key.

        Raises:
            Exception: what ``DocumentedFailure.happen`` raises.
        """
        try:
            happening = self.failure.happen(self.store, variant=self.variant)
        except UnmetNeedError as error:
            pytest.skip(str(error))
        self.phase = Phase.DURING
        return happening

    def repair(self) -> None:
        """Repair it as documented, unless that is done.

        Raises:
            Exception: what ``DocumentedFailure.repair`` raises.
        """
        self.phase = Phase.REPAIR
        if self.failure.happens_to(self.store):
            self.failure.repair(self.store)
        self.phase = Phase.AFTER

    def __enter__(self) -> CksFailure:
        self.happen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self.end = error
            tell_of(error)
        self.repair()

    def phase_of(self, error: BaseException | None) -> Phase:
        """In which phase an error came up that ends the test."""
        during = self.end is not None and came_of(error, self.end)
        return Phase.DURING if during else self.phase


def came_of(error: BaseException | None, first: BaseException) -> bool:
    """Whether an error is another one, or came up while that was handled."""
    while error is not None:
        if error is first:
            return True
        error = error.__context__
    return False
