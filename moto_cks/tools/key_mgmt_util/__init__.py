"""key_mgmt_util (KMU): the tool of Client SDK 3 for keys.

See "Key Management Utility (KMU)" in the AWS CloudHSM User Guide, which has a page for each
command. What a command prints is what its page shows. :mod:`.session` is connected and logged in,
the commands in the table of :mod:`.commands` work on it, and :mod:`.tool` carries them out.
"""

from moto_cks.tools.key_mgmt_util.tool import KeyMgmtUtil

__all__ = ["KeyMgmtUtil"]
