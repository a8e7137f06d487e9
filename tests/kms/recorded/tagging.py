"""Tags (G10)."""

from __future__ import annotations

from .rows import Row
from .sources import guide, localstack, reference
from .steps import call, key

NONE: dict[str, object] = {"Tags": [], "Truncated": False}
RESERVED = ("TagException", "Tags beginning with aws: are reserved")
LONG_KEY, LONG_VALUE = "a" * 129, "v" * 257


def tags(**values: str) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in values.items()]


def length(member: str, value: str, limit: int) -> tuple[str, str]:
    return (
        "ValidationException",
        f"1 validation error detected: Value '{value}' at 'tags.1.member.{member}' failed to "
        f"satisfy constraint: Member must have length less than or equal to {limit}",
    )


TWO, THREE = tags(tag1="value1", tag2="value2"), tags(tag1="value1", tag2="value2", tag3="value3")
LIST = {"KeyId": "{key}"}

ROWS = (
    Row(
        "list-tags-after-tagging",
        localstack("test_tag_existing_key_and_untag"),
        (key(), call("TagResource", KeyId="{key}", Tags=TWO)),
        "ListResourceTags",
        LIST,
        answer={"Tags": TWO, "Truncated": False},
    ),
    Row(
        "list-tags-of-creation",
        localstack("test_create_key_with_tag_and_untag"),
        (key(Tags=TWO),),
        "ListResourceTags",
        LIST,
        answer={"Tags": TWO, "Truncated": False},
    ),
    Row(
        "list-tags-untagged",
        localstack("test_create_key_with_tag_and_untag"),
        (key(Tags=TWO), call("UntagResource", KeyId="{key}", TagKeys=["tag1", "tag2"])),
        "ListResourceTags",
        LIST,
        answer=NONE,
    ),
    Row(
        "list-tags-partly-untagged",
        localstack("test_untag_key_partially"),
        (key(Tags=THREE), call("UntagResource", KeyId="{key}", TagKeys=["tag2"])),
        "ListResourceTags",
        LIST,
        answer={"Tags": tags(tag1="value1", tag3="value3"), "Truncated": False},
    ),
    Row(
        "list-tags-updated-and-added",
        localstack("test_update_and_add_tags_on_tagged_key"),
        (
            key(Tags=THREE),
            call(
                "TagResource",
                KeyId="{key}",
                Tags=tags(tag4="value4", tag2="updated_value2", tag5="value5"),
            ),
        ),
        "ListResourceTags",
        LIST,
        answer={
            "Tags": tags(
                tag1="value1",
                tag2="updated_value2",
                tag3="value3",
                tag4="value4",
                tag5="value5",
            ),
            "Truncated": False,
        },
    ),
    Row(
        "tag-with-a-key-twice",
        localstack("test_tag_key_with_duplicate_tag_keys_raises_error"),
        (key(),),
        "TagResource",
        {"KeyId": "{key}", "Tags": tags(tag1="value1") + tags(tag1="another-value1")},
        error=("TagException", "Duplicate tag keys"),
    ),
    Row(
        "create-with-51-tags",
        localstack("test_create_key_with_too_many_tags_raises_error"),
        (),
        "CreateKey",
        {"Tags": tags(**{f"key{number}": f"value{number}" for number in range(51)})},
        error=("TagException", "Too many tags"),
    ),
    Row(
        "tag-reserved",
        localstack("test_tag_existing_key_with_invalid_tag_key"),
        (key(),),
        "TagResource",
        {"KeyId": "{key}", "Tags": tags(**{"aws:key1": "value1"})},
        error=RESERVED,
    ),
    Row(
        "create-with-a-reserved-tag",
        localstack("test_create_key_with_invalid_tag_key[lowercase_prefix]"),
        (),
        "CreateKey",
        {"Tags": tags(**{"aws:key1": "value1"})},
        error=RESERVED,
    ),
    Row(
        "create-with-a-reserved-tag-in-capitals",
        localstack("test_create_key_with_invalid_tag_key[uppercase_prefix]"),
        (),
        "CreateKey",
        {"Tags": tags(**{"AWS:key1": "value1"})},
        error=RESERVED,
    ),
    Row(
        "create-with-a-long-tag-key",
        localstack("test_create_key_with_invalid_tag_key[too_long_key]"),
        (),
        "CreateKey",
        {"Tags": tags(**{LONG_KEY: "value1"})},
        error=length("tagKey", LONG_KEY, 128),
    ),
    Row(
        "create-with-a-long-tag-value",
        localstack("test_key_with_long_tag_value_raises_error"),
        (),
        "CreateKey",
        {"Tags": tags(tag1=LONG_VALUE)},
        error=length("tagValue", LONG_VALUE, 256),
    ),
    Row(
        "tag-pending-deletion",
        guide("key-state") + ", note 3",
        (key(), call("ScheduleKeyDeletion", KeyId="{key}")),
        "TagResource",
        {"KeyId": "{key}", "Tags": TWO},
        error=("KMSInvalidStateException", "{key_arn} is pending deletion."),
    ),
    Row(
        "untag-what-is-not-there",
        reference("UntagResource"),
        (key(Tags=TWO), call("UntagResource", KeyId="{key}", TagKeys=["tag9"])),
        "ListResourceTags",
        LIST,
        answer={"Tags": TWO, "Truncated": False},
    ),
)
