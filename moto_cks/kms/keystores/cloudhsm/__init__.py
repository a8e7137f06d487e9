"""AWS CloudHSM key stores."""
