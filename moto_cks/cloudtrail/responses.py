"""CloudTrail requests: moto's, LookupEvents and ListPublicKeys."""

from __future__ import annotations

import json

from moto.cloudtrail.responses import CloudTrailResponse

from moto_cks.cloudtrail.digests import public_keys
from moto_cks.cloudtrail.history import Lookup, lookup_entry
from moto_cks.cloudtrail.models import trail_backend
from moto_cks.frontend.dispatch import WorldResponse


class CksCloudTrailResponse(WorldResponse, CloudTrailResponse):
    """The actions of the AWS CloudTrail API Reference."""

    service = "cloudtrail"

    def lookup_events(self) -> str:
        lookup = Lookup.from_request(self.json_body)
        backend = trail_backend(self.current_account, self.region)
        events, token = lookup.page(backend.history)
        answer = {"Events": [lookup_entry(event) for event in events], "NextToken": token}
        return json.dumps({name: value for name, value in answer.items() if value is not None})

    def list_public_keys(self) -> str:
        """ListPublicKeys: what digest files are validated with."""
        keys = public_keys(
            self.region, self.json_body.get("StartTime"), self.json_body.get("EndTime")
        )
        return json.dumps({"PublicKeyList": keys})
