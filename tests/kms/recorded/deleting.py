"""Disabling, deleting, and what is said of a key meanwhile (G5, O1, U8)."""

from __future__ import annotations

from .rows import Row, Some
from .shapes import DATE, metadata
from .sources import guide, localstack_test, reference, reported
from .steps import advance, call, key

DISABLED = call("DisableKey", KeyId="{key}")
SCHEDULED = call("ScheduleKeyDeletion", KeyId="{key}", PendingWindowInDays=7)
IS_PENDING = ("KMSInvalidStateException", "{key_arn} is pending deletion.")
USE = {"KeyId": "{key}", "KeySpec": "AES_256"}
WINDOW = (
    "1 validation error detected: Value '{}' at 'pendingWindowInDays' failed to satisfy "
    "constraint: Member must have value "
)
CANCELLED = localstack_test("test_schedule_and_cancel_key_deletion")

ROWS = (
    Row(
        "schedule-deletion",
        "awscli examples/kms/schedule-key-deletion.rst; " + reference("ScheduleKeyDeletion"),
        (key(),),
        "ScheduleKeyDeletion",
        {"KeyId": "{key}", "PendingWindowInDays": 7},
        answer={
            "DeletionDate": DATE,
            "KeyId": "{key_arn}",
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": 7,
        },
    ),
    Row(
        "schedule-deletion-by-default-in-30-days",
        reference("ScheduleKeyDeletion"),
        (key(),),
        "ScheduleKeyDeletion",
        {"KeyId": "{key}"},
        answer=Some({"PendingWindowInDays": 30}),
    ),
    Row(
        "schedule-deletion-twice",
        localstack_test("test_cant_delete_deleted_key")
        + "; hashicorp/terraform-provider-aws#17889",
        (key(), SCHEDULED),
        "ScheduleKeyDeletion",
        {"KeyId": "{key}"},
        error=IS_PENDING,
    ),
    *(
        Row(
            f"schedule-deletion-in-{days}-days",
            reference("ScheduleKeyDeletion") + ", PendingWindowInDays",
            (key(),),
            "ScheduleKeyDeletion",
            {"KeyId": "{key}", "PendingWindowInDays": days},
            # 6 and 31 are within the bounds of the service model, 1 to 365; 0 and 366 are not.
            error=("ValidationException", WINDOW.format(days) + bound),
        )
        for days, bound in (
            (0, "greater than or equal to 1"),
            (366, "less than or equal to 365"),
        )
    ),
    Row(
        "describe-pending-deletion",
        CANCELLED + "; nccgroup/ScoutSuite#1174",
        (key(), SCHEDULED),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata(state="PendingDeletion", DeletionDate=DATE)},
    ),
    Row(
        "cancel-deletion",
        "awscli examples/kms/cancel-key-deletion.rst; " + reference("CancelKeyDeletion"),
        (key(), SCHEDULED),
        "CancelKeyDeletion",
        {"KeyId": "{key}"},
        answer={"KeyId": "{key_arn}"},
    ),
    Row(
        "describe-cancelled",
        CANCELLED,
        (key(), SCHEDULED, call("CancelKeyDeletion", KeyId="{key}")),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata(state="Disabled")},
    ),
    Row(
        "cancel-what-is-not-scheduled",
        guide("key-state") + ", note 4",
        (key(),),
        "CancelKeyDeletion",
        {"KeyId": "{key}"},
        error=("KMSInvalidStateException", "{key_arn} is not pending deletion."),
    ),
    Row(
        "describe-disabled",
        localstack_test("test_disable_and_enable_key"),
        (key(), DISABLED),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata(state="Disabled")},
    ),
    Row(
        "describe-enabled-again",
        localstack_test("test_disable_and_enable_key"),
        (key(), DISABLED, call("EnableKey", KeyId="{key}")),
        "DescribeKey",
        {"KeyId": "{key}"},
        answer={"KeyMetadata": metadata()},
    ),
    Row(
        "use-disabled",
        localstack_test("test_cant_use_disabled_or_deleted_keys") + "; " + guide("key-state"),
        (key(), DISABLED),
        "GenerateDataKey",
        USE,
        error=("DisabledException", "{key_arn} is disabled."),
    ),
    Row(
        "use-pending-deletion",
        localstack_test("test_cant_use_disabled_or_deleted_keys") + "; " + guide("key-state"),
        (key(), DISABLED, SCHEDULED),
        "GenerateDataKey",
        USE,
        error=IS_PENDING,
    ),
    Row(
        "enable-pending-deletion",
        guide("key-state") + ", note 3",
        (key(), SCHEDULED),
        "EnableKey",
        {"KeyId": "{key}"},
        error=IS_PENDING,
    ),
    Row(
        "describe-deleted",
        guide("deleting-keys") + "; " + reported("scality/Arsenal#2261"),
        (key(), SCHEDULED, advance(days=7, hours=1)),
        "DescribeKey",
        {"KeyId": "{key}"},
        error=("NotFoundException", "Key '{key_arn}' does not exist"),
    ),
    Row(
        "last-usage",
        reference("GetKeyLastUsage"),
        (key(), call("Encrypt", KeyId="{key}", Plaintext=b"text")),
        "GetKeyLastUsage",
        {"KeyId": "{key}"},
        answer=Some({"KeyCreationDate": DATE, "KeyId": "{key_arn}", "TrackingStartDate": DATE}),
    ),
)
