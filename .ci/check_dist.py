"""Holds what was built against the source: nothing is missing, and nothing has come along.

    git ls-files | python .ci/check_dist.py DIST

DIST is a folder with one sdist and one wheel; the files of the source come by standard input. The
wheel must have all files of moto_cks, and nothing else but its metadata; the sdist must have all
files, so that the tests run and the documentation is built from it. Ends with 1 and the names.
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

PACKAGE = "moto_cks"
NEEDED = {f"{PACKAGE}/py.typed", f"{PACKAGE}/control/openapi.json", "tests/conftest.py", ".ci/run"}
"""Without these the list of files itself is wrong."""


def in_wheel(path: Path) -> tuple[set[str], set[str]]:
    """The files of a wheel, and those of its metadata among them."""
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
    return names, {name for name in names if name.split("/")[0].endswith(".dist-info")}


def in_sdist(path: Path) -> tuple[set[str], set[str]]:
    """The files of an sdist less its folder, and those that setuptools writes among them."""
    with tarfile.open(path) as sdist:
        members = [PurePosixPath(member.name) for member in sdist if member.isfile()]
    names = {str(PurePosixPath(*member.parts[1:])) for member in members}
    return names, {n for n in names if n == "PKG-INFO" or n.startswith(f"{PACKAGE}.egg-info/")}


def differences(what: str, expected: set[str], found: tuple[set[str], set[str]]) -> list[str]:
    """What is missing, and what is too much."""
    names, own = found
    return [
        *(f"{what} lacks {name}" for name in sorted(expected - names)),
        *(f"{what} should not have {name}" for name in sorted(names - own - expected)),
    ]


def main(folder: str, listed: set[str]) -> int:
    """Compare; the exit status."""
    (wheel,), (sdist,) = Path(folder).glob("*.whl"), Path(folder).glob("*.tar.gz")
    package = {name for name in listed if name.startswith(f"{PACKAGE}/")}
    wrong = [
        *(f"the list of files lacks {name}" for name in sorted(NEEDED - listed)),
        *differences(wheel.name, package, in_wheel(wheel)),
        *differences(sdist.name, listed, in_sdist(sdist)),
    ]
    print("\n".join(wrong) or f"{wheel.name}: {len(package)} files; {sdist.name}: {len(listed)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], set(sys.stdin.read().splitlines())))
