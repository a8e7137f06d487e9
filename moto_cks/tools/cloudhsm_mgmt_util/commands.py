"""The commands of cloudhsm_mgmt_util, and which one is meant.

See "cloudhsm_mgmt_util command reference" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from moto_cks.tools.cloudhsm_mgmt_util import keys, servers, sharing, users
from moto_cks.tools.cloudhsm_mgmt_util.grammar import Command, Mode
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.session import Script

_PASSWORD = "<password |-hpswd> [-2fa </path/to/authdata>]"


def _help(connection: Connection, args: list[str]) -> Script:
    if not args:
        for command in COMMANDS:
            yield f"{command.name:<16}{command.description}\n"
        return 0
    found = find(args[0])
    if isinstance(found, str):
        yield found
        return 1
    yield found.usage
    return 0


COMMANDS = (
    Command(
        "changePswd",
        f"<user-type> <user-name> {_PASSWORD}",
        "Changes the password of a user on the HSMs",
        users.change_password,
        range(3, 4),
        second_factor=True,
    ),
    Command(
        "createUser",
        f"<user-type> <user-name> {_PASSWORD}",
        "Creates a user on the HSMs",
        users.create_user,
        range(3, 4),
        second_factor=True,
    ),
    Command(
        "deleteUser",
        "<user-type> <user-name>",
        "Deletes a user from the HSMs",
        users.delete_user,
        range(2, 4),  # scripts say the password as well, and nobody looks at it
    ),
    Command(
        "enable_e2e",
        "",
        "Enables end-to-end encryption, which is always on",
        servers.enable_e2e,
    ),
    Command("exit", "", "Leaves server mode", servers.leave_server, mode=Mode.SERVER),
    Command(
        "findAllKeys",
        "<user id> <key hash (0/1)> [<output file>]",
        "Gets the keys that a user owns or shares",
        keys.find_all_keys,
        range(2, 4),
        (0, 1),
    ),
    Command(
        "getAttribute",
        "<key handle> <attribute id> [<filename>]",
        "Gets the value of an attribute of a key",
        keys.get_attribute,
        range(2, 4),
        (0, 1),
    ),
    Command("getHSMInfo", "", "Gets information about the hardware of the HSMs", servers.hsm_info),
    Command(
        "getKeyInfo",
        "-k <key-handle> [<output file>]",
        "Gets the users of a key",
        keys.get_key_info,
        range(1, 3),
        (0,),
        key_flag=True,
    ),
    Command("help", "[<command-name>]", "Lists the commands", _help, range(2)),
    Command(
        "info",
        "server <server ID>",
        "Gets the connection to an HSM and who is logged in",
        servers.info,
        range(2, 3),
        (1,),
    ),
    Command("listAttributes", "", "Lists the attributes of keys", keys.list_attributes, range(2)),
    Command("listUsers", "", "Lists the users of each HSM", users.list_users),
    Command(
        "loginHSM",
        f"<user-type> <user-name> {_PASSWORD}",
        "Logs in to the HSMs",
        users.log_in,
        range(3, 4),
        second_factor=True,
    ),
    Command("logoutHSM", "", "Logs out of the HSMs", users.log_out),
    Command("quit", "", "Quits the tool", servers.leave, ends=True),
    Command(
        "server",
        "<server-number>",
        "Enters server mode on an HSM",
        servers.enter_server,
        range(1, 2),
        (0,),
        mode=Mode.GLOBAL,
    ),
    Command(
        "setAttribute",
        "<key handle> <attribute id> <value>",
        "Sets an attribute of a key",
        sharing.set_attribute,
        range(3, 4),
        (0, 1),
    ),
    Command(
        "shareKey",
        "<key handle> <user id> <(share/unshare key?) 1/0>",
        "Shares a key with a user, or no more",
        sharing.share_key,
        range(3, 4),
        (0, 1, 2),
    ),
    Command(
        "syncKey",
        "<key handle> <destination hsm>",
        "Copies a key to another HSM",
        sharing.sync_key,
        range(2, 3),
        (0, 1),
        mode=Mode.SERVER,
    ),
    Command(
        "syncUser",
        "<user ID> <server ID>",
        "Copies a user to another HSM",
        users.sync_user,
        range(2, 3),
        (0, 1),
        mode=Mode.SERVER,
    ),
)
"""The commands, in the order of their names."""

NOT_SIMULATED = (
    "approveToken",
    "delToken",
    "getCert",
    "getMValue",
    "getToken",
    "listTokens",
    "registerMofnPubKey",
    "registerQuorumPubKey",
    "setMValue",
)
"""Commands of the tool that this one does not have."""


def find(word: str) -> Command | str:
    """The command that a word means, or what to say of it."""
    by_name: dict[str, Command] = {command.name: command for command in COMMANDS}
    if word in by_name:
        return by_name[word]
    if word in NOT_SIMULATED:
        return f"{word} is not simulated.\n"
    candidates = [name for name in by_name if name.startswith(word)]
    if len(candidates) > 1:
        return f"{word} is ambiguous: {', '.join(candidates)}\n"
    if not candidates:
        return "Command not found. Type help for the commands.\n"
    return by_name[candidates[0]]
