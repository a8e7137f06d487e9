"""``python -m tests.server.proxy``: moto-cks-proxy with the parrot in the place of the tools."""

from moto_cks.server.proxy import main
from tests.server.parrot import register

register()
main()
