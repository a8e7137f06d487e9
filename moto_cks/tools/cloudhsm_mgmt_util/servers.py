"""The commands of cloudhsm_mgmt_util on the servers and the connections to them."""

from __future__ import annotations

from moto_cks.hsm import HsmError, ReturnCode
from moto_cks.tools.cloudhsm_mgmt_util.changes import answered, server
from moto_cks.tools.cloudhsm_mgmt_util.session import Connection
from moto_cks.tools.nodes import Node
from moto_cks.tools.session import Script

PORT = 2225

INFO_HEADER = (
    "Id      Name                    Hostname         Port   State           "
    "Partition               LoginState\n"
)

HSM_INFO = """\
                *** Server {number} HSM Info ***

        Label                :cavium
        Model                :NITROX-III CNN35XX-NFBE

        Serial Number        :3.0A0101-ICM000001
        HSM Flags            :0
        FIPS state           :2 [FIPS mode with single factor authentication]

        Manufacturer ID      :
        Device ID            :10
        Class Code           :100000
        System vendor ID     :177D
        SubSystem ID         :10


        TotalPublicMemory    :560596
        FreePublicMemory     :294568
        TotalPrivateMemory   :0
        FreePrivateMemory    :0

        Hardware Major       :3
        Hardware Minor       :0

        Firmware Major       :2
        Firmware Minor       :03

        Temperature          :56 C

        Build Number         :13

        Firmware ID          :CNN35XX-NFBE-FW-2.03-13

"""
"""The hardware of every simulated HSM; the serial number is that in its certificates."""


def info(connection: Connection, args: list[str]) -> Script:
    """``info server <server ID>``: a connection, and who is logged in through it."""
    node = connection.node(int(args[1]))
    if args[0] != "server" or node is None:
        yield "Usage: info server <server ID>\n"
        return 1
    state = "Connected" if connection.reaches(node) else "Disconnected"
    yield INFO_HEADER
    yield (
        f"{node.number:<8}{node.address:<24}{node.address:<16}{PORT:<8}{state:<16}"
        f"{node.hsm_id:<24}{_login_state(connection, node)}\n"
    )
    return 0


def _login_state(connection: Connection, node: Node) -> str:
    try:
        user = connection.session(node).user
    except HsmError:
        return "Not logged in"
    return f"Logged in as '{user.name}({user.type.value})'"


def hsm_info(connection: Connection, args: list[str]) -> Script:
    """``getHSMInfo``: the hardware of each server."""

    def on(node: Node) -> str:
        if not connection.reaches(node):
            raise HsmError(ReturnCode.NO_HSM)
        return HSM_INFO.format(number=node.number)

    yield f"Getting HSM Info on {len(connection.targets)} nodes\n"
    return (yield from answered(connection, "getHSMInfo", on))


def encrypted(node: Node) -> str:
    """What is said of a server to which the connection is encrypted end to end."""
    return f"E2E enabled on server {server(node)}\n"


def enable_e2e(connection: Connection, args: list[str]) -> Script:
    """``enable_e2e``: in scripts for older versions of the tool; newer ones do it themselves."""
    return (yield from answered(connection, "enable_e2e", encrypted))


def enter_server(connection: Connection, args: list[str]) -> Script:
    """``server <server-number>``: send commands to one server only."""
    node = connection.node(int(args[0]))
    if node is None:
        yield f"There is no server {args[0]}.\n"
        return 1
    connection.server_mode = node
    yield "\nServer is in 'E2' mode...\n"
    return 0


def leave_server(connection: Connection, args: list[str]) -> Script:
    """``exit``: send commands to all servers again."""
    connection.server_mode = None
    return 0
    yield


def leave(connection: Connection, args: list[str]) -> Script:
    """``quit``: close the connections; the tool ends, and with it the logins."""
    yield "\ndisconnecting from servers, please wait...\n"
    return 0
