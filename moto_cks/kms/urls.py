"""The URLs of KMS."""

from moto.kms.urls import url_bases

from moto_cks.kms.responses import CksKmsResponse

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": CksKmsResponse.dispatch}
