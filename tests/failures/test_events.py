"""The events of failures reach the rules that are made of their patterns."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.aws import client
from tests.failures.drill import Drill
from tests.kms.user import User

Make = Callable[..., Drill]

pytestmark = pytest.mark.filterwarnings("ignore::moto_cks.cloudtrail.event_bus.MissingTrailWarning")


def rules_for(drill: Drill) -> list[Callable[[], int]]:
    """A rule and a queue for each event; each tells how many it has seen."""
    events, sqs = client("events"), client("sqs")
    counts = []
    for number, pattern in enumerate(drill.seen.event_patterns(drill.store.id)):
        url = sqs.create_queue(QueueName=f"queue-{number}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        name = f"rule-{number}"
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])
        counts.append(
            lambda url=url: int(
                sqs.get_queue_attributes(
                    QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
                )["Attributes"]["ApproximateNumberOfMessages"]
            )
        )
    return counts


@pytest.mark.parametrize(
    ("name", "rule_count"),
    [
        ("store-disconnected", 2),
        ("backup-deleted", 3),
        ("cluster-deleted", 3),
        ("one-hsm-left", 2),
        ("hsm-ports-closed-before-connecting", 2),
        ("cluster-not-related", 2),
        ("cluster-not-found", 4),
        ("pkcs11-sessions-exhausted", 1),
        ("orphaned-key-material", 1),
        ("key-deleted", 1),
    ],
)
def test_t4_each_pattern_is_a_rule_that_fires(name: str, rule_count: int, drill: Make) -> None:
    one = drill(name)
    counts = rules_for(one)
    assert [count() for count in counts] == [0] * rule_count
    one.look(one.happen())
    assert all(count() for count in counts)


def test_t5_the_orphan_is_told_from_what_kms_has_deleted(drill: Make) -> None:
    one = drill("key-deleted")
    orphaned = one.world.failures["orphaned-key-material"].seen.event_patterns(one.store.id)
    one.seen = one.world.failures["orphaned-key-material"].seen
    (count,) = rules_for(one)
    one.failure.happen(one.store)
    assert orphaned[0]["detail"]["eventName"] == ["DeleteKey"]
    assert count() == 0


def test_another_key_store_does_not_fire(drill: Make, world: Any) -> None:
    one = drill("store-disconnected")
    counts = rules_for(one)
    other = User(world.create_key_store("Other"))
    with (
        one.failure.happen(other.store),
        pytest.raises(other.kms.exceptions.KMSInvalidStateException),
    ):
        other.encrypt()
    assert [count() for count in counts] == [0, 0]


def test_o3_the_event_names_the_handle_of_the_step(drill: Make) -> None:
    one = drill("orphaned-key-material")
    one.happen()
    found = {
        status["keyHandle"]
        for event in one.world.trail.events(event_name="DeleteKey")
        for status in json.loads(event["additionalEventData"]["backingKeysDeletionStatus"])
    }
    (step,) = (step for step in one.failure.steps(one.store) if step.name == "delete-key")
    assert {command.line for command in step.with_older_tools} == {
        f"deleteKey -k {handle}" for handle in found
    }
    assert len(found) == len(one.key_ids) == 2
