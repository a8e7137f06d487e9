"""CloudTrail: a record of every call to the services of this package, and where it goes."""
