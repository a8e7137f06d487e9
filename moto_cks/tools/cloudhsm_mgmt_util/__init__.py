"""cloudhsm_mgmt_util (CMU): the tool of Client SDK 3 for the users of the HSMs.

See "CloudHSM Management Utility (CMU)" in the AWS CloudHSM User Guide, which has a page for each
command. What a command prints is what its page shows. :mod:`.session` is connected and logged in,
the commands in the table of :mod:`.commands` work on it, and :mod:`.tool` carries them out.
"""

from moto_cks.tools.cloudhsm_mgmt_util.tool import CloudHsmMgmtUtil

__all__ = ["CloudHsmMgmtUtil"]
