"""What all tests share."""

from __future__ import annotations

import os

# Loading them takes longer than building a cluster, and no test needs an image.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
