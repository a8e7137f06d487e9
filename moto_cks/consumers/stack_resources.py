"""AWS::KMS::Key, AWS::KMS::ReplicaKey and AWS::KMS::Alias, which call KMS as CloudFormation does.

AWS CloudFormation User Guide: "AWS KMS resource type reference". moto's CloudFormation knows a
resource by its methods; none of these is a subclass of moto's, for those it finds by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError

from moto_cks.consumers.calling import Reply, call_kms

PRINCIPAL = "cloudformation.amazonaws.com"
DEFAULT_WINDOW = 30

Properties = Mapping[str, Any]

IMMUTABLE = "Invalid request: the property {name} of a KMS key cannot be changed."


class KmsResource:
    """A resource of a stack.

    Attributes:
        attributes: what Fn::GetAtt can get.
        physical_resource_id: what Ref gets.
        account_id: the account of the stack.
        region: the Region of the stack.
        properties: the properties that it has.
    """

    attributes: ClassVar[tuple[str, ...]] = ()
    physical_resource_id: str

    def __init__(self, account_id: str, region: str, properties: Properties) -> None:
        self.account_id = account_id
        self.region = region
        self.properties = properties

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> KmsResource:
        """Create it.

        Raises:
            ValidationError: KMS does not allow it; then nothing is left behind.
        """
        resource = cls(account_id, region_name, cloudformation_json["Properties"])
        resource.create()
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: KmsResource,
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> KmsResource:
        """Change it.

        Raises:
            ValidationError: KMS does not allow it.
        """
        original_resource.update(cloudformation_json["Properties"])
        return original_resource

    def create(self) -> None:
        """Create it, and say what Ref gets."""
        raise NotImplementedError

    def update(self, properties: Properties) -> None:
        """Give it other properties."""
        raise NotImplementedError

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete it."""
        raise NotImplementedError

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt can get an attribute."""
        return attr in cls.attributes

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """What Fn::GetAtt gets.

        Raises:
            UnformattedGetAttTemplateException: there is no such attribute.
        """
        raise UnformattedGetAttTemplateException

    @staticmethod
    def is_created() -> bool:
        """Whether it is there, as it is once KMS has answered."""
        return True

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call KMS.

        Raises:
            ValidationError: with what KMS says.
        """
        reply = self._call(operation, parameters)
        if reply.members is None:
            raise ValidationError(message=f"{reply.code}: {reply.message}")
        return reply.members

    def call_if_there(self, operation: str, **parameters: Any) -> None:
        """Call KMS to delete what somebody may have deleted already.

        Raises:
            ValidationError: with what KMS says about anything else.
        """
        reply = self._call(operation, parameters)
        gone = reply.code == "NotFoundException" or reply.message.endswith("is pending deletion.")
        if reply.members is None and not gone:
            raise ValidationError(message=f"{reply.code}: {reply.message}")

    def region_of(self, operation: str) -> str:
        """In which Region an operation is called: that of the stack."""
        return self.region

    def _call(self, operation: str, parameters: Properties) -> Reply:
        region = self.region_of(operation)
        given = {name: value for name, value in parameters.items() if value is not None}
        return call_kms(PRINCIPAL, self.account_id, region, operation, given, recorded=True)


class Key(KmsResource):
    """AWS::KMS::Key."""

    attributes = ("Arn", "KeyId")
    immutable: ClassVar[tuple[str, ...]] = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")
    _arn: str

    def create(self) -> None:
        """Create the key, rotate it as asked, and disable it if asked to."""
        metadata = self._create()
        self._arn, self.physical_resource_id = metadata["Arn"], metadata["KeyId"]
        try:
            self._rotate({})
            self._enable({})
        except ValidationError:
            self.delete(self.account_id, self.region)
            raise

    def _create(self) -> dict[str, Any]:
        given = self.properties
        answer = self.call(
            "CreateKey",
            **{name: given.get(name) for name in ("Description", *self.immutable)},
            BypassPolicyLockoutSafetyCheck=given.get("BypassPolicyLockoutSafetyCheck"),
            Policy=_policy(given),
            Tags=_tags(given),
        )
        metadata: dict[str, Any] = answer["KeyMetadata"]
        return metadata

    def update(self, properties: Properties) -> None:
        """Make the changes; none of what a key can never change."""
        before, self.properties = self.properties, properties
        try:
            self._update(before)
        except ValidationError:
            self.properties = before
            raise

    def _update(self, before: Properties) -> None:
        given, key = self.properties, {"KeyId": self.physical_resource_id}
        for name in self.immutable:
            if given.get(name) != before.get(name):
                raise ValidationError(message=IMMUTABLE.format(name=name))
        if _enabled(given):
            self._enable(before)
        if given.get("Description") != before.get("Description"):
            description = given.get("Description", "")
            self.call("UpdateKeyDescription", Description=description, **key)
        if _policy(given) not in (None, _policy(before)):
            self.call("PutKeyPolicy", PolicyName="default", Policy=_policy(given), **key)
        self._tag(before)
        self._rotate(before)
        if not _enabled(given):
            self._enable(before)

    def _enable(self, before: Properties) -> None:
        if _enabled(self.properties) != _enabled(before):
            operation = "EnableKey" if _enabled(self.properties) else "DisableKey"
            self.call(operation, KeyId=self.physical_resource_id)

    def _rotate(self, before: Properties) -> None:
        rotation, key = _rotation(self.properties), {"KeyId": self.physical_resource_id}
        if rotation == _rotation(before):
            return
        if rotation is None:
            self.call("DisableKeyRotation", **key)
        else:
            self.call("EnableKeyRotation", **key, **rotation)

    def _tag(self, before: Properties) -> None:
        key = {"KeyId": self.physical_resource_id}
        old = {tag["TagKey"]: tag["TagValue"] for tag in _tags(before) or ()}
        new = {tag["TagKey"]: tag["TagValue"] for tag in _tags(self.properties) or ()}
        if dropped := [name for name in old if name not in new]:
            self.call("UntagResource", TagKeys=dropped, **key)
        if changed := [name for name in new if new[name] != old.get(name)]:
            tags = [{"TagKey": name, "TagValue": new[name]} for name in changed]
            self.call("TagResource", Tags=tags, **key)

    def delete(self, account_id: str, region_name: str) -> None:
        """Schedule its deletion, after the waiting period of the template."""
        self.call_if_there(
            "ScheduleKeyDeletion",
            KeyId=self.physical_resource_id,
            PendingWindowInDays=int(self.properties.get("PendingWindowInDays", DEFAULT_WINDOW)),
        )

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The key ARN or the key ID."""
        if attribute_name not in self.attributes:
            raise UnformattedGetAttTemplateException
        return self._arn if attribute_name == "Arn" else self.physical_resource_id


class ReplicaKey(Key):
    """AWS::KMS::ReplicaKey; the primary key is in another Region."""

    immutable = ("PrimaryKeyArn",)

    def region_of(self, operation: str) -> str:
        """ReplicateKey is called where the primary key is."""
        if operation != "ReplicateKey":
            return self.region
        region: str = self.properties["PrimaryKeyArn"].split(":")[3]
        return region

    def _create(self) -> dict[str, Any]:
        given = self.properties
        answer = self.call(
            "ReplicateKey",
            KeyId=given["PrimaryKeyArn"],
            ReplicaRegion=self.region,
            Description=given.get("Description"),
            Policy=_policy(given),
            Tags=_tags(given),
        )
        metadata: dict[str, Any] = answer["ReplicaKeyMetadata"]
        return metadata


class Alias(KmsResource):
    """AWS::KMS::Alias."""

    def create(self) -> None:
        """Create it."""
        self._create(self.properties)

    def _create(self, properties: Properties) -> None:
        name = properties["AliasName"]
        self.call("CreateAlias", AliasName=name, TargetKeyId=properties["TargetKeyId"])
        self.physical_resource_id = name

    def update(self, properties: Properties) -> None:
        """Give it another key, or replace it by one of another name."""
        before = self.physical_resource_id
        if properties["AliasName"] != before:
            self._create(properties)
            self.call_if_there("DeleteAlias", AliasName=before)
        else:
            self.call("UpdateAlias", AliasName=before, TargetKeyId=properties["TargetKeyId"])
        self.properties = properties

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete it."""
        self.call_if_there("DeleteAlias", AliasName=self.physical_resource_id)


def _policy(properties: Properties) -> str | None:
    """The key policy, as KMS takes it."""
    policy = properties.get("KeyPolicy")
    if not policy or isinstance(policy, str):
        return policy or None
    return json.dumps(policy)


def _tags(properties: Properties) -> list[dict[str, str]] | None:
    """The tags, by KMS's names of their members."""
    tags = properties.get("Tags")
    if not tags:
        return None
    return [{"TagKey": tag["Key"], "TagValue": str(tag["Value"])} for tag in tags]


def _true(value: Any) -> bool:
    """A boolean of a template, in which it may be a string."""
    return value is True or str(value).lower() == "true"


def _enabled(properties: Properties) -> bool:
    return _true(properties.get("Enabled", True))


def _rotation(properties: Properties) -> dict[str, int] | None:
    """The parameters of EnableKeyRotation; ``None`` where the key is not to be rotated."""
    if not _true(properties.get("EnableKeyRotation", False)):
        return None
    period = properties.get("RotationPeriodInDays")
    return {} if period is None else {"RotationPeriodInDays": int(period)}


RESOURCES: dict[str, type[KmsResource]] = {
    "AWS::KMS::Alias": Alias,
    "AWS::KMS::Key": Key,
    "AWS::KMS::ReplicaKey": ReplicaKey,
}
"""The resources by their types."""
