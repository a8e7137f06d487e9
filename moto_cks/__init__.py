"""A plugin for moto: AWS KMS custom key stores and CloudHSM clusters that behave as documented.

The names are loaded when they are asked for: a test file that only imports them costs hardly more
than moto does, and the console scripts need none of them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moto_cks.failures.errors import UnmetNeedError
    from moto_cks.handle.modes import cks
    from moto_cks.handle.protocols.cks import Cks
    from moto_cks.handle.protocols.cluster import Cluster, HsmHandle
    from moto_cks.handle.protocols.explanation import Explanation, Reason
    from moto_cks.handle.protocols.external import XksRoute
    from moto_cks.handle.protocols.failures import DocumentedFailure, Happening
    from moto_cks.handle.protocols.faults import Fault
    from moto_cks.handle.protocols.key_store import ExternalKeyStore, KeyStore
    from moto_cks.handle.protocols.snapshots import Snapshot, UnsavedServicesWarning
    from moto_cks.hsm import HsmError, ReturnCode, UserType
    from moto_cks.mock import mock_cks
    from moto_cks.pytest_plugin.server import CksServer
    from moto_cks.pytest_plugin.trial import CksFailure
    from moto_cks.tools.turns import RunningTool
    from moto_cks.xks_proxy.proxy import XksProxy

__all__ = [
    "Cks",
    "CksFailure",
    "CksServer",
    "Cluster",
    "DocumentedFailure",
    "Explanation",
    "ExternalKeyStore",
    "Fault",
    "Happening",
    "HsmError",
    "HsmHandle",
    "KeyStore",
    "Reason",
    "ReturnCode",
    "RunningTool",
    "Snapshot",
    "UnmetNeedError",
    "UnsavedServicesWarning",
    "UserType",
    "XksProxy",
    "XksRoute",
    "cks",
    "mock_cks",
]

__version__ = "0.5.0.dev0"

_HOMES = {
    "Cks": ("moto_cks.handle.protocols.cks", "Cks"),
    "CksFailure": ("moto_cks.pytest_plugin.trial", "CksFailure"),
    "CksServer": ("moto_cks.pytest_plugin.server", "CksServer"),
    "Cluster": ("moto_cks.handle.protocols.cluster", "Cluster"),
    "DocumentedFailure": ("moto_cks.handle.protocols.failures", "DocumentedFailure"),
    "Explanation": ("moto_cks.handle.protocols.explanation", "Explanation"),
    "ExternalKeyStore": ("moto_cks.handle.protocols.key_store", "ExternalKeyStore"),
    "Fault": ("moto_cks.handle.protocols.faults", "Fault"),
    "Happening": ("moto_cks.handle.protocols.failures", "Happening"),
    "HsmError": ("moto_cks.hsm", "HsmError"),
    "HsmHandle": ("moto_cks.handle.protocols.cluster", "HsmHandle"),
    "KeyStore": ("moto_cks.handle.protocols.key_store", "KeyStore"),
    "Reason": ("moto_cks.handle.protocols.explanation", "Reason"),
    "ReturnCode": ("moto_cks.hsm", "ReturnCode"),
    "RunningTool": ("moto_cks.tools.turns", "RunningTool"),
    "Snapshot": ("moto_cks.handle.protocols.snapshots", "Snapshot"),
    "UnmetNeedError": ("moto_cks.failures.errors", "UnmetNeedError"),
    "UnsavedServicesWarning": (
        "moto_cks.handle.protocols.snapshots",
        "UnsavedServicesWarning",
    ),
    "UserType": ("moto_cks.hsm", "UserType"),
    "XksProxy": ("moto_cks.xks_proxy.proxy", "XksProxy"),
    "XksRoute": ("moto_cks.handle.protocols.external", "XksRoute"),
    "cks": ("moto_cks.handle.modes", "cks"),
    "mock_cks": ("moto_cks.mock", "mock_cks"),
}
"""Where each name is, as the imports above say it to type checkers."""

if not TYPE_CHECKING:  # or a type checker would take every name for one of these

    def __getattr__(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415

        if name == "cloudtrail":  # moto_cks.cloudtrail.event_bus.MissingTrailWarning
            import_module("moto_cks.cloudtrail.event_bus")
            return import_module("moto_cks.cloudtrail")
        if name == "cloudhsmv2":  # moto_cks.cloudhsmv2.settings.RetiredHsmTypeWarning
            import_module("moto_cks.cloudhsmv2.settings")
            return import_module("moto_cks.cloudhsmv2")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, original = _HOMES[name]
        value = globals()[name] = getattr(import_module(module), original)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
