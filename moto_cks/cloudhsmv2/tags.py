"""The tags of clusters and backups.

See ``TagResource`` in the AWS CloudHSM API Reference and "Tagging AWS CloudHSM resources" in the
AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moto_cks.cloudhsmv2.exceptions import (
    CloudHsmResourceLimitExceededException,
    CloudHsmTagException,
)

MAX_TAGS = 50
RESERVED_PREFIX = "aws:"

TagList = list[dict[str, str]]
"""Tags as the API shows them: ``[{"Key": ..., "Value": ...}]``."""


def read_tags(tag_list: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags by key, from the list in a request.

    Raises:
        CloudHsmTagException: a key comes twice or is reserved for AWS.
    """
    tags: dict[str, str] = {}
    for tag in tag_list or ():
        key = tag["Key"]
        if key.lower().startswith(RESERVED_PREFIX):
            raise CloudHsmTagException(f"Tag keys must not begin with '{RESERVED_PREFIX}'")
        if key in tags:
            raise CloudHsmTagException(f"Tag key '{key}' appears more than once")
        tags[key] = tag["Value"]
    return tags


def add_tags(tags: dict[str, str], tag_list: Iterable[Mapping[str, str]]) -> None:
    """Set tags of a request on a resource; those with other keys stay.

    Raises:
        CloudHsmTagException: see :func:`read_tags`.
        CloudHsmResourceLimitExceededException: the resource would have more than 50 tags.
    """
    merged = {**tags, **read_tags(tag_list)}
    if len(merged) > MAX_TAGS:
        raise CloudHsmResourceLimitExceededException(f"A resource has at most {MAX_TAGS} tags")
    tags.update(merged)


def show_tags(tags: Mapping[str, str]) -> TagList:
    """Tags as the API shows them, ordered by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
