"""A first release and a corrected second one, from the shipped data to a reader far away.

Both are built, indexed, served over HTTP on the loopback, fetched, verified, opened and compared.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

import idlib_data as idl
from idlib_data.cli import main
from idlib_data.release.build import build
from tests.mini import CHECKOUT, edit
from tests.release.helpers import content, set_version

PATROL = "pat-m4-tr-2020-03-28"


class Quiet(SimpleHTTPRequestHandler):
    """The standard library's server, without its log."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Published:
    """Where the two releases were built, and the address of their index."""

    folder: Path
    address: str


def ok(*arguments: str) -> str:
    """What a call prints that must succeed."""
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def correct(folder: Path) -> None:
    """A handful of corrections: a claim and its cell, a further claim, a new record, a note."""
    claims = (folder / "data" / "claims.csv").read_text("utf-8").splitlines(keepends=True)
    said = [row for row in claims if f",{PATROL},reached_location_id,loc-musaybin," in row]
    assert said
    for row in said:
        edit(folder, "data/claims.csv", row, row.replace(",loc-musaybin,", ",loc-nayrab,"))
    patrols = (folder / "data" / "patrols.csv").read_text("utf-8").splitlines(keepends=True)
    (cells,) = [row for row in patrols if row.startswith(f"{PATROL},")]
    edit(folder, "data/patrols.csv", cells, cells.replace(",loc-musaybin,", ",loc-nayrab,"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    root = tmp_path_factory.mktemp("published")
    for version, base in (("1.0.0", None), ("1.0.1", root / "dist" / "1.0.0")):
        source = root / f"source-{version}"
        for part in ("data", "schemas"):
            shutil.copytree(CHECKOUT / part, source / part)
        for name in ("datapackage.json", "LICENSE", "README.md", "CITATION.cff"):
            shutil.copy(CHECKOUT / name, source)
        set_version(source, version)
        if base:
            correct(source)
            base = next(base.glob("*.zip"))
        build(source, out=root / "dist" / version, base=base, day="2026-12-01", allow_dirty=True)
    ok("release", "index", str(root / "dist"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root / "dist")))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Published(root / "dist", f"http://127.0.0.1:{server.server_port}/index.json")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def reader(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Somebody with an empty cache, who knows where the index is."""
    monkeypatch.setenv("IDLIB_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IDLIB_DATA_INDEX", published.address)
    monkeypatch.delenv("IDLIB_DATA_PACKAGE", raising=False)
    return published


def test_what_is_fetched_is_what_was_built_to_the_last_byte(reader: Published) -> None:
    fetched = Path(ok("release", "fetch", "1.0.0").strip().splitlines()[-1])
    (built,) = [path for path in (reader.folder / "1.0.0").iterdir() if path.is_dir()]
    assert content(fetched) == content(built)
    assert "1.0.1" in ok("release", "list")
    ok("release", "verify", "1.0.0")


def test_each_version_opens_with_its_own_data(reader: Published) -> None:
    reached = {
        version: idl.open(version).load("patrols").set_index("patrol_id")["reached_location_id"]
        for version in ("1.0.0", "1.0.1")
    }
    assert reached["1.0.0"][PATROL] == "loc-musaybin"
    assert reached["1.0.1"][PATROL] == "loc-nayrab"
    assert idl.open("1.0.0").version == "1.0.0"
    assert idl.validate(idl.open("1.0.1").root).valid


def test_the_corrections_are_told_with_the_claims_behind_them(reader: Published) -> None:
    found = idl.diff("1.0.0", "1.0.1")
    changed = {(line.record_id, line.field): (line.old, line.new) for line in found}
    assert changed[PATROL, "reached_location_id"] == ("loc-musaybin", "loc-nayrab")
    assert found.demand.step == "patch"
    assert set(found.counts) == {"claims", "patrols"}
    (line,) = [line for line in found if line.record_id == PATROL]
    assert "loc-nayrab" in line.why


def test_the_second_release_tells_what_changed_since_the_first(published: Published) -> None:
    (top,) = [path for path in (published.folder / "1.0.1").iterdir() if path.is_dir()]
    changes = (top / "CHANGES.csv").read_text("utf-8")
    assert f"patrols,{PATROL},reached_location_id,loc-musaybin,loc-nayrab," in changes
    assert "1.0.0" in (top / "CHANGES.md").read_text("utf-8")


def test_a_tampered_copy_is_told_and_a_whole_one_is_fetched_again(reader: Published) -> None:
    fetched = Path(ok("release", "fetch", "1.0.0").strip().splitlines()[-1])
    table = fetched / "data" / "patrols.csv"
    table.chmod(0o644)
    table.write_bytes(table.read_bytes().replace(b"loc-musaybin", b"loc-aleppo", 1))
    result = CliRunner().invoke(main, ["release", "verify", "1.0.0"])
    assert result.exit_code != 0
    assert "data/patrols.csv" in result.output
    ok("release", "fetch", "1.0.0", "--force")
    ok("release", "verify", "1.0.0")
