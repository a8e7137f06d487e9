"""P7: no password and no key material in anything that leaves the mock, whatever is called."""
