"""The addresses of CloudHSM."""

from moto.cloudhsmv2.urls import url_bases

from moto_cks.cloudhsmv2.responses import CksCloudHSMV2Response

__all__ = ["url_bases", "url_paths"]

url_paths = {
    "{0}/$": CksCloudHSMV2Response.dispatch,
}
