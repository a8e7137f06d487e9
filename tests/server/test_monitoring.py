"""CloudWatch and CloudWatch Logs of a server have the metrics and the audit logs, too."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from tests.server.conftest import Server


def test_w1_w2_metrics_and_audit_logs_of_a_server(server: Server) -> None:
    store = server.control.post("key-stores", body={})
    kms, cloudwatch, logs = map(server.client, ("kms", "cloudwatch", "logs"))
    key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store["id"])["KeyMetadata"]
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    metrics = cloudwatch.list_metrics(Namespace="AWS/KMS")["Metrics"]
    assert [metric["MetricName"] for metric in metrics] == ["SuccessfulRequest"]
    now = datetime.now(timezone.utc)
    (point,) = cloudwatch.get_metric_statistics(
        Namespace="AWS/CloudHSM",
        MetricName="HsmKeysTokenOccupied",
        Dimensions=[{"Name": "ClusterId", "Value": store["cluster_id"]}],
        StartTime=now - timedelta(minutes=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Maximum"],
    )["Datapoints"][-1:]
    assert point["Maximum"] == 1
    events = logs.filter_log_events(
        logGroupName=f"/aws/cloudhsm/{store['cluster_id']}", filterPattern='"CN_GENERATE_KEY"'
    )["events"]
    assert len(events) == 1
