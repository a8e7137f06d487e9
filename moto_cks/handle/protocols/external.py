"""The way to a proxy outside of the simulated world."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager


class XksRoute(AbstractContextManager["XksRoute"]):
    """A way to an external key store proxy of one's own, which ``Cks.route_xks`` has made.

    It need not be kept. As a context manager it ends on leaving.

    Attributes:
        endpoint: the XksProxyUriEndpoint that it stands for.
        to: the address to which it leads, as ``127.0.0.1:8443``.
    """

    def __init__(self, endpoint: str, to: str) -> None:
        self.endpoint = endpoint
        self.to = to

    def __repr__(self) -> str:
        return f"<XksRoute {self.endpoint} to {self.to}>"

    @abstractmethod
    def end(self) -> None:
        """Have it no longer: nobody has that endpoint then.

        A second time, or after the end of its world, that does nothing.
        """

    def __enter__(self) -> XksRoute:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.end()
