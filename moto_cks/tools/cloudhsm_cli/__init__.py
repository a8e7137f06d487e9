"""cloudhsm-cli, the CloudHSM CLI of Client SDK 5.

See "CloudHSM Command Line Interface (CLI)" in the AWS CloudHSM User Guide. The grammar is data
(:mod:`.grammar`); :mod:`.session` is connected and logged in, :mod:`.commands` work on it, and
:mod:`.tool` carries them out.
"""

from moto_cks.tools.cloudhsm_cli.tool import CloudHsmCli

__all__ = ["CloudHsmCli"]
