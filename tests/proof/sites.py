"""Where requests go: a world in this process, as botocore or others send them, or a server."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import requests as http_requests
from botocore.awsrequest import AWSPreparedRequest

from moto_cks import Cks, cks, mock_cks
from moto_cks.server import ThreadedCksServer
from tests.aws import OTHER_REGION, REGION, client, client_of
from tests.proof.furnishing import KINDS, STORED, furnish
from tests.proof.requests import Request
from tests.server.process import post, signed

SIGNING_NAMES = {"kms": "kms", "cloudhsmv2": "cloudhsm"}
PLACEHOLDER = re.compile(r"@([^@\"]+)@")
RAW = re.compile(r"\"@raw ([^@]+)@\"")
Answer = tuple[int, bytes]


class Site(ABC):
    """A world with something of everything in it.

    Attributes:
        names: what placeholders stand for.
    """

    def __init__(self, stack: ExitStack) -> None:
        self.world = self._begin(stack)
        self._clients: dict[tuple[str, str], Any] = {}
        self.names = furnish(self.world, self.client)
        self.keys = {name: self.names[name] for name in (*KINDS, *STORED)}

    @abstractmethod
    def _begin(self, stack: ExitStack) -> Cks:
        """An empty world."""

    def client(self, service: str, region: str = REGION) -> Any:
        """A client to look at the world with."""
        return client(service, region)

    def body(self, request: Request) -> bytes:
        """A request's body without placeholders."""
        raw = RAW.sub(lambda found: json.loads(f'"{found[1]}"'), request.body)
        known = self.names
        return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), raw).encode()

    @abstractmethod
    def send(self, request: Request) -> Answer:
        """Send a request; the status and the body of the answer."""


class Botocore(Site):
    """The way of clients of botocore, behind what those check themselves."""

    def _begin(self, stack: ExitStack) -> Cks:
        return stack.enter_context(mock_cks())

    def send(self, request: Request) -> Answer:
        headers = signed(request.operation, SIGNING_NAMES[request.service])
        url = f"https://{request.service}.{REGION}.amazonaws.com/"
        prepared = AWSPreparedRequest("POST", url, headers, self.body(request), False)
        name = f"before-send.{request.service}.{request.operation}"
        answers = self.client(request.service).meta.events.emit(name, request=prepared)
        (answer,) = [answer for _, answer in answers if answer is not None]
        return answer.status_code, answer.content


class OtherClients(Botocore):
    """The way of clients that are not botocore's."""

    def send(self, request: Request) -> Answer:
        answer = http_requests.post(
            f"https://{request.service}.{REGION}.amazonaws.com/",
            data=self.body(request),
            headers=signed(request.operation, SIGNING_NAMES[request.service]),
        )
        return answer.status_code, answer.content


class Server(Site):
    """moto-cks-server, over HTTP."""

    def _begin(self, stack: ExitStack) -> Cks:
        server = stack.enter_context(ThreadedCksServer(port=0))
        self._host, self._port = server.get_host_and_port()
        cks.reset()
        return cks

    def client(self, service: str, region: str = REGION) -> Any:
        endpoint = f"http://{self._host}:{self._port}"
        if (service, region) not in self._clients:
            self._clients[service, region] = client_of(endpoint, service, region)
        return self._clients[service, region]

    def send(self, request: Request) -> Answer:
        headers = signed(request.operation, SIGNING_NAMES[request.service])
        answer, body = post(self._port, self.body(request), headers)
        return answer.status, body


SITES: dict[str, type[Site]] = {
    "botocore": Botocore,
    "other clients": OtherClients,
    "over HTTP": Server,
}


class Look:
    """What a request could change, as it can be seen: all lists, and the keys and HSMs it names.

    What was seen of something is kept until something has changed.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seen: dict[str, Any] = {}

    def before(self, request: Request) -> None:
        """Look before a request, where nobody has looked since the last change."""
        for name, look in self._looks(request):
            if name not in self._seen:
                self._seen[name] = look()

    def changes(self, request: Request) -> dict[str, tuple[Any, Any]]:
        """What is not as it was before a request."""
        found = {}
        for name, look in self._looks(request):
            now = look()
            if now != self._seen[name]:
                found[name] = (self._seen[name], now)
        return found

    def forget(self) -> None:
        """Something has changed."""
        self._seen.clear()

    def _looks(self, request: Request) -> Iterator[tuple[str, Callable[[], Any]]]:
        kms, cloudhsm = self._site.client("kms"), self._site.client("cloudhsmv2")
        yield "keys", lambda: told(kms.list_keys, Limit=1000)
        yield "aliases", lambda: told(kms.list_aliases)
        if request.service == "kms":
            yield "key stores", lambda: told(kms.describe_custom_key_stores)
        else:
            yield "clusters", lambda: told(cloudhsm.describe_clusters)
            yield "backups", lambda: told(cloudhsm.describe_backups)
            yield (
                "copies",
                lambda: told(self._site.client("cloudhsmv2", OTHER_REGION).describe_backups),
            )
        if request.operation in ("ReplicateKey", "UpdatePrimaryRegion"):
            yield "replicas", lambda: told(self._site.client("kms", OTHER_REGION).list_keys)
        body = self._site.body(request).decode("utf-8", "replace")
        for name, key_id in self._site.keys.items():
            if key_id in body or (name == "symmetric" and "alias/mine" in body):
                yield name, partial(self._look_at_key, key_id)
        for name in ("cluster", "other cluster"):
            if self._site.names[name] in body:
                yield name, partial(self._look_at_hsms, self._site.names[name])

    def _look_at_key(self, key_id: str) -> Any:
        kms = self._site.client("kms")
        try:
            metadata = told(kms.describe_key, KeyId=key_id)
        except kms.exceptions.NotFoundException:
            return None
        looks = (kms.list_grants, kms.list_resource_tags, kms.get_key_policy)
        return metadata, [told(look, KeyId=key_id) for look in looks]

    def _look_at_hsms(self, cluster_id: str) -> Any:
        hsms = self._site.world.cluster(cluster_id).hsms
        return [
            ([(user.name, user.login_failures) for user in hsm.users], list(hsm.keys))
            for hsm in hsms
        ]


def told(call: Any, **parameters: Any) -> Any:
    """What a call answers."""
    answer = call(**parameters)
    del answer["ResponseMetadata"]
    return answer
