"""The addresses of a subnet: which of them can be given, and which are free."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator

# EC2 keeps the first four addresses and the last one of a subnet.
RESERVED_HEAD, RESERVED_TAIL = 4, 1


class AddressError(ValueError):
    """An address is not in the subnet or not free."""


class NoFreeAddressError(Exception):
    """A subnet has no free address."""


def usable_addresses(cidr: str) -> range:
    """The addresses of a subnet that can be given to an interface, as numbers."""
    block = ipaddress.IPv4Network(cidr)
    first, last = int(block.network_address), int(block.broadcast_address)
    return range(first + RESERVED_HEAD, last + 1 - RESERVED_TAIL)


def free_addresses(hosts: range, taken: Collection[str]) -> Iterator[str]:
    """Those of the addresses that are not taken, lowest first, as text."""
    addresses = (str(ipaddress.IPv4Address(host)) for host in hosts)
    return (address for address in addresses if address not in taken)
