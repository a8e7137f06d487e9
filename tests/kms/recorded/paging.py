"""Pages of lists (G11): the members of a page that is not the last, and of the last."""

from __future__ import annotations

from typing import Any

from .rows import A, Row
from .sources import reference
from .steps import Step, call, key

ROOT = "arn:aws:iam::{account}:root"
KEYS = tuple(key(f"key{number}") for number in range(3))
GRANTS = tuple(
    call("CreateGrant", KeyId="{key}", GranteePrincipal=ROOT, Operations=[operation])
    for operation in ("Encrypt", "Decrypt", "DescribeKey")
)
ALIASES = tuple(
    call("CreateAlias", AliasName=f"alias/a{number}", TargetKeyId="{key}") for number in range(3)
)
TAGS = [{"TagKey": f"tag{number}", "TagValue": "value"} for number in range(3)]
ROTATIONS = tuple(call("RotateKeyOnDemand", KeyId="{key}") for _ in range(3))

OF_A_KEY = {"KeyId": "{key}"}
LISTS: dict[str, tuple[tuple[Step, ...], str, dict[str, Any]]] = {
    "ListKeys": (KEYS, "Keys", {}),
    "ListAliases": ((key(), *ALIASES), "Aliases", OF_A_KEY),
    "ListGrants": ((key(), *GRANTS), "Grants", OF_A_KEY),
    "ListResourceTags": ((key(Tags=TAGS),), "Tags", OF_A_KEY),
    "ListKeyRotations": ((key(), *ROTATIONS), "Rotations", OF_A_KEY),
}
"""Operations that list three of something, the member that has them, what they are asked."""

ROWS = (
    *(
        Row(
            f"{operation}-first-page",
            reference(operation) + ", Limit, NextMarker",
            steps,
            operation,
            {**asked, "Limit": 2},
            answer={member: A(list, 2), "NextMarker": A(str), "Truncated": True},
        )
        for operation, (steps, member, asked) in LISTS.items()
    ),
    *(
        Row(
            f"{operation}-last-page",
            reference(operation) + ", Marker, Truncated",
            (*steps, call(operation, keep={"marker": "NextMarker"}, **asked, Limit=2)),
            operation,
            {**asked, "Limit": 2, "Marker": "{marker}"},
            # No NextMarker, which is there if Truncated is true only.
            answer={member: A(list, 1), "Truncated": False},
        )
        for operation, (steps, member, asked) in LISTS.items()
    ),
    Row(
        "list-keys-0",
        reference("ListKeys") + ", Limit: 1 to 1000",
        (),
        "ListKeys",
        {"Limit": 0},
        error=(
            "ValidationException",
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
    ),
    Row(
        "list-keys-wrong-marker",
        reference("ListKeys") + ", InvalidMarkerException",
        (),
        "ListKeys",
        {"Marker": "no-marker"},
        # Which message there is nobody recorded.
        error=("InvalidMarkerException", A(str)),
    ),
)
