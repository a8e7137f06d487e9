"""Which tags a KMS key can have.

AWS KMS API Reference: "TagResource" and "TagException"; AWS KMS Developer Guide: "Tags in AWS KMS".
Their lengths are in the service model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from moto_cks.kms.exceptions import TagException

Tag = Mapping[str, str]
"""A tag: TagKey and TagValue."""

MOST_TAGS = 50
RESERVED = "aws:"


def check_tags(tags: Sequence[Tag], there_already: Collection[str] = ()) -> None:
    """Refuse tags that a key cannot be given.

    Args:
        tags: the new tags.
        there_already: the tag keys that the key has.

    Raises:
        TagException
    """
    keys = [tag["TagKey"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise TagException("Duplicate tag keys")
    if any(key.lower().startswith(RESERVED) for key in keys):
        raise TagException("Tags beginning with aws: are reserved")
    if len({*keys, *there_already}) > MOST_TAGS:
        raise TagException("Too many tags")
