"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# Loading them takes longer than building a cluster, and but for those of images no test needs one.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

# How long a test takes is for the benchmarks.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
