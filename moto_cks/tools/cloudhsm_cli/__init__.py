"""cloudhsm-cli, the CloudHSM CLI of Client SDK 5.

See "CloudHSM Command Line Interface (CLI)" in the AWS CloudHSM User Guide. The grammar is data
(:mod:`.grammar`); :mod:`.tool` carries commands out.
"""

from moto_cks.tools.cloudhsm_cli.tool import CloudHsmCli

__all__ = ["CloudHsmCli"]
