"""The URLs of CloudTrail."""

from moto.cloudtrail.urls import url_bases

from moto_cks.cloudtrail.responses import CksCloudTrailResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": CksCloudTrailResponse.dispatch}
