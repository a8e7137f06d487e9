"""The HSM's own command line tools: cloudhsm_mgmt_util, key_mgmt_util and cloudhsm-cli.

Command grammars over :mod:`moto_cks.hsm`; nothing in this package knows KMS.
"""
