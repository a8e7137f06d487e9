"""The commands of key_mgmt_util, and which one is meant.

See "key_mgmt_util command reference" and ``help`` in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

import argparse

from moto_cks.tools.key_mgmt_util import finding, generating, logins, managing
from moto_cks.tools.key_mgmt_util.grammar import (
    Command,
    Option,
    code,
    number,
    numbers,
)
from moto_cks.tools.key_mgmt_util.session import Connection
from moto_cks.tools.session import Script

_KEY = Option("-k", "Key handle", number, required=True)


def _exit(connection: Connection, args: argparse.Namespace) -> Script:
    """Nothing is left to do: the tool logs out where it ends."""
    return 0
    yield


def _help(connection: Connection, args: argparse.Namespace) -> Script:
    yield "\nHelp Commands Available:\n\nSyntax: <command> -h\n\n\n"
    yield "   Command               Description\n   =======               ===========\n"
    for heading, commands in GROUPS:
        yield f"\n{heading}\n" if heading else "\n"
        for command in commands:
            yield f"   {command.name:<23}{command.description}\n"
    return 0


_GENERAL = (
    Command("exit", "Exits this application", _exit, ends=True),
    Command("help", "Displays this information", _help),
)

LOGIN = Command(
    "loginHSM",
    "Login to the HSM",
    logins.log_in,
    "Cfm3LoginHSM",
    ("-u <user type>", "{ -p | -hpswd } <password>", "-s <username>"),
    (
        Option("-u", "User type", required=True),
        Option("-s", "Username", required=True),
        Option("-p", "Password", required=True),
        Option("-hpswd", "asks for the password", None, instead_of="-p"),
    ),
)

_ADMINISTRATION = (
    Command(
        "listUsers", "Lists all users of a partition", logins.list_users, "Cfm3ListUsers", ("",)
    ),
    LOGIN,
    Command("logoutHSM", "Logout from the HSM", logins.log_out, "Cfm3LogoutHSM", ("",)),
)

_GENERATION = (
    Command(
        "genSymKey",
        "Generates a Symmetric keys",
        generating.generate,
        "Cfm3GenerateSymmetricKey",
        (
            "-t <key-type>",
            "-s <key-size>",
            "-l <label>",
            "[-id <key-ID>]",
            "[-min_srv <minimum-number-of-servers>]",
            "[-m_value <0..8>]",
            "[-nex]",
            "[-sess]",
            "[-timeout <number-of-seconds> ]",
            "[-u <user-ids>]",
            "[-attest]",
        ),
        (
            Option("-t", "Key type", number, (16, 18, 21, 31), required=True),
            Option("-s", "Key size", number, required=True),
            Option("-l", "Key label", required=True),
            Option("-id", "Key ID"),
            Option("-min_srv", "Minimum number of servers", number),
            Option("-m_value", "Number of users who must approve", number, tuple(range(9))),
            Option("-nex", "makes the key nonextractable", None),
            Option("-sess", "makes a session key", None),
            Option("-timeout", "Seconds to wait for the servers", number),
            Option("-u", "User IDs to share with", numbers),
            Option("-attest", "checks the firmware", None),
        ),
    ),
)

_MANAGEMENT = (
    Command(
        "deleteKey", "Delete Key", managing.delete, "Cfm3DeleteKey", ("-k <key handle>",), (_KEY,)
    ),
    Command(
        "setAttribute",
        "Sets an attribute of an object",
        managing.set_attribute,
        "Cfm3SetAttribute",
        ("-o <object handle>", "-a 1"),
        (
            Option("-o", "Object handle", number, required=True),
            Option("-a", "Attribute", number, (1,), required=True),
        ),
    ),
    Command(
        "getKeyInfo",
        "Get Key Info about shared users/sessions",
        finding.get_key_info,
        "Cfm3GetKey",
        ("-k <key-handle>",),
        (_KEY,),
    ),
    Command(
        "findKey",
        "Find Key",
        finding.find,
        "Cfm3FindKey",
        (
            "[-c <key class>]",
            "[-t <key type>]",
            "[-l <key label>]",
            "[-id <key ID>]",
            "[-sess (0 | 1)]",
            "[-u <user-ids>]",
            "[-m <modulus>]",
            "[-kcv <key_check_value>]",
        ),
        (
            Option("-c", "Key class", number, (2, 3, 4)),
            Option("-t", "Key type", number, (0, 1, 3, 16, 18, 21, 31)),
            Option("-l", "Key label"),
            Option("-id", "Key ID"),
            Option("-sess", "Session keys (1) or persistent keys (0)", number, (0, 1)),
            Option("-u", "User IDs", numbers),
            Option("-m", "File with the modulus of an RSA key"),
            Option("-kcv", "Key check value"),
        ),
    ),
    Command(
        "findSingleKey",
        "Find single Key",
        finding.find_single,
        "Cfm3FindKey",
        ("-k <key-handle>",),
        (_KEY,),
    ),
    Command(
        "getAttribute",
        "Reads an attribute from an object",
        finding.get_attribute,
        "Cfm3GetAttribute",
        ("-o <key handle>", "-a <attribute constant>", "-out <file>"),
        (
            Option("-o", "Key handle", number, required=True),
            Option("-a", "Attribute", number, required=True),
            Option("-out", "Output file", required=True),
        ),
    ),
)

_HELPERS = (
    Command(
        "Error2String",
        "Converts Error codes to Strings",
        logins.error_to_string,
        "",
        ("-r <response-code>",),
        (Option("-r", "Response code", code, required=True),),
    ),
    Command("listAttributes", "List all attributes for getAttributes", finding.list_attributes),
)

GROUPS = (
    ("", _GENERAL),
    ("        Configuration and Admin Commands", _ADMINISTRATION),
    ("        Key Generation Commands", _GENERATION),
    ("        Key Management Commands", _MANAGEMENT),
    ("        Helper Commands", _HELPERS),
)
"""The commands in the order of ``help``."""

_BY_NAME: dict[str, Command] = {
    command.name: command for _, commands in GROUPS for command in commands
}
_BY_NAME["quit"] = _BY_NAME["exit"]

NOT_SIMULATED = (
    "IsValidKeyHandlefile",
    "aesWrapUnwrap",
    "approveToken",
    "createPublicKey",
    "delToken",
    "exSymKey",
    "exportPrivateKey",
    "exportPubKey",
    "extractMaskedObject",
    "genDSAKeyPair",
    "genECCKeyPair",
    "genPBEKey",
    "genRSAKeyPair",
    "getCaviumPrivKey",
    "getCert",
    "getHSMInfo",
    "getPartitionInfo",
    "getToken",
    "imSymKey",
    "importPrivateKey",
    "importPubKey",
    "insertMaskedObject",
    "listECCCurveIds",
    "listTokens",
    "loginStatus",
    "sign",
    "unWrapKey",
    "verify",
    "wrapKey",
)
"""Commands of the tool that this one does not have."""


def find(word: str) -> Command | str:
    """The command of that name, or what to say where there is none."""
    if word in _BY_NAME:
        return _BY_NAME[word]
    if word in NOT_SIMULATED:
        return f"\n        {word} is not simulated.\n"
    return "\n        Error: Unknown command. Type help for the commands.\n"
