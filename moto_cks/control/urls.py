"""The URLs of moto's own API, and the control API."""

from moto.moto_api._internal.urls import url_bases
from moto.moto_api._internal.urls import url_paths as moto_paths

from moto_cks.control.responses import answer

__all__ = ["url_bases", "url_paths"]

# One rule for all of it: which route is meant, and what a wrong one is told, is in this package.
url_paths = {**moto_paths, r"{0}/moto-api/cks/(?P<route>[\s\S]*)$": answer}
