"""``python -m tests.server``: moto-cks-server with the parrot in the place of the tools."""

import sys

from moto_cks.server.main import main
from tests.server.parrot import register

register()
sys.exit(main())
