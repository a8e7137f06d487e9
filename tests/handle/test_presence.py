"""Handles of a world that is over, and ``cks`` outside of the mock, say so and do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
import requests
from moto import mock_aws

from moto_cks import Cks, KeyStore, cks, mock_cks
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client
from tests.kms import restore

OVER = "is of a world that is over: since then moto was reset, or the mock has ended"
OFF = "mock_cks is not on in this process"


class Handles:
    """A handle of every kind."""

    def __init__(self, world: Cks, **where: str) -> None:
        self.store: Any = world.create_key_store(connect=False, **where)
        self.key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
        self.cluster: Any = self.store.cluster
        self.hsm = self.cluster.hsms[0]
        self.session: Any = self.cluster.login("CU", "kmsuser", "kmsPswd1")
        self.tools: list[Any] = [
            world.cloudhsm_mgmt_util(self.cluster),
            world.key_mgmt_util(self.cluster),
            world.cloudhsm_cli(self.cluster),
        ]
        self.outage: Any = world.faults.unreachable(self.cluster)
        with self.outage:
            pass


USES: dict[str, Callable[[Handles], object]] = {
    "store.name": lambda h: h.store.name,
    "store.cluster": lambda h: h.store.cluster,
    "store.create_key": lambda h: h.store.create_key(),
    "cluster.trust_anchor": lambda h: h.cluster.trust_anchor,
    "cluster.admin_password": lambda h: h.cluster.admin_password,
    "cluster.vpc_id": lambda h: h.cluster.vpc_id,
    "cluster.subnet_ids": lambda h: h.cluster.subnet_ids,
    "cluster.hsms": lambda h: h.cluster.hsms,
    "cluster.sign_csr": lambda h: h.cluster.sign_csr(),
    "cluster.activate": lambda h: h.cluster.activate("adminPswd1"),
    "cluster.create_user": lambda h: h.cluster.create_user("CU", "other", "userPswd1"),
    "cluster.change_password": lambda h: h.cluster.change_password("CU", "kmsuser", "userPswd1"),
    "cluster.delete_user": lambda h: h.cluster.delete_user("CU", "kmsuser"),
    "cluster.login": lambda h: h.cluster.login("CU", "kmsuser", "kmsPswd1"),
    "cluster.key_of": lambda h: h.cluster.key_of(h.key_id),
    "cluster.delete_key": lambda h: h.cluster.delete_key(1),
    "hsm.users": lambda h: h.hsm.users,
    "hsm.keys": lambda h: h.hsm.keys,
    "session.find_keys": lambda h: h.session.find_keys(),
    "session.sessions": lambda h: h.session.sessions(),
    "session.random": lambda h: h.session.random(8),
    "cloudhsm_mgmt_util": lambda h: h.tools[0].run("listUsers"),
    "key_mgmt_util": lambda h: h.tools[1].run("listUsers"),
    "cloudhsm_cli": lambda h: h.tools[2].run("user list"),
    "cloudhsm_cli single": lambda h: h.tools[2].run_single(["user", "list"]),
    "unreachable": lambda h: h.outage.__enter__(),
}
"""What is done with handles."""

INTO_CKS: dict[str, Callable[[Handles], object]] = {
    "cluster(store)": lambda h: cks.cluster(h.store),
    "cluster(cluster)": lambda h: cks.cluster(h.cluster),
    "explain(store)": lambda h: cks.explain(h.store),
    "explain(cluster)": lambda h: cks.explain(h.cluster),
    "key_mgmt_util(cluster)": lambda h: cks.key_mgmt_util(h.cluster),
    "create_key_store(cluster)": lambda h: cks.create_key_store(cluster=h.cluster),
    "faults.unreachable(cluster)": lambda h: cks.faults.unreachable(h.cluster),
    "faults.pkcs11_sessions_exhausted(store)": lambda h: cks.faults.pkcs11_sessions_exhausted(
        h.store
    ),
    "faults.hsms_busy(cluster)": lambda h: cks.faults.hsms_busy(h.cluster),
    "faults.connection_error(key_store)": lambda h: cks.faults.connection_error(
        "INTERNAL_ERROR", key_store=h.store
    ),
}
"""Handles that are given to ``cks``."""


def made_in_another_mock() -> Handles:
    with mock_cks() as world:
        return Handles(world)


@pytest.fixture
def old() -> Iterator[Handles]:
    """Handles that were made in an earlier mock than the one that is on."""
    handles = made_in_another_mock()
    with mock_cks():
        yield handles


def nothing_has_happened() -> bool:
    return len(cks.timeline) == 0 and cks.trail.events() == []


@pytest.mark.parametrize("use", [*USES, *INTO_CKS])
def test_a_handle_that_was_made_in_an_earlier_mock(old: Handles, use: str) -> None:
    with pytest.raises(RuntimeError, match=OVER):
        {**USES, **INTO_CKS}[use](old)
    assert nothing_has_happened()


RESETS: dict[str, Callable[[], object]] = {
    "cks": cks.reset,
    "mock_cks": lambda: mock_cks().reset(),
    "mock_aws": lambda: mock_aws().reset(),
    "HTTP": lambda: requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5),
}


@pytest.mark.parametrize("reset", RESETS)
def test_handles_that_were_made_before_a_reset(reset: str) -> None:
    with mock_cks() as world:
        handles = Handles(world)
        assert handles.store.create_key is not None
        for _ in range(2):
            RESETS[reset]()
            for name, use in {**USES, **INTO_CKS}.items():
                with pytest.raises(RuntimeError, match=OVER):
                    pytest.fail(f"{name} answers {use(handles)!r}")
            assert nothing_has_happened()


@pytest.mark.parametrize("use", [*USES, *INTO_CKS])
def test_a_handle_outside_of_the_mock(use: str) -> None:
    handles = made_in_another_mock()
    with pytest.raises(RuntimeError, match=OFF):
        {**USES, **INTO_CKS}[use](handles)


def test_a_handle_outside_of_the_mock_makes_no_key_in_moto() -> None:
    handles = made_in_another_mock()
    with mock_aws():
        with pytest.raises(RuntimeError, match=OFF):
            handles.store.create_key()
        assert boto3.client("kms", region_name="us-east-1").list_keys()["Keys"] == []


def test_what_it_is_called_it_keeps() -> None:
    handles = made_in_another_mock()
    store, cluster, hsm = handles.store, handles.cluster, handles.hsm
    assert repr(store) == f"<KeyStore {store.id} 'ExampleKeyStore'>"
    assert (store.region, store.account_id) == (cluster.region, cluster.account_id)
    assert repr(cluster) == f"<Cluster {cluster.id} in us-east-1>"
    assert repr(hsm) == f"<HSM {hsm.id} at {hsm.eni_ip}>"
    for handle in (handles.session, handles.outage, *handles.tools):
        assert repr(handle)


def test_what_is_open_can_be_closed_and_tells_the_next_world_nothing(old: Handles) -> None:
    with old.session:
        pass
    old.session.logout()
    for tool in old.tools:
        with tool:
            tool.abandon()
        tool.close()
    assert nothing_has_happened()


def test_a_login_in_a_tool_of_an_earlier_world_tells_the_next_one_nothing() -> None:
    with mock_cks() as world:
        cluster = world.create_cluster()
        tool = world.key_mgmt_util(cluster)
        assert "success" in tool.run("loginHSM -u CU -s kmsuser -p kmsPswd1").lower()
        cks.reset()
        tool.close()
        assert nothing_has_happened()


def test_a_question_of_an_earlier_world_is_not_answered() -> None:
    with mock_cks() as world:
        cluster = world.create_cluster()
        tool = world.cloudhsm_mgmt_util(cluster)
        tool.run(f"loginHSM CO admin {cluster.admin_password}")
        assert tool.begin("changePswd CU kmsuser tempPassword").question is not None
        cks.reset()
        with pytest.raises(RuntimeError, match=OVER):
            tool.answer("y")
        assert nothing_has_happened()


@pytest.mark.parametrize("outer", [mock_cks, mock_aws])
def test_handles_of_one_world_work_in_all_its_mocks(outer: Any) -> None:
    with outer():
        with mock_cks() as world:
            handles = Handles(world)
        with mock_cks():
            assert handles.cluster.hsms[0].users
            assert handles.store.name == "ExampleKeyStore"


def test_handles_of_a_world_that_is_kept_work_again() -> None:
    mock = mock_cks()
    mock.start()
    handles = Handles(cks)
    mock.stop(remove_data=False)
    with pytest.raises(RuntimeError, match=OFF):
        handles.cluster.hsms  # noqa: B018
    mock.start(reset=False)
    assert len(handles.cluster.hsms) == 2
    mock.stop()


def test_handles_of_another_account_and_region() -> None:
    where = {"region": OTHER_REGION, "account_id": OTHER_ACCOUNT}
    with mock_cks() as world:
        handles = Handles(world, **where)
        assert handles.cluster.subnet_ids
        cks.reset()
        again = Handles(world, **where)
        with pytest.raises(RuntimeError, match=OVER):
            handles.cluster.subnet_ids  # noqa: B018
        assert again.cluster.subnet_ids


# cks.reset --------------------------------------------------------------------------------------


def test_reset_makes_a_fresh_world() -> None:
    with mock_cks() as world:
        start = world.clock.now()
        store = world.create_key_store()
        store.create_key()
        client("s3").create_bucket(Bucket="bucket")
        world.faults.fail("ListKeys", "KMSInternalException", times=None)
        world.clock.advance(days=30)
        world.reset()
        assert nothing_has_happened()
        assert client("kms").list_keys()["Keys"] == []
        assert client("cloudhsmv2").describe_clusters()["Clusters"] == []
        assert client("s3").list_buckets()["Buckets"] == []
        assert world.clock.now() - start < timedelta(days=1)
        assert world.create_key_store().create_key()


# cks outside of the mock --------------------------------------------------------------------------

OUTSIDE: dict[str, Callable[[], object]] = {
    "create_cluster": cks.create_cluster,
    "create_key_store": cks.create_key_store,
    "create_key": cks.create_key,
    "cluster": lambda: cks.cluster("cluster-abcdefghijk"),
    "key_store": lambda: cks.key_store("cks-1234567890abcdef0"),
    "cloudhsm_mgmt_util": lambda: cks.cloudhsm_mgmt_util("cluster-abcdefghijk"),
    "key_mgmt_util": lambda: cks.key_mgmt_util("cluster-abcdefghijk"),
    "cloudhsm_cli": lambda: cks.cloudhsm_cli("cluster-abcdefghijk"),
    "explain": lambda: cks.explain("cluster-abcdefghijk"),
    "xks_proxy": cks.xks_proxy,
    "xks_proxies.get": lambda: cks.xks_proxies.get("xks.example.com"),
    "xks_proxies.items": lambda: list(cks.xks_proxies.items()),
    "xks_proxies.keys": lambda: list(cks.xks_proxies.keys()),
    "xks_proxies.values": lambda: list(cks.xks_proxies.values()),
    "len(xks_proxies)": lambda: len(cks.xks_proxies),
    "route_xks": lambda: cks.route_xks("https://xks.example.com", to="127.0.0.1:8443"),
    "xks_client_ca": cks.xks_client_ca,
    "create_external_key_store": cks.create_external_key_store,
    "external_key_store": lambda: cks.external_key_store("cks-1234567890abcdef0"),
    "network.unverify_private_dns": lambda: cks.network.unverify_private_dns("vpce-svc-1"),
    "network.verify_private_dns": lambda: cks.network.verify_private_dns("vpce-svc-1"),
    "reset": cks.reset,
    "clock.now": cks.clock.now,
    "clock.advance": lambda: cks.clock.advance(days=1),
    "clock.advance_to": lambda: cks.clock.advance_to("2100-01-01"),
    "trail.events": cks.trail.events,
    "trail.deliver": cks.trail.deliver,
    "timeline.entries": cks.timeline.entries,
    "len(timeline)": lambda: len(cks.timeline),
    "list(timeline)": lambda: list(cks.timeline),
    "str(timeline)": lambda: str(cks.timeline),
    "failures.happening": cks.failures.happening,
    "failures.happen": lambda: cks.failures["user-locked-out"].happen("cks-1234567890abcdef0"),
    "failures.repair": lambda: cks.failures["user-locked-out"].repair("cks-1234567890abcdef0"),
    "snapshot": cks.snapshot,
    "restore": lambda: cks.restore(None),  # type: ignore[arg-type]
    "save": lambda: cks.save("/nowhere/world.cks"),
    "load": lambda: cks.load("/nowhere/world.cks"),
    "faults.connection_error": lambda: cks.faults.connection_error("INTERNAL_ERROR"),
    "faults.unreachable": lambda: cks.faults.unreachable("cluster-abcdefghijk"),
    "faults.pkcs11_sessions_exhausted": lambda: cks.faults.pkcs11_sessions_exhausted("cluster-a"),
    "faults.hsms_busy": lambda: cks.faults.hsms_busy("cluster-a"),
    "faults.throttle": cks.faults.throttle,
    "faults.request_quotas": cks.faults.request_quotas,
    "faults.resource_quotas": cks.faults.resource_quotas,
    "faults.fail": lambda: cks.faults.fail("Encrypt", "DisabledException"),
}


def public_names() -> set[str]:
    """Everything that ``cks`` and its parts have."""
    names = set()
    for name in (name for name in dir(cks) if not name.startswith("_")):
        value = getattr(cks, name)
        parts = [] if callable(value) else [part for part in dir(value) if part[0] != "_"]
        names |= {f"{name}.{part}" for part in parts} or {name}
    return names


def test_nothing_of_cks_is_left_out() -> None:
    # What the table of the failures says of itself is true without a world, too.
    of_table = {f"failures.{name}" for name in ("get", "items", "keys", "values", "where")}
    assert public_names() - of_table <= OUTSIDE.keys()


@pytest.mark.parametrize("call", OUTSIDE)
@pytest.mark.parametrize("within", ["nothing", "mock_aws"])
def test_outside_of_the_mock(call: str, within: str) -> None:
    if within == "nothing":
        with pytest.raises(RuntimeError, match=OFF):
            OUTSIDE[call]()
    else:
        with mock_aws(), pytest.raises(RuntimeError, match=OFF):
            OUTSIDE[call]()


def test_the_timeline_can_be_shown_outside_of_the_mock() -> None:
    assert repr(cks.timeline) == f"<Timeline: {OFF}.>"


# Handles follow what they are of -----------------------------------------------------------------


def test_the_handle_on_a_key_store_follows_it(store: KeyStore, kms: Any) -> None:
    first = store.cluster
    assert store.cluster is first
    made = restore(cks, first)
    it = {"CustomKeyStoreId": store.id}
    kms.disconnect_custom_key_store(**it)
    kms.update_custom_key_store(**it, CloudHsmClusterId=made.id, NewCustomKeyStoreName="renamed")
    assert (store.cluster.id, store.name) == (made.id, "renamed")
    assert cks.cluster(store).id == made.id
    assert first.id != made.id
    kms.delete_custom_key_store(**it)
    assert (store.cluster.id, store.name) == (made.id, "renamed")  # the last there were


def test_an_hsm_that_has_left_shows_nothing(store: KeyStore, cloudhsm: Any) -> None:
    store.create_key()
    first, second = store.cluster.hsms
    cloudhsm.delete_hsm(ClusterId=store.cluster.id, HsmId=first.id)
    assert (first.users, first.keys) == ((), ())
    assert second.users
    assert second.keys
