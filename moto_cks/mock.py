"""``mock_cks``: moto's ``mock_aws`` with custom key stores and CloudHSM clusters that behave."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any, TypeVar, cast, overload

from moto import mock_aws
from moto.core.config import DefaultConfig
from moto.core.models import MockAWS

from moto_cks.handle.modes import cks, remote
from moto_cks.handle.protocols.cks import Cks
from moto_cks.world.switch import switch

F = TypeVar("F", bound=Callable[..., Any])


@functools.cache
def _load_plugin() -> None:
    """Load what the switch switches: all services of this package, when one is first needed."""
    from moto_cks import plugin  # noqa: F401, PLC0415


class MockCks(MockAWS):
    """What ``mock_cks`` returns: a decorator and a context manager.

    It is mock_aws plus the plugin. It starts and stops a ``mock_aws`` of its own and leaves all
    counting of nested mocks to that, so the two nest in either order.
    """

    def __init__(self, config: DefaultConfig | None = None) -> None:
        self._mock_aws = mock_aws(config=config)

    def __enter__(self) -> Cks:  # type: ignore[override]
        self.start()
        return cks

    def start(self, reset: bool = True) -> None:
        """Begin to mock; where a mock is on already, this one is nested in it.

        Args:
            reset: as in mock_aws: forget what earlier mocks left, unless this one is nested.
        """
        if not remote():
            _load_plugin()
            switch.enter()
        try:
            self._mock_aws.start(reset=reset)
        except BaseException:
            if not remote():
                switch.leave()
            raise

    def stop(self, remove_data: bool = True) -> None:
        """End the mock; where it is nested, the outer one goes on.

        Args:
            remove_data: as in mock_aws.

        Raises:
            RuntimeError: it was not started.
        """
        if not remote() and not switch.on:
            raise RuntimeError("Called stop() before start().")
        try:
            self._mock_aws.stop(remove_data=remove_data)
        finally:
            if not remote():
                switch.leave()

    def reset(self) -> None:
        """Forget everything, as mock_aws does."""
        self._mock_aws.reset()

    def _decorate_callable(self, func: Any, reset: bool, remove_data: bool) -> Any:
        # mock_aws would stop before a coroutine or generator has begun to run.
        if inspect.iscoroutinefunction(func):
            return self._decorate_coroutine(func, reset, remove_data)
        if inspect.isasyncgenfunction(func):
            return self._decorate_async_generator(func, reset, remove_data)
        if inspect.isgeneratorfunction(func):
            return self._decorate_generator(func, reset, remove_data)
        return super()._decorate_callable(func, reset, remove_data)

    def _decorate_coroutine(
        self, func: Callable[..., Awaitable[Any]], reset: bool, remove_data: bool
    ) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(func)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            self.start(reset=reset)
            try:
                return await func(*args, **kwargs)
            finally:
                self.stop(remove_data=remove_data)

        return wrapper

    def _decorate_generator(
        self, func: Callable[..., Iterator[Any]], reset: bool, remove_data: bool
    ) -> Callable[..., Iterator[Any]]:
        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Iterator[Any]:
            self.start(reset=reset)
            try:
                return (yield from func(*args, **kwargs))
            finally:
                self.stop(remove_data=remove_data)

        return wrapper

    def _decorate_async_generator(
        self, func: Callable[..., Any], reset: bool, remove_data: bool
    ) -> Callable[..., AsyncIterator[Any]]:
        @functools.wraps(func)
        async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            self.start(reset=reset)
            try:
                async with aclosing(func(*args, **kwargs)) as items:
                    async for item in items:
                        yield item
            finally:
                self.stop(remove_data=remove_data)

        return wrapper


@overload
def mock_cks(func: F) -> F: ...


@overload
def mock_cks(func: None = None, *, config: DefaultConfig | None = None) -> MockCks: ...


def mock_cks(func: F | None = None, *, config: DefaultConfig | None = None) -> F | MockCks:
    """Mock AWS, with custom key stores and CloudHSM clusters that fail and recover as documented.

    It is used as moto's ``mock_aws``: ``@mock_cks`` on a function, coroutine, generator (a pytest
    fixture), method, class or ``unittest.TestCase``; ``with mock_cks() as cks:``; or
    ``.start()`` and ``.stop()``. All of moto's services work inside.

    Args:
        func: what to decorate.
        config: as in ``mock_aws``.

    Returns:
        The decorated callable or class; without ``func`` a decorator and context manager, whose
        value in a ``with`` statement is ``moto_cks.cks``.
    """
    if func is not None:
        return cast(F, MockCks()(func))
    return MockCks(config)
