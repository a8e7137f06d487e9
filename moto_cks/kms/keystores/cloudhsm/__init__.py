"""AWS CloudHSM key stores: their key material is in the HSMs of a cluster."""
