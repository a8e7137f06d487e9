"""The handle on a cluster in another process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto_cks.handle.protocols.cluster import Cluster, HsmHandle
from moto_cks.handle.remote.wire import Wire, given
from moto_cks.hsm import KeyObject, KeyTemplate, User, UserType, UserTypeName
from moto_cks.hsm.policies import LevelName, Policies, Service, ServiceName

_Hsms = Iterable[HsmHandle | str] | None


def _ids(hsms: _Hsms) -> list[str] | None:
    return None if hsms is None else [hsm if isinstance(hsm, str) else hsm.id for hsm in hsms]


class RemoteHsmHandle(HsmHandle):
    """One HSM of a cluster; see :class:`moto_cks.handle.protocols.cluster.HsmHandle`."""

    def __init__(self, wire: Wire, cluster_id: str, shown: dict[str, Any]) -> None:
        super().__init__(shown["id"], shown["eni_ip"], shown["availability_zone"])
        self._wire = wire
        self._cluster_id = cluster_id

    def _shown(self, what: str) -> list[dict[str, Any]]:
        hsms = self._wire.get("clusters", self._cluster_id)["hsms"]
        # An HSM that has left the cluster shows nothing any more.
        return next((hsm[what] for hsm in hsms if hsm["id"] == self.id), [])

    @property
    def users(self) -> tuple[User, ...]:
        return tuple(
            User(
                id=user["id"],
                type=UserType(user["type"]),
                name=user["name"],
                login_failures=user["login_failures"],
                two_factor=user["two_factor"],
            )
            for user in self._shown("users")
        )

    @property
    def keys(self) -> tuple[KeyObject, ...]:
        """Its keys now; their values stay in the server, so nothing can be done with them here."""
        return tuple(
            KeyObject(
                handle=key["handle"],
                label=key["label"],
                owner=key["owner"],
                template=KeyTemplate(**key["template"]),
                key_id=key["key_id"],
                shared_with=frozenset(key["shared_with"]),
                _value=b"",
            )
            for key in self._shown("keys")
        )

    @property
    def policies(self) -> Policies:
        hsms = self._wire.get("clusters", self._cluster_id)["hsms"]
        shown = next((hsm["policies"] for hsm in hsms if hsm["id"] == self.id), None)
        if shown is None:
            return Policies()
        return Policies(
            {Service(name): value for name, value in shown["quorums"].items()},
            {int(number): pem for number, pem in shown["trust_anchors"].items()},
            shown["mtls_enforced"],
        )


class RemoteSession:
    """A login that a server keeps."""

    def __init__(self, wire: Wire, cluster_id: str, user_type: UserType, name: str, id_: str):
        self.user_type = user_type
        self.name = name
        self._wire = wire
        self._cluster_id = cluster_id
        self._id: str | None = id_

    def __repr__(self) -> str:
        return f"<RemoteSession of {self.user_type.value} {self.name} on {self._cluster_id}>"

    def __enter__(self) -> RemoteSession:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.logout()

    def logout(self) -> None:
        """Log out of every HSM, for good; a second time does nothing."""
        if self._id is None:
            return
        login_id, self._id = self._id, None
        try:
            self._wire.delete("clusters", self._cluster_id, "logins", login_id)
        except (KeyError, RuntimeError):
            return  # a reset of moto has ended it


class RemoteCluster(Cluster):
    """A cluster; see :class:`moto_cks.handle.protocols.cluster.Cluster`."""

    def __init__(self, wire: Wire, shown: dict[str, Any]) -> None:
        super().__init__(shown["id"], shown["account_id"], shown["region"])
        self._wire = wire.of_this_world(f"Cluster {self.id}")
        self._path = ("clusters", self.id)

    def require_world(self) -> None:
        self._wire.require_world()

    def _now(self) -> dict[str, Any]:
        shown: dict[str, Any] = self._wire.get(*self._path)
        return shown

    @property
    def trust_anchor(self) -> str | None:
        anchor: str | None = self._now()["trust_anchor"]
        return anchor

    @property
    def admin_password(self) -> str | None:
        password: str | None = self._wire.get(*self._path, "admin-password")["admin_password"]
        return password

    @property
    def vpc_id(self) -> str:
        return str(self._now()["vpc_id"])

    @property
    def subnet_ids(self) -> list[str]:
        return list(self._now()["subnet_ids"])

    @property
    def hsms(self) -> list[HsmHandle]:
        return [RemoteHsmHandle(self._wire, self.id, hsm) for hsm in self._now()["hsms"]]

    def replace_hsm(self, hsm: HsmHandle | str, *, failed: bool = False) -> HsmHandle:
        hsm_id = hsm if isinstance(hsm, str) else hsm.id
        new = self._wire.post(*self._path, "hsms", hsm_id, "replace", body={"failed": failed})
        return RemoteHsmHandle(self._wire, self.id, new)

    def sign_csr(self) -> tuple[str, str]:
        signed = self._wire.post(*self._path, "sign-csr")
        return signed["signed_certificate"], signed["trust_anchor"]

    def activate(self, admin_password: str) -> None:
        self._wire.post(*self._path, "activate", body={"admin_password": admin_password})

    def create_user(
        self,
        user_type: UserType | UserTypeName,
        name: str,
        password: str,
        *,
        hsms: _Hsms = None,
        two_factor: bool = False,
    ) -> None:
        body = given(name=name, password=password, hsms=_ids(hsms), two_factor=two_factor)
        self._wire.post(*self._path, "users", body={"user_type": UserType(user_type).value, **body})

    def change_password(
        self, user_type: UserType | UserTypeName, name: str, password: str, *, hsms: _Hsms = None
    ) -> None:
        self._wire.put(
            *self._user(user_type, name),
            "password",
            body=given(password=password, hsms=_ids(hsms)),
        )

    def delete_user(
        self, user_type: UserType | UserTypeName, name: str, *, hsms: _Hsms = None
    ) -> None:
        self._wire.delete(*self._user(user_type, name), query=given(hsms=_ids(hsms)))

    def _user(self, user_type: UserType | UserTypeName, name: str) -> tuple[str, ...]:
        return (*self._path, "users", UserType(user_type).value, name)

    def login(  # type: ignore[override]
        self, user_type: UserType | UserTypeName, name: str, password: str, *, hsms: _Hsms = None
    ) -> RemoteSession:
        """Log in as a tool does; the login stays in the server, and can only be ended here."""
        kind = UserType(user_type)
        body = given(user_type=kind.value, name=name, password=password, hsms=_ids(hsms))
        login_id = self._wire.post(*self._path, "logins", body=body)["id"]
        return RemoteSession(self._wire, self.id, kind, name, login_id)

    def set_quorum_value(self, service: ServiceName, value: int, *, hsms: _Hsms = None) -> None:
        body = given(value=value, hsms=_ids(hsms))
        self._wire.put(*self._path, "quorum-values", Service(service).value, body=body)

    def register_trust_anchor(self, certificate: str, *, hsms: _Hsms = None) -> int:
        body = given(certificate=certificate, hsms=_ids(hsms))
        return int(self._wire.post(*self._path, "trust-anchors", body=body)["reference"])

    def set_mtls_enforcement(self, level: LevelName, *, hsms: _Hsms = None) -> None:
        body = given(level=level, hsms=_ids(hsms))
        self._wire.put(*self._path, "mtls-enforcement", body=body)

    def key_of(self, key_id: str) -> int:
        found = self._wire.get(*self._path, "key-handle", query={"key_id": key_id})
        return int(found["handle"])

    def delete_key(self, handle: int, *, hsms: _Hsms = None) -> None:
        self._wire.delete(*self._path, "keys", str(handle), query=given(hsms=_ids(hsms)))
