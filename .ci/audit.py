"""Looks up the known faults of installed packages, with pip-audit.

    python .ci/audit.py [--path FOLDER]

Of those that are installed beside it, or in a folder. Ends with 1 if there are any, with their IDs.
Where the advisories cannot be reached it says so and ends with 0: then nothing is known, which is
no fault of the package.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

COMMAND = ["-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--skip-editable"]
OWN = "moto-cks"
"""It is not on PyPI."""


UNREACHABLE = re.compile(
    r"(Connection|HTTP|Proxy|SSL|Service)Error|Timeout|[Cc]ould not connect|redirecting properly"
)
"""What pip-audit says where nobody answers, or not as the advisories would."""


def main() -> int:
    """Look them up; the exit status."""
    done = subprocess.run(
        [sys.executable, *COMMAND, *sys.argv[1:]], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        if UNREACHABLE.search(done.stderr):
            return skipped(done.stderr.strip().splitlines()[-1])
        print(done.stderr or f"pip-audit ended with {done.returncode} and said nothing")
        return 1
    looked_up = [each for each in found if "vulns" in each]
    unknown = [each for each in found if "vulns" not in each and each["name"] != OWN]
    if not looked_up:
        return skipped(unknown[0]["skip_reason"] if unknown else "nothing is installed")
    for each in unknown:
        print(f"not looked up: {each['skip_reason']}")
    faults = [(each, fault) for each in looked_up for fault in each["vulns"]]
    for each, fault in faults:
        mended = ", ".join(fault["fix_versions"]) or "no version"
        print(f"{each['name']} {each['version']}: {fault['id']}, mended in {mended}")
    print(f"{len(looked_up)} packages looked up, {len(faults)} known faults")
    return 1 if faults else 0


def skipped(reason: str) -> int:
    """Say that nothing was looked up, and why; the exit status of that."""
    print(f"skipped, the advisories cannot be reached: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
