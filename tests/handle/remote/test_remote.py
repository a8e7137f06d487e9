"""``cks`` in moto's server mode and proxy mode: the same handle on a world in another process."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from moto_cks import Cks, Cluster, HsmError, KeyStore, ReturnCode, UserType, cks, mock_cks
from moto_cks.handle.cks import LocalCks
from moto_cks.handle.clock import LocalClock
from moto_cks.handle.cluster import LocalCluster, LocalHsmHandle
from moto_cks.handle.failure import LocalFailure
from moto_cks.handle.failures import LocalFailures
from moto_cks.handle.faults import LocalFault, LocalFaultDuring, LocalFaults
from moto_cks.handle.key_store import LocalKeyStore
from moto_cks.handle.protocols.clock import Clock
from moto_cks.handle.protocols.cluster import HsmHandle
from moto_cks.handle.protocols.failures import DocumentedFailure, Failures
from moto_cks.handle.protocols.faults import Fault, FaultDuring, Faults
from moto_cks.handle.protocols.timeline import Timeline
from moto_cks.handle.protocols.trail import Trail
from moto_cks.handle.remote.cks import RemoteCks
from moto_cks.handle.remote.clock import RemoteClock
from moto_cks.handle.remote.cluster import RemoteCluster, RemoteHsmHandle
from moto_cks.handle.remote.control_api import ControlApi, NoServerError
from moto_cks.handle.remote.failures import RemoteFailure, RemoteFailures
from moto_cks.handle.remote.faults import RemoteFault, RemoteFaultDuring, RemoteFaults
from moto_cks.handle.remote.key_store import RemoteKeyStore
from moto_cks.handle.remote.timeline import RemoteTimeline
from moto_cks.handle.remote.tool import RemoteTool
from moto_cks.handle.remote.trail import RemoteTrail
from moto_cks.handle.timeline import LocalTimeline
from moto_cks.handle.trail import LocalTrail
from moto_cks.tools.session import ToolSession
from moto_cks.tools.turns import RunningTool, UnansweredQuestionError
from tests.server.process import ServerProcess

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def kms_client() -> Any:
    return boto3.client("kms", region_name="us-east-1")


def test_m5_the_handle_is_a_handle(world: Cks) -> None:
    assert isinstance(world, Cks)
    assert repr(world).startswith("<RemoteCks at http://")
    assert {"clock", "create_cluster", "faults"} <= set(dir(cks))


def test_m5_a_key_store_from_the_readme(world: Cks) -> None:
    store = cks.create_key_store()
    assert isinstance(store, KeyStore)
    key_id = store.create_key(Description="cards")
    kms = kms_client()
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "cards"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.cluster.change_password("CU", "kmsuser", "tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    (state,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
    assert (state["ConnectionState"], state["ConnectionErrorCode"]) == (
        "FAILED",
        "INVALID_CREDENTIALS",
    )
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is unavailable"):
        kms.encrypt(KeyId=key_id, Plaintext=b"secret")


def test_m5_the_world_is_empty_again(world: Cks) -> None:
    assert kms_client().describe_custom_key_stores()["CustomKeyStores"] == []
    assert {event["eventName"] for event in world.trail.events()} == {"DescribeCustomKeyStores"}


def test_m3_another_account_and_region(world: Cks) -> None:
    store = world.create_key_store(region="eu-west-1", account_id="111111111111")
    assert (store.region, store.cluster.account_id) == ("eu-west-1", "111111111111")
    store.create_key()
    (event,) = world.trail.events(event_name="CreateKey", account_id="111111111111")
    assert event["awsRegion"] == "eu-west-1"
    assert kms_client().describe_custom_key_stores()["CustomKeyStores"] == []


def test_m5_cluster(world: Cks) -> None:
    cluster = world.create_cluster(hsms=2, zones=["us-east-1a", "us-east-1b"])
    assert isinstance(cluster, Cluster)
    assert repr(cluster) == f"<Cluster {cluster.id} in us-east-1>"
    assert cluster.vpc_id.startswith("vpc-")
    assert len(cluster.subnet_ids) == 2
    assert cluster.trust_anchor is not None
    assert cluster.trust_anchor.startswith("-----BEGIN CERTIFICATE-----")
    assert cluster.admin_password
    first, second = cluster.hsms
    assert repr(first) == f"<HSM {first.id} at {first.eni_ip}>"
    assert (first.availability_zone, second.availability_zone) == ("us-east-1a", "us-east-1b")

    cluster.create_user(UserType.CU, "app", "appPswd1", hsms=[first], two_factor=True)
    assert [user.two_factor for user in first.users if user.name == "app"] == [True]
    assert "app" not in {user.name for user in second.users}
    with pytest.raises(HsmError) as refused:
        cluster.delete_user("CU", "app")
    assert refused.value.code is ReturnCode.USER_NOT_FOUND
    with pytest.raises(ValueError, match="No active HSM"):
        cluster.delete_user("CU", "app", hsms=["hsm-none"])
    with pytest.raises(ValueError, match="XX"):
        cluster.create_user("XX", "app", "appPswd1")
    for _ in range(5):
        with pytest.raises(HsmError) as refused:
            cluster.login("CU", "kmsuser", "wrong123", hsms=[first])
        assert refused.value.code is ReturnCode.AUTHENTICATION_FAILED
    (kmsuser,) = (user for user in first.users if user.name == "kmsuser")
    assert (kmsuser.login_failures, kmsuser.locked, kmsuser.type) == (5, True, UserType.CU)
    assert world.cluster(cluster.id).id == cluster.id
    with pytest.raises(KeyError, match="There is no cluster"):
        world.cluster("cluster-none")


def test_m5_claiming_a_cluster(world: Cks) -> None:
    cloudhsm = boto3.client("cloudhsmv2", region_name="us-east-1")
    subnets = world.create_cluster(hsms=1).subnet_ids
    cluster_id = cloudhsm.create_cluster(HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=subnets)[
        "Cluster"
    ]["ClusterId"]
    cluster = world.cluster(cluster_id)
    assert cluster.hsms == []
    assert cluster.trust_anchor is None
    with pytest.raises(HsmError) as refused:
        cluster.sign_csr()
    assert refused.value.code is ReturnCode.NO_HSM
    cloudhsm.create_hsm(ClusterId=cluster_id, AvailabilityZone="us-east-1a")
    certificate, anchor = cluster.sign_csr()
    cloudhsm.initialize_cluster(ClusterId=cluster_id, SignedCert=certificate, TrustAnchor=anchor)
    cluster.activate("adminPswd1")
    assert (cluster.admin_password, cluster.trust_anchor) == ("adminPswd1", anchor)


def test_m5_keys_and_logins(world: Cks) -> None:
    store = world.create_key_store(connect=False)
    kms = kms_client()
    with store.cluster.login("CU", "kmsuser", "kmsPswd1") as session:
        assert "kmsuser" in repr(session)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        (state,) = kms.describe_custom_key_stores()["CustomKeyStores"]
        assert state["ConnectionErrorCode"] == "USER_LOGGED_IN"
    session.logout()  # a second time does nothing
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    key_id = store.create_key()
    hsm = store.cluster.hsms[0]
    (key,) = hsm.keys
    assert (key.owner, key.template.value_length) == ("kmsuser", 32)
    store.cluster.delete_key(key.handle)
    assert hsm.keys == ()
    with pytest.raises(HsmError) as refused:
        store.cluster.delete_key(key.handle)
    assert refused.value.code is ReturnCode.KEY_NOT_FOUND
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")


def test_q7_an_hsm_that_aws_replaces(world: Cks) -> None:
    cluster = world.create_key_store().cluster
    old, other = cluster.hsms
    new = cluster.replace_hsm(old)
    assert (new.eni_ip, new.availability_zone) == (old.eni_ip, old.availability_zone)
    assert [hsm.id for hsm in cluster.hsms] == [other.id, new.id]
    assert {user.name for user in new.users} >= {"admin", "kmsuser"}
    assert old.users == ()
    again = cluster.replace_hsm(new.id, failed=True)
    assert again.id not in (old.id, new.id)
    with pytest.raises(ValueError, match="No active HSM"):
        cluster.replace_hsm(old)


def test_m5_a_login_that_a_reset_has_ended(world: Cks) -> None:
    session = world.create_cluster(hsms=1).login("CU", "kmsuser", "kmsPswd1")
    mock_cks().reset()
    session.logout()
    assert world.trail.events() == []


def test_m5_what_aws_refuses(world: Cks) -> None:
    with pytest.raises(ClientError, match="CloudHsmInvalidRequestException"):
        world.create_cluster(subnet_ids=["subnet-00000000000000000"])
    store = world.create_key_store(connect=False)
    with pytest.raises(ClientError, match="CustomKeyStoreInvalidStateException") as caught:
        store.create_key()
    assert caught.value.operation_name == "CreateKey"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(TypeError, match="what for"):
        world.create_key_store(cluster=store.cluster, hsms=3)


def test_m5_clock(world: Cks) -> None:
    start = world.clock.now()
    assert abs(start - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert world.clock.advance(days=1, hours=-1) - start >= timedelta(hours=23)
    assert world.clock.advance_to(datetime(2199, 1, 1)) >= datetime(2199, 1, 1, tzinfo=timezone.utc)
    assert world.clock.now().year == 2199
    with pytest.raises(ValueError, match="turned back"):
        world.clock.advance(days=-1)
    with pytest.raises(ValueError, match="turned back"):
        world.clock.advance_to(start)
    with pytest.raises(ValueError, match="8999"):
        world.clock.advance(days=1e300)


def test_m5_faults(world: Cks) -> None:
    store = world.create_key_store()
    key_id = store.create_key()
    kms = kms_client()

    def encrypt() -> str:
        try:
            kms.encrypt(KeyId=key_id, Plaintext=b"x")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "ok"

    cluster_id = store.cluster.id
    with world.faults.unreachable(cluster_id):
        assert encrypt() == "KMSInvalidStateException"
    assert encrypt() == "ok"
    world.faults.fail("Encrypt", "DisabledException", message="No.", times=1)
    assert [encrypt(), encrypt()] == ["DisabledException", "ok"]
    with world.faults.throttle(1000):
        assert encrypt() == "ok"
        mock_cks().reset()  # which ends it
    with pytest.raises(KeyError, match="no cluster"):
        world.faults.unreachable(cluster_id)
    with pytest.raises(KeyError, match="no cluster"):
        world.faults.pkcs11_sessions_exhausted(cluster_id)
    with pytest.raises(KeyError, match="no custom key store"):
        world.faults.connection_error("INTERNAL_ERROR", key_store=store.id)
    with pytest.raises(ValueError, match="times"):
        world.faults.connection_error("INTERNAL_ERROR", times=0)
    with pytest.raises(ValueError, match="above 0"):
        world.faults.throttle(0)
    with pytest.raises(ValueError, match="no operation"):
        world.faults.fail("Fly", "X")


def test_m5_faults_that_are_taken_back(world: Cks) -> None:
    store = world.create_key_store()
    kms = kms_client()

    def reconnect() -> str:
        kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
        (state,) = kms.describe_custom_key_stores()["CustomKeyStores"]
        return str(state["ConnectionState"])

    fault = world.faults.connection_error("INTERNAL_ERROR", times=None, key_store=store)
    assert [reconnect(), reconnect()] == ["FAILED", "FAILED"]
    assert repr(fault).startswith("<Fault connection-error/fault-")
    fault.end()
    assert reconnect() == "CONNECTED"
    fault.end()  # a second time does nothing
    with world.faults.pkcs11_sessions_exhausted(store, times=9):
        pass
    with (
        world.faults.hsms_busy(store, times=None),
        pytest.raises(ClientError, match="ThrottlingException"),
    ):
        kms.generate_random(NumberOfBytes=8, CustomKeyStoreId=store.id)
    kms.generate_random(NumberOfBytes=8, CustomKeyStoreId=store.id)
    with world.faults.fail("ListKeys", "ValidationException", times=9):
        with pytest.raises(ClientError, match="ValidationException"):
            kms.list_keys()
        mock_cks().reset()  # which ends it
    assert kms.list_keys()["Keys"] == []
    with pytest.raises(ValueError, match=r'cks\.failures\["user-locked-out"\]'):
        world.faults.connection_error("USER_LOCKED_OUT")  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="never entered") as warned:
        world.faults.unreachable(world.create_cluster(hsms=1))
    assert {each.filename for each in warned} == {__file__}


def test_m5_handles_of_a_world_that_is_over(world: Cks) -> None:
    store = world.create_key_store(connect=False)
    cluster: Any = store.cluster
    hsm, session = cluster.hsms[0], cluster.login("CU", "kmsuser", "kmsPswd1")
    tool = world.key_mgmt_util(cluster)
    outage = world.faults.unreachable(cluster)
    with outage:
        pass
    world.reset()
    uses: list[Callable[[], object]] = [
        store.create_key,
        lambda: store.name,
        lambda: store.cluster,
        lambda: cluster.hsms,
        lambda: cluster.trust_anchor,
        lambda: cluster.login("CU", "kmsuser", "kmsPswd1"),
        lambda: cluster.key_of("alias/key"),
        lambda: hsm.users,
        lambda: tool.run("say hello"),
        outage.__enter__,
        lambda: world.cluster(store),
        lambda: world.cluster(cluster),
        lambda: world.create_key_store(cluster=cluster),
        lambda: world.faults.unreachable(cluster),
        lambda: world.faults.connection_error("INTERNAL_ERROR", key_store=store),
    ]
    for use in uses:
        with pytest.raises(RuntimeError, match="is of a world that is over"):
            use()
    session.logout()
    tool.close()
    assert repr(store) == f"<KeyStore {store.id} 'ExampleKeyStore'>"
    assert world.trail.events() == []


def test_m5_the_handle_on_a_key_store_follows_it(world: Cks) -> None:
    store = world.create_key_store()
    key_id = store.create_key()
    first = store.cluster
    assert store.cluster is first
    assert first.key_of(key_id) == first.hsms[0].keys[0].handle
    kms, cloudhsm = kms_client(), boto3.client("cloudhsmv2", region_name="us-east-1")
    cloudhsm.create_hsm(ClusterId=first.id, AvailabilityZone=first.hsms[0].availability_zone)
    made = cloudhsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=first.subnet_ids,
        SourceBackupId=cloudhsm.describe_backups()["Backups"][0]["BackupId"],
    )["Cluster"]
    for zone in sorted(made["SubnetMapping"])[:2]:
        cloudhsm.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=zone)
    it = {"CustomKeyStoreId": store.id}
    kms.disconnect_custom_key_store(**it)
    kms.update_custom_key_store(
        **it, CloudHsmClusterId=made["ClusterId"], NewCustomKeyStoreName="renamed"
    )
    assert (store.cluster.id, store.name) == (made["ClusterId"], "renamed")
    assert world.cluster(store).id == made["ClusterId"]


def test_m5_what_is_refused_leaves_nothing(world: Cks) -> None:
    ec2 = boto3.client("ec2", region_name="us-east-1")
    cloudhsm = boto3.client("cloudhsmv2", region_name="us-east-1")
    before = ec2.describe_vpcs()["Vpcs"], ec2.describe_security_groups()["SecurityGroups"]
    with pytest.raises(ClientError, match="CloudHsmClusterInvalidConfigurationException"):
        world.create_key_store(hsms=1)
    with pytest.raises(HsmError, match="7 to 32"):
        world.create_cluster(kmsuser_password="short")
    with pytest.raises(ValueError, match="There is no Region 'nowhere-1'"):
        world.create_cluster(region="nowhere-1")
    with pytest.raises(TypeError, match="zones is a list of strings"):
        world.create_key_store(zones="us-east-1a")
    after = ec2.describe_vpcs()["Vpcs"], ec2.describe_security_groups()["SecurityGroups"]
    assert after == before
    assert cloudhsm.describe_clusters()["Clusters"] == cloudhsm.describe_backups()["Backups"] == []


def test_m5_times_that_are_written(world: Cks) -> None:
    start = world.clock.now()
    assert world.clock.advance(timedelta(days=1), hours=1) - start >= timedelta(hours=25)
    assert world.clock.advance_to("2199-01-01T00:00:00Z").year == 2199
    since = world.timeline.entries(since="2199-01-01")
    assert [entry.kind.value for entry in since] == []
    with pytest.raises(TypeError, match="advanced by a timedelta"):
        world.clock.advance("PT15M")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ISO 8601"):
        world.clock.advance_to("tomorrow")


def test_m5_trail(world: Cks) -> None:
    kms = kms_client()
    kms.create_key()
    with pytest.raises(ClientError):
        kms.describe_key(KeyId="12345678-1234-1234-1234-123456789012")
    names = [event["eventName"] for event in world.trail.events()]
    assert names == ["CreateKey", "DescribeKey"]
    (event,) = world.trail.events(error_code=None)
    assert event["eventName"] == "CreateKey"
    assert world.trail.events(region="eu-west-1") == []
    assert world.trail.events(error_code="NotFoundException")
    with pytest.raises(TypeError, match="colour"):
        world.trail.events(colour="red")
    world.trail.deliver()


def test_m5_tools(world: Cks) -> None:
    assert isinstance(world, RemoteCks)
    cluster = world.create_cluster(hsms=1)
    for start in (world.cloudhsm_mgmt_util, world.key_mgmt_util, world.cloudhsm_cli):
        with start(cluster.id) as tool:
            assert tool.greeting == "A parrot sits on the cluster.\n"
            assert tool.prompt == "parrot>"
            assert tool.run("say hello") == "hello\n"
            assert (
                tool.run("sure", "maybe", "y") == "Sure (y/n)? maybe\nSure (y/n)? y\nYou said y.\n"
            )
            with pytest.raises(UnansweredQuestionError):
                tool.run("sure")
            assert tool.begin("fail 3").status == 3
            with pytest.raises(RuntimeError, match="asked nothing"):
                tool.answer("y")
            login = tool.run("loginHSM kmsuser", "kmsPswd1")
            assert login == "Enter password: \nLogged in.\n"
        assert tool.closed
        tool.close()
        tool.abandon()
        with pytest.raises(RuntimeError, match="closed"):
            tool.begin("say")
    tool = world.cloudhsm_mgmt_util(cluster.id)
    assert cluster.id in repr(tool)
    tool.run("quit")
    assert tool.closed
    tool = world.cloudhsm_mgmt_util(cluster.id)
    mock_cks().reset()
    tool.close()
    with pytest.raises(KeyError, match="no cluster"):
        world.key_mgmt_util(cluster.id)


@pytest.mark.parametrize(
    ("promised", "local", "remote"),
    [
        (Cks, LocalCks, RemoteCks),
        (Cluster, LocalCluster, RemoteCluster),
        (HsmHandle, LocalHsmHandle, RemoteHsmHandle),
        (KeyStore, LocalKeyStore, RemoteKeyStore),
        (Fault, LocalFault, RemoteFault),
        (FaultDuring, LocalFaultDuring, RemoteFaultDuring),
        (Clock, LocalClock, RemoteClock),
        (Faults, LocalFaults, RemoteFaults),
        (Failures, LocalFailures, RemoteFailures),
        (DocumentedFailure, LocalFailure, RemoteFailure),
        (Trail, LocalTrail, RemoteTrail),
        (Timeline, LocalTimeline, RemoteTimeline),
        (RunningTool, ToolSession, RemoteTool),
    ],
)
def test_the_handles_keep_what_the_protocols_promise(
    promised: type, local: type, remote: type
) -> None:
    assert not issubclass(remote, local)
    for kept in (local, remote):
        assert issubclass(kept, promised)
        ours = {name for name in vars(kept) if not name.startswith("_")}
        if not inspect.isabstract(kept):
            assert ours <= set(dir(promised))
    for name, theirs in vars(promised).items():
        if name.startswith("_") or isinstance(theirs, property):
            continue
        for kept in (local, remote):
            signature = inspect.signature(getattr(kept, name))
            assert list(signature.parameters) == list(inspect.signature(theirs).parameters)


def test_a_documented_failure(world: Cks) -> None:
    store = world.create_key_store()
    key_id = store.create_key()
    kms = kms_client()
    failure = cks.failures["user-locked-out"]
    with failure.happen(store) as happening:
        assert happening.key_ids == (key_id,)
        assert cks.failures.happening() == [happening]
        (state,) = kms.describe_custom_key_stores(CustomKeyStoreId=store.id)["CustomKeyStores"]
        assert state["ConnectionErrorCode"] == failure.seen.error_code
        assert failure.steps(store)[-1].commands[0].line.endswith(store.id)
    kms.encrypt(KeyId=key_id, Plaintext=b"secret")
    assert not failure.happens_to(store)


def test_m5_server_mode_as_users_have_it(server_process: ServerProcess) -> None:
    script = """
import boto3
from moto import mock_aws
from moto_cks import cks, mock_cks

@mock_cks
def test():
    store = cks.create_key_store()
    kms = boto3.client("kms", region_name="us-east-1")
    key_id = store.create_key()
    with mock_aws():
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["CustomKeyStoreId"] == store.id

test()
with mock_cks():
    assert not boto3.client("kms", region_name="us-east-1").list_keys()["Keys"]
"""
    environment = {
        **os.environ,
        "TEST_SERVER_MODE": "true",
        "TEST_SERVER_MODE_ENDPOINT": server_process.endpoint,
    }
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


def test_no_server() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(NoServerError, match="Cannot reach"):
        ControlApi(f"http://127.0.0.1:{port}").get("clock")


def test_a_server_of_another_kind(server_process: ServerProcess) -> None:
    # moto's own API answers with HTML.
    client = ControlApi(f"{server_process.endpoint}/moto-api/?x=")
    with pytest.raises(NoServerError, match="no server of moto_cks"):
        client.get("clock")
    assert repr(client).startswith("<ControlApi of http://127.0.0.1")


def test_the_console_is_there_through_the_proxy(proxy_process: str) -> None:
    proxies = {"http": f"http://127.0.0.1:{proxy_process}"}
    folder = "http://motoapi.amazonaws.com/moto-api/cks"
    page = requests.get(f"{folder}/console", proxies=proxies, timeout=20)
    assert "<title>moto_cks console</title>" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for file in ("console.js", "console.css"):
        assert requests.get(f"{folder}/console/{file}", proxies=proxies, timeout=20).ok
    assert requests.get(f"{folder}/health", proxies=proxies, timeout=20).json()["status"] == "ok"
