"""Which server the console scripts speak to."""

from __future__ import annotations

from collections.abc import Mapping

ENDPOINT = "MOTO_CKS_ENDPOINT"
DEFAULT_ENDPOINT = "http://127.0.0.1:5000"


def endpoint_in(environment: Mapping[str, str]) -> str:
    """The URL of the server that the environment names, or else the one on this machine."""
    return environment.get(ENDPOINT) or DEFAULT_ENDPOINT
