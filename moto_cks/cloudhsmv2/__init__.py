"""AWS CloudHSM v2: clusters, HSMs and backups in the terms of its API."""
