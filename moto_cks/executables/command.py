"""The console script ``moto-cks``: it asks a server that runs, and prints what that answers.

It loads neither boto3 nor moto.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from moto_cks.executables.endpoint import DEFAULT_ENDPOINT, ENDPOINT, endpoint_in
from moto_cks.executables.version import version

USABLE, NOT_USABLE, UNKNOWN = 0, 1, 2
"""The exit statuses of ``moto-cks explain``; ``UNKNOWN`` also where there is no such thing, no
server answers, and where the command line is wrong."""


def main() -> NoReturn:
    """Run ``moto-cks``."""
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Nobody reads any more; nothing may be left that Python would want to write at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = UNKNOWN
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; gives the exit status."""
    options = _parser().parse_args(arguments)
    from moto_cks.handle.remote.control_api import NoServerError, ServerError  # noqa: PLC0415

    try:
        status: int = options.command(options)
    except (NoServerError, ServerError) as error:
        print(f"moto-cks: {error}", file=sys.stderr)
        return UNKNOWN
    return status


def explain(options: argparse.Namespace) -> int:
    """Print why something cannot be used, and what mends it."""
    from moto_cks.handle.remote.control_api import ControlApi  # noqa: PLC0415

    explanation = ControlApi(options.endpoint).get("explain", options.subject)
    if options.json:
        print(json.dumps(explanation, indent=2, ensure_ascii=False))
    else:
        print(explanation["text"])
    return {True: USABLE, False: NOT_USABLE, None: UNKNOWN}[explanation["usable"]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "moto-cks",
        description="Ask a server of moto_cks about its simulated world.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=version("moto-cks"))
    parser.add_argument(
        "--endpoint",
        default=endpoint_in(os.environ),
        metavar="URL",
        help=f"the server; by default what {ENDPOINT} says, or {DEFAULT_ENDPOINT}",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    explaining = commands.add_parser(
        "explain",
        help="why a key store, a KMS key or a cluster cannot be used, and what mends it",
        description=(
            "Why a key store, a KMS key or a cluster cannot be used, what lies behind that, and "
            "the documented steps that mend it. Looking changes nothing."
        ),
        epilog=(
            f"The exit status is {USABLE} where it can be used, {NOT_USABLE} where it cannot, and "
            f"{UNKNOWN} where nobody knows, or there is no such thing or no server."
        ),
        allow_abbrev=False,
    )
    explaining.add_argument(
        "subject",
        metavar="ID",
        help="the ID of a key store or cluster; or the ID, ARN, alias or alias ARN of a key",
    )
    explaining.add_argument("--json", action="store_true", help="print JSON")
    explaining.set_defaults(command=explain)
    return parser
