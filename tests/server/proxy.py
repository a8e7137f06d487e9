"""``python -m tests.server.proxy``: moto-cks-proxy with the parrot in the place of the tools."""

from moto_cks.server.main import proxy_main
from tests.server.parrot import register

register()
proxy_main()
