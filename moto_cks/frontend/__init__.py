"""AWS's front end: what every request passes through before and after its service."""
