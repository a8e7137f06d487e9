"""Runs the tests against mutants; see "Mutants" in docs/testing.md.

    python -m tests.mutation --help

Works in a copy of the tree, which goes away. Ends with 1 where less than the target is noticed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import moto_cks

ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(moto_cks.__file__).parent
"""Beside the tests or, where those of a release are run, where it is installed."""

NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "venv", "__pycache__", "*.egg-info", "build", "dist", "site", "node_modules",
    ".*_cache", ".hypothesis", ".coverage*", "htmlcov",
)  # fmt: skip


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants, and not all")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which sample")
    parser.add_argument(
        "--skip", type=int, default=0, metavar="N", help="so many, to go on where a run has ended"
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="PATH", help="modules or folders in moto_cks/"
    )
    parser.add_argument(
        "--operators", nargs="+", default=[], metavar="NAME", help="faults of these kinds only"
    )
    parser.add_argument(
        "--tests", nargs="+", default=[], metavar="FOLDER", help="of tests to choose from"
    )
    parser.add_argument(
        "--longest", type=float, default=180, metavar="SECONDS", help="of tests for one mutant"
    )
    parser.add_argument("--minutes", type=float, metavar="N", help="stop after so long")
    parser.add_argument(
        "--measured", type=Path, metavar="FILE", help="keep in it which tests run which lines"
    )
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="keep in it which mutants were noticed"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to write it, too")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put it into a page")
    return parser


def main() -> int:
    """Copy the tree, and have the copy tried; the exit status."""
    asked = arguments().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="moto-cks-mutation-") as folder:
        copy, temporary = Path(folder, "copy"), Path(folder, "tmp")
        temporary.mkdir()
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        shutil.copytree(PACKAGE, copy / PACKAGE.name, ignore=NOT_COPIED, dirs_exist_ok=True)
        # Who measures this process is not to measure the copy.
        inherited = {n: v for n, v in os.environ.items() if not n.startswith("COVERAGE_")}
        # The hash of the source, and not its time, says whether compiled code is still that of it.
        compiling = ["compileall", "-q", "--invalidation-mode", "checked-hash", "moto_cks", "tests"]
        subprocess.run([sys.executable, "-m", *compiling], cwd=copy, env=inherited, check=True)
        environment = {
            **inherited,
            "PYTHONPATH": str(copy),
            "PYTHONHASHSEED": "0",
            "TMPDIR": str(temporary),
            # As tests/conftest.py has it; it has to be there before moto is loaded.
            "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        }
        command = [sys.executable, "-m", "tests.mutation.run", *sys.argv[1:]]
        for option in ("measured", "results", "report", "write"):
            if path := getattr(asked, option):
                command += [f"--{option}", str(path.resolve())]  # the last one counts
        with subprocess.Popen(command, cwd=copy, env=environment) as running:
            try:
                return running.wait()
            finally:
                # It ends what it has started, and reports what it has found by then.
                running.terminate()
                running.wait()


if __name__ == "__main__":
    sys.exit(main())
