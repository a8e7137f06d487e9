"""The operations on key policies and tags."""

from __future__ import annotations

import json
from typing import Any

from moto.kms.exceptions import NotFoundException

from moto_cks.frontend.validation import ValidationException
from moto_cks.kms.exceptions import InvalidMarkerException
from moto_cks.kms.keys.policies import POLICY_NAME
from moto_cks.kms.pages import Catalogue, page_of
from moto_cks.kms.request import NO_CONTENT, KmsRequest, checked

NO_SUCH_POLICY = "No such policy exists"


class PolicyOperations(KmsRequest):
    """Requests on key policies and tags, and their answers."""

    @checked
    def get_key_policy(self) -> str:
        """GetKeyPolicy."""
        self._check_name()
        return json.dumps({"Policy": self.key.policy, "PolicyName": POLICY_NAME})

    @checked
    def put_key_policy(self) -> str:
        """PutKeyPolicy."""
        self._check_name()
        self.kms_backend.change_key_policy(self.key, self.json_body["Policy"], self.policy_author)
        return NO_CONTENT

    def _check_name(self) -> None:
        if self.json_body.get("PolicyName", POLICY_NAME) not in (POLICY_NAME, None):
            raise NotFoundException(NO_SUCH_POLICY)

    @checked
    def list_key_policies(self) -> str:
        """ListKeyPolicies; there is one of each key."""
        names = Catalogue([(POLICY_NAME, POLICY_NAME)])
        try:
            page = page_of("PolicyNames", names, self.json_body, str, 100, self.key.id)
        except InvalidMarkerException as error:  # its page does not list that one
            raise ValidationException(error.message) from None
        return json.dumps(page)

    # Tags ------------------------------------------------------------------------------------

    @checked
    def tag_resource(self) -> str:
        """TagResource."""
        self.kms_backend.tag_key(self.key, self.json_body["Tags"])
        return NO_CONTENT

    @checked
    def untag_resource(self) -> str:
        """UntagResource; what is no tag of the key is none afterwards either."""
        self.kms_backend.untag_resource(self.key.id, self.json_body["TagKeys"])
        return NO_CONTENT

    @checked
    def list_resource_tags(self) -> str:
        """ListResourceTags."""
        key = self.key
        tags: list[dict[str, Any]] = self.kms_backend.tagger.list_tags_for_resource(key.id)["Tags"]
        entries = Catalogue((tag["TagKey"], tag) for tag in tags)
        return json.dumps(page_of("Tags", entries, self.json_body, dict, 50, key.id))
