"""CloudTrail requests: moto's, LookupEvents and ListPublicKeys."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse

from moto_cks.cloudtrail.digests import public_keys
from moto_cks.cloudtrail.history import Lookup, lookup_entry
from moto_cks.cloudtrail.models import trail_backend
from moto_cks.frontend.dispatch import WorldResponse
from moto_cks.frontend.validation import validator_for


class CksCloudTrailResponse(WorldResponse, CloudTrailResponse):
    """The actions of the AWS CloudTrail API Reference."""

    service = "cloudtrail"

    def lookup_events(self) -> str:
        lookup = Lookup.from_request(self._typed_body())
        backend = trail_backend(self.current_account, self.region)
        events, token = lookup.page(backend.history)
        answer = {"Events": [lookup_entry(event) for event in events], "NextToken": token}
        return json.dumps({name: value for name, value in answer.items() if value is not None})

    def list_public_keys(self) -> str:
        """ListPublicKeys: what digest files are validated with."""
        body = self._typed_body()
        keys = public_keys(self.region, body.get("StartTime"), body.get("EndTime"))
        return json.dumps({"PublicKeyList": keys})

    def _typed_body(self) -> dict[str, Any]:
        """The parameters of the request, whose types fit the service model.

        Raises:
            SerializationException: they do not.
        """
        validator = validator_for(self.service)
        validator.check_types(self.operation, self.json_body)
        return validator.read(self.operation, self.json_body)
