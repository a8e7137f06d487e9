"""The pytest plugin: fixtures, markers and options; see docs/pytest.md.

pytest loads this module in every project that has the package installed. So nothing else of the
package is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from moto_cks.handle.protocols.cks import Cks
    from moto_cks.handle.protocols.cluster import Cluster
    from moto_cks.handle.protocols.key_store import ExternalKeyStore, KeyStore
    from moto_cks.pytest_plugin import server, trial, worlds
    from moto_cks.xks_proxy.proxy import XksProxy

MARKERS = (
    "cks(region, account_id, hsms, hsm_type, transitions, clock, world): "
    "the world of the fixture cks.",
    "cks_failures(*names, rows, skip, irrecoverable, variants): the failures of cks_failure.",
)

_WORLD = pytest.StashKey["worlds.TestWorld"]()
_TRIAL = pytest.StashKey["trial.CksFailure"]()
ROW = "cks_failure"
"""The property of a report under which a row of the matrix travels, as JSON."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options."""
    _spare_the_package(pluginmanager)
    group = parser.getgroup("cks", "moto_cks: the documented failures of AWS KMS key stores")
    group.addoption(
        "--cks-failures",
        action="append",
        default=[],
        metavar="GLOB",
        help="run tests with cks_failure only with these failures (globs, with commas; repeatable)",
    )
    group.addoption(
        "--cks-matrix",
        action="append",
        default=[],
        metavar="FILE",
        help="write the resilience matrix to a file: .md, .html or .json (repeatable)",
    )


def _spare_the_package(pluginmanager: pytest.PytestPluginManager) -> None:
    """Have the package imported as it would be without pytest.

    pytest rewrites the assert statements of whatever comes with a plugin. Those of the whole
    package take twice as long as loading it, each time where no bytecode is written.
    """
    hook = pluginmanager.rewrite_hook
    marked = getattr(hook, "_must_rewrite", None)  # there is no other way to unmark
    if isinstance(marked, set):
        marked.discard("moto_cks")
        hook.mark_rewrite()  # nothing more, and look at what is marked anew


def pytest_configure(config: pytest.Config) -> None:
    """Say which markers there are, and look at the options."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.pluginmanager.register(Rows(config.option.cks_matrix), "cks-rows")
    if config.option.cks_matrix:
        from moto_cks.pytest_plugin.files import check_names  # noqa: PLC0415

        check_names(config.option.cks_matrix)
    if config.option.cks_failures:
        from moto_cks.pytest_plugin.selection import check_globs  # noqa: PLC0415

        check_globs(config.option.cks_failures)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for cks_failure once a failure."""
    if "cks_failure" in metafunc.fixturenames:
        from moto_cks.pytest_plugin.selection import chosen  # noqa: PLC0415

        markers = list(metafunc.definition.iter_markers("cks_failures"))
        names = chosen(markers, metafunc.config.option.cks_failures)
        metafunc.parametrize("cks_failure", names, indirect=True, ids=names)


# Fixtures -----------------------------------------------------------------------------------------


@pytest.fixture
def cks(request: pytest.FixtureRequest) -> Iterator[Cks]:
    """The handle on a new simulated world, which is the test's own."""
    from moto_cks.pytest_plugin.worlds import TestWorld  # noqa: PLC0415

    folders = [request.path.parent, request.config.rootpath]
    params = getattr(request.node, "callspec", None)
    case = params.params.get("cks_failure") if params is not None else None
    world = TestWorld(list(request.node.iter_markers("cks")), folders, case)
    with world.entered() as handle:
        request.node.stash[_WORLD] = world
        yield handle


@pytest.fixture
def cks_cluster(request: pytest.FixtureRequest, cks: Cks) -> Cluster:
    """An active cluster that is ready for a key store; of a saved world, the one that it has."""
    return _world_of(request).the_cluster()


@pytest.fixture
def cks_key_store(request: pytest.FixtureRequest, cks: Cks) -> KeyStore:
    """A custom key store, connected; of a saved world, the one that it has, as it is."""
    # A saved world need not have a cluster for it any more.
    return _world_of(request).the_key_store(lambda: request.getfixturevalue("cks_cluster"))


@pytest.fixture
def cks_xks_proxy(request: pytest.FixtureRequest, cks: Cks) -> XksProxy:
    """An external key store proxy, with a key manager; of a saved world, the one that it has."""
    return _world_of(request).the_proxy()


@pytest.fixture
def cks_external_key_store(request: pytest.FixtureRequest, cks: Cks) -> ExternalKeyStore:
    """An external key store, connected; of a saved world, the one that it has, as it is."""
    return _world_of(request).the_external_key_store(
        lambda: request.getfixturevalue("cks_xks_proxy")
    )


@pytest.fixture
def cks_failure(
    request: pytest.FixtureRequest, cks: Cks, cks_key_store: KeyStore
) -> trial.CksFailure:
    """A documented failure, another one each time the test runs; ``with cks_failure:``."""
    from moto_cks.pytest_plugin.trial import CksFailure  # noqa: PLC0415

    if not hasattr(request, "param"):
        pytest.fail(
            "cks_failure is for functions and methods that pytest can parametrize: it is "
            "not for those of a unittest.TestCase.",
            pytrace=False,
        )
    made = CksFailure(request.node.nodeid, request.param, cks, cks_key_store)
    request.node.stash[_TRIAL] = made
    return made


@pytest.fixture
def cks_server(request: pytest.FixtureRequest, cks: Cks) -> Iterator[server.CksServer]:
    """A server in a thread that answers from the world of the test."""
    from moto_cks.pytest_plugin.server import serve  # noqa: PLC0415

    with serve(_world_of(request).region) as running:
        yield running


def _world_of(request: pytest.FixtureRequest) -> worlds.TestWorld:
    stash: pytest.Stash = request.node.stash
    return stash[_WORLD]


# Reports ------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the world went through to a test that failed, and the row of the matrix."""
    report = yield
    if _WORLD in item.stash:
        from moto_cks.pytest_plugin.reports import complete  # noqa: PLC0415

        complete(report, call, item.stash[_WORLD], item.stash.get(_TRIAL, None))
    return report


class Rows:
    """Keeps the rows of the matrix, wherever their tests ran, and shows them in the end.

    Args:
        files: where to write it.
    """

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._rows: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test has to say."""
        self._rows.extend(str(value) for name, value in report.user_properties if name == ROW)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files, where all rows come together."""
        if self._files and not hasattr(session.config, "workerinput"):
            from moto_cks.pytest_plugin.files import write  # noqa: PLC0415

            write(self._files, self._rows)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print it."""
        if self._rows:
            from moto_cks.pytest_plugin.matrix import Matrix  # noqa: PLC0415

            terminalreporter.section("cks: resilience matrix")
            terminalreporter.write_line(Matrix.of(self._rows).as_text())
        for file in self._files:
            terminalreporter.write_line(f"cks: resilience matrix written to {file}")
