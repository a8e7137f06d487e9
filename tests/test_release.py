"""The changelog and the version of the package say the same."""

from __future__ import annotations

import re
from pathlib import Path

from moto_cks import __version__

ROOT = Path(__file__).parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
RELEASE = re.compile(r"^## \[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
RELEASES = [
    ((int(major), int(minor), int(patch)), date)
    for major, minor, patch, date in RELEASE.findall(CHANGELOG)
]
HEADINGS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_each_heading_is_that_of_a_release_and_the_unreleased_come_first() -> None:
    headings = re.findall(r"^## .*$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "## [Unreleased]"
    assert len(headings) == 1 + len(RELEASES)


def test_releases_go_from_the_newest_to_the_oldest() -> None:
    versions, dates = zip(*RELEASES, strict=True)
    assert list(versions) == sorted(set(versions), reverse=True)
    assert list(dates) == sorted(dates, reverse=True)


def test_changes_stand_under_the_headings_of_keep_a_changelog_in_their_order() -> None:
    for release in CHANGELOG.split("\n## ")[1:]:
        used = re.findall(r"^### (.*)$", release, re.MULTILINE)
        assert used == [name for name in HEADINGS if name in used], release


def test_the_package_is_the_newest_release_or_on_the_way_to_the_next() -> None:
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(\.dev\d+)?", __version__)
    assert found is not None
    version = (int(found[1]), int(found[2]), int(found[3]))
    if found[4]:
        assert version > RELEASES[0][0]
    else:
        assert version == RELEASES[0][0]


def test_the_documentation_names_the_wheel_of_this_version() -> None:
    wheels = re.findall(r"moto_cks-(\S+?)-py3-none-any\.whl", (ROOT / "docs/server.md").read_text())
    assert set(wheels) == {__version__}
