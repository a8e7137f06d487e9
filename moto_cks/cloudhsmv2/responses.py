"""Requests to CloudHSM, and its answers.

Every request is held against the service model before the backend sees it. The answers are
serialized by the service model, too, so members without a value are absent.
"""

from __future__ import annotations

from typing import Any

from moto.cloudhsmv2.responses import CloudHSMV2Response
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores

from moto_cks.cloudhsmv2.exceptions import CloudHsmInvalidRequestException
from moto_cks.cloudhsmv2.models import CksCloudHSMV2Backend, cloudhsmv2_backend
from moto_cks.frontend.dispatch import WorldResponse
from moto_cks.frontend.validation import validator_for
from moto_cks.world.botocore_session import service_model

SERVICE = "cloudhsmv2"
INVALID = CloudHsmInvalidRequestException.code
"""No answer to broken constraints is recorded; the pages have this one for invalid requests."""


class CksCloudHSMV2Response(WorldResponse, CloudHSMV2Response):
    """The actions of the AWS CloudHSM API Reference, each under its name."""

    service = "cloudhsmv2"

    @property
    def cloudhsmv2_backend(self) -> CksCloudHSMV2Backend:
        """The CloudHSM of the caller's account and Region."""
        return cloudhsmv2_backend(self.current_account, self.region)

    def _arguments(self) -> dict[str, Any]:
        """The request's parameters that the service model knows, under Python names.

        Raises:
            ValidationException: they break constraints of the model.
            SerializationException: their JSON types do not fit the model.
        """
        operation = self._get_action()
        validator = validator_for(SERVICE, INVALID)
        validator.check(operation, self.json_body)
        members = service_model(SERVICE).operation_model(operation).input_shape.members
        body = validator.read(operation, self.json_body)
        return {camelcase_to_underscores(name): body[name] for name in members if name in body}

    # Clusters and HSMs -----------------------------------------------------------------------

    def create_cluster(self) -> ActionResult:  # type: ignore[override]
        cluster = self.cloudhsmv2_backend.create_cluster(**self._arguments())
        return ActionResult({"Cluster": cluster})

    def initialize_cluster(self) -> ActionResult:
        return ActionResult(self.cloudhsmv2_backend.initialize_cluster(**self._arguments()))

    def modify_cluster(self) -> ActionResult:
        cluster = self.cloudhsmv2_backend.modify_cluster(**self._arguments())
        return ActionResult({"Cluster": cluster})

    def delete_cluster(self) -> ActionResult:  # type: ignore[override]
        cluster = self.cloudhsmv2_backend.delete_cluster(**self._arguments())
        return ActionResult({"Cluster": cluster})

    def describe_clusters(self) -> ActionResult:  # type: ignore[override]
        clusters, token = self.cloudhsmv2_backend.describe_clusters(**self._arguments())
        return ActionResult({"Clusters": clusters, "NextToken": token})

    def create_hsm(self) -> ActionResult:
        return ActionResult({"Hsm": self.cloudhsmv2_backend.create_hsm(**self._arguments())})

    def delete_hsm(self) -> ActionResult:
        return ActionResult({"HsmId": self.cloudhsmv2_backend.delete_hsm(**self._arguments())})

    # Backups ---------------------------------------------------------------------------------

    def describe_backups(self) -> ActionResult:  # type: ignore[override]
        backups, token = self.cloudhsmv2_backend.describe_backups(**self._arguments())
        return ActionResult({"Backups": backups, "NextToken": token})

    def delete_backup(self) -> ActionResult:
        return ActionResult({"Backup": self.cloudhsmv2_backend.delete_backup(**self._arguments())})

    def restore_backup(self) -> ActionResult:
        return ActionResult({"Backup": self.cloudhsmv2_backend.restore_backup(**self._arguments())})

    def modify_backup_attributes(self) -> ActionResult:
        backup = self.cloudhsmv2_backend.modify_backup_attributes(**self._arguments())
        return ActionResult({"Backup": backup})

    def copy_backup_to_region(self) -> ActionResult:
        backup = self.cloudhsmv2_backend.copy_backup_to_region(**self._arguments())
        return ActionResult({"DestinationBackup": backup})

    # Tags ------------------------------------------------------------------------------------

    def list_tags(self) -> ActionResult:  # type: ignore[override]
        tags, token = self.cloudhsmv2_backend.list_tags(**self._arguments())
        return ActionResult({"TagList": tags, "NextToken": token})

    def tag_resource(self) -> ActionResult:  # type: ignore[override]
        self.cloudhsmv2_backend.tag_resource(**self._arguments())
        return EmptyResult()

    def untag_resource(self) -> ActionResult:  # type: ignore[override]
        self.cloudhsmv2_backend.untag_resource(**self._arguments())
        return EmptyResult()

    # Resource policies -----------------------------------------------------------------------

    def put_resource_policy(self) -> ActionResult:  # type: ignore[override]
        return ActionResult(self.cloudhsmv2_backend.put_resource_policy(**self._arguments()))

    def get_resource_policy(self) -> ActionResult:  # type: ignore[override]
        policy = self.cloudhsmv2_backend.get_resource_policy(**self._arguments())
        return ActionResult({"Policy": policy})

    def delete_resource_policy(self) -> ActionResult:
        return ActionResult(self.cloudhsmv2_backend.delete_resource_policy(**self._arguments()))
