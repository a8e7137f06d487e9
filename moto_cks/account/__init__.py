"""The rest of the user's AWS account, as moto has it: the network, the roles and the callers."""
