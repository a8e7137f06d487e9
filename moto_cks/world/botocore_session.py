"""The botocore session of this package: one in a process.

Each session reads the endpoints and every service model for itself, and looks through 400 folders
for them. That takes longer than all calls that a cluster needs.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import botocore.session
from botocore.loaders import Loader, create_loader
from botocore.model import ServiceModel

from moto_cks.world.lock import WORLD

ENDPOINTS_BY_NAME = frozenset({"ec2"})
"""Services with a long service model whose endpoints are listed under their own name."""


class _Session(botocore.session.Session):  # type: ignore[misc]
    def get_scoped_config(self) -> dict[str, Any]:
        # The user's settings are for the user's clients, and the user's profile need not exist.
        return {}

    def get_service_data(self, service_name: str, api_version: str | None = None) -> Any:
        # botocore asks for it to list Regions, and wants to know no more than this.
        if service_name in ENDPOINTS_BY_NAME:
            return {"metadata": {"endpointPrefix": service_name}}
        return super().get_service_data(service_name, api_version)


@functools.cache
def _loader() -> Loader:
    return create_loader(os.environ.get("AWS_DATA_PATH"))


@functools.cache
def shared_session() -> botocore.session.Session:
    """One session of botocore for all of this package.

    It has nothing from the user's configuration, and credentials that are nobody's: a test may have
    been told not to mock those.
    """
    session = _Session()
    session.register_component("data_loader", _loader())
    session.set_credentials("testing", "testing")
    session.get_available_partitions()  # read here: later, two threads could be at it at once
    return session


@functools.cache
def service_model(service_name: str) -> ServiceModel:
    """The service model of botocore, without what moto adds to it for itself.

    Args:
        service_name: as botocore calls the service.

    Raises:
        botocore.exceptions.UnknownServiceError: botocore has no such service.
    """
    return ServiceModel(_loader().load_service_model(service_name, "service-2"), service_name)


@contextmanager
def shared_with_moto() -> Iterator[None]:
    """While moto makes sessions in this thread, each is this one.

    moto lists the Regions of services by sessions of its own: by one that it makes when the first
    service is used, and by three while its EC2 is imported. The lists are the same.
    """
    thread = threading.get_ident()
    make = botocore.session.get_session

    def get_session(*args: Any, **kwargs: Any) -> botocore.session.Session:
        mine = threading.get_ident() == thread
        return shared_session() if mine else make(*args, **kwargs)

    with WORLD, patch.object(botocore.session, "get_session", get_session):
        yield
