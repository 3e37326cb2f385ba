"""A release as it is built: what is in it, what it is refused for, and that its bytes are fixed."""

from __future__ import annotations

import csv
import getpass
import hashlib
import json
import os
import platform
import socket
import zipfile
from pathlib import Path

import pytest

from idlib_data.canonical import tidy
from idlib_data.dataset import Dataset
from idlib_data.errors import ReleaseError
from idlib_data.release.build import Built, RefusedError, build
from idlib_data.validation import validate
from tests.mini import claim, put
from tests.release.helpers import (
    DAY,
    change_descriptor,
    content,
    git,
    make_source,
    run,
    set_version,
)

OTHER_PYTHON = os.environ.get("OTHER_PYTHON", "")
TOP = "idlib-data-1.0.0"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_source(tmp_path_factory.mktemp("source") / "package")


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(source, out=tmp_path_factory.mktemp("out") / "1.0.0", day=DAY)


def with_new_actor(folder: Path, version: str) -> Path:
    """The package with a record more, and the claim that it exists."""
    source = make_source(folder, version)
    put(source, "actors", "act-zz-new", name="New", kind="state", side="observer")
    claim(source, "act-zz-new")
    tidy(Dataset(source))
    return source


def test_a_release_holds_exactly_what_the_layout_says(built: Built, source: Path) -> None:
    tables = Dataset(source).tables
    inside = {
        *("datapackage.json", "idlib-data.sqlite", "codebook.md", "CHANGES.csv", "CHANGES.md"),
        *("CITATION.cff", "LICENSE", "README.md", "datacite.json", "croissant.json"),
        *("manifest.json", "SHA256SUMS"),
        *(f"data/{table}.csv" for table in tables),
        *(f"schemas/{table}.json" for table in tables),
        *(f"parquet/{table}.parquet" for table in tables),
    }
    names = {f"{TOP}.zip", "SHA256SUMS", *(f"{TOP}/{name}" for name in inside)}
    assert set(content(built.folder)) == names
    assert built.files == {
        name: (hashlib.sha256(data).hexdigest(), len(data))
        for name, data in content(built.folder).items()
    }


def test_the_archive_holds_the_loose_files_in_a_fixed_form(built: Built) -> None:
    loose = content(built.folder / TOP)
    with zipfile.ZipFile(built.folder / f"{TOP}.zip") as archive:
        members = archive.infolist()
        assert [m.filename for m in members] == [f"{TOP}/{name}" for name in sorted(loose)]
        assert {m.date_time for m in members} == {(1980, 1, 1, 0, 0, 0)}
        assert {(m.create_system, m.external_attr >> 16) for m in members} == {(3, 0o100644)}
        assert {name: archive.read(f"{TOP}/{name}") for name in loose} == loose


def test_the_sums_are_those_of_the_files(built: Built) -> None:
    top = content(built.folder / TOP)
    for folder, named in ((built.folder, {f"{TOP}.zip"}), (built.folder / TOP, set(top))):
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        pairs = [tuple(line.split("  ", 1)) for line in lines]
        assert {name for _, name in pairs} == named - {"SHA256SUMS"}
        assert pairs == sorted(pairs, key=lambda pair: pair[1])
        for digest, name in pairs:
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_manifest_identifies_the_release(built: Built, source: Path) -> None:
    top = content(built.folder / TOP)
    manifest = json.loads(top["manifest.json"])
    assert list(manifest) == [
        *("format", "name", "version", "date", "step", "base", "writers", "tables", "files")
    ]
    assert (manifest["format"], manifest["name"], manifest["version"]) == (1, "idlib-data", "1.0.0")
    assert (manifest["date"], manifest["step"], manifest["base"]) == (DAY, "first", None)
    assert set(manifest["writers"]) == {"pyarrow", "sqlite", "zlib"}
    opened = Dataset(source)
    assert manifest["tables"] == {t: {"rows": opened.arrow(t).num_rows} for t in opened.tables}
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in top.items()
        if name not in ("manifest.json", "SHA256SUMS")
    }


def test_the_descriptor_names_size_and_hash_of_each_table(built: Built, source: Path) -> None:
    top = built.folder / TOP
    for table, resource in Dataset(top).resources.items():
        data = (source / "data" / f"{table}.csv").read_bytes()
        assert (top / resource["path"]).read_bytes() == data
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert (resource["bytes"], resource["schema"]) == (len(data), f"schemas/{table}.json")


def test_a_release_is_a_valid_package_itself(built: Built) -> None:
    assert validate(built.folder / TOP).problems == ()


def test_the_bytes_tell_neither_place_nor_host_nor_user_nor_python(
    built: Built, source: Path
) -> None:
    told = [str(built.folder), str(source), str(Path.cwd()), socket.gethostname()]
    told += [f"CPython {platform.python_version()}", f"/{getpass.getuser()}/"]
    told = [word for word in told if len(word) > 5]  # shorter ones come up in any zip file
    for name, data in content(built.folder).items():
        assert not [word for word in told if word.encode() in data], name


def test_builds_elsewhere_with_other_settings_have_the_same_bytes(
    built: Built, tmp_path: Path
) -> None:
    again = make_source(tmp_path / "another place" / "package")
    code = (
        "import os, sys; os.umask(0o077)\n"
        "from idlib_data.cli import main\n"
        f"main(['release', 'build', 'package', '--out', '../out', '--date', '{DAY}'])"
    )
    done = run(
        "-c", code, cwd=again.parent, TZ="Pacific/Kiritimati", PYTHONHASHSEED="7", LC_ALL="C"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert content(tmp_path / "out") == content(built.folder)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*")}
    assert modes == {0o755, 0o644}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(
    not OTHER_PYTHON, reason="OTHER_PYTHON names no interpreter with what is needed"
)
def test_builds_with_another_python_have_the_same_bytes(
    built: Built, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    call = ("-m", "idlib_data", "release", "build", source, "--out", out, "--date", DAY)
    done = run(*call, cwd=tmp_path, python=OTHER_PYTHON)
    assert (done.returncode, done.stderr) == (0, "")
    assert content(out) == content(built.folder)


def test_data_with_errors_are_refused_with_their_report(tmp_path: Path) -> None:
    source = make_source(tmp_path / "package")
    put(source, "patrols", "pat-m4-2020-07-14", sequence="many")
    with pytest.raises(RefusedError, match="nothing was built") as refused:
        build(source, out=tmp_path / "dist" / "1.0.0", day=DAY)
    assert refused.value.report is not None
    assert not refused.value.report.valid
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


def test_a_step_that_is_too_small_is_refused(built: Built, tmp_path: Path) -> None:
    source = with_new_actor(tmp_path / "package", "1.0.1")
    with pytest.raises(RefusedError) as refused:
        build(source, out=tmp_path / "out", base=built.folder / f"{TOP}.zip", day=DAY)
    assert refused.value.report is not None
    assert {p.rule for p in refused.value.report.problems} == {"version-step"}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("base", [TOP, f"{TOP}.zip"])
def test_a_correction_is_a_patch_and_its_changes_are_told(
    built: Built, tmp_path: Path, base: str
) -> None:
    source = make_source(tmp_path / "package", "1.0.1")
    put(source, "patrols", "pat-m4-2020-07-14", note="One, corrected.")
    second = build(source, out=tmp_path / "out", base=built.folder / base, day=DAY)
    assert (second.step, second.base) == ("patch", "1.0.0")
    top = tmp_path / "out" / "idlib-data-1.0.1"
    manifest = json.loads((top / "manifest.json").read_text())
    assert (manifest["step"], manifest["base"]) == ("patch", "1.0.0")
    header, change = (top / "CHANGES.csv").read_text().splitlines()
    assert header == "table,record_id,field,old,new,why"
    assert change.startswith("patrols,pat-m4-2020-07-14,note,")
    assert '"One, corrected."' in change
    words = (top / "CHANGES.md").read_text()
    assert "A patch step from 1.0.0: 1 change." in words
    assert "| One, corrected. |" in words


def test_a_new_record_is_a_minor_step(built: Built, tmp_path: Path) -> None:
    source = with_new_actor(tmp_path / "package", "1.1.0")
    second = build(source, out=tmp_path / "out", base=built.folder / TOP, day=DAY)
    assert (second.step, second.base) == ("minor", "1.0.0")
    top = tmp_path / "out" / "idlib-data-1.1.0"
    with (top / "CHANGES.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values())[:5] for row in csv.DictReader(file)]
    assert ("actors", "act-zz-new", "", "", "act-zz-new") in rows
    assert {row[0] for row in rows} <= {"actors", "claims"}


@pytest.mark.parametrize("version", ["1.0.0", "0.9.9"])
def test_a_version_that_does_not_grow_is_refused(
    built: Built, tmp_path: Path, version: str
) -> None:
    source = make_source(tmp_path / "package", version)
    with pytest.raises(RefusedError, match=f"{version} is not greater than 1.0.0"):
        build(source, out=tmp_path / "out", base=built.folder / TOP, day=DAY)


def test_a_base_of_another_name_is_refused(built: Built, tmp_path: Path) -> None:
    source = make_source(tmp_path / "package", "1.0.1")
    change_descriptor(source, name="another")
    with pytest.raises(ReleaseError, match="is the package idlib-data, not another"):
        build(source, out=tmp_path / "out", base=built.folder / TOP, day=DAY)


@pytest.mark.parametrize("version", ["1.0", "next", "1.0.0-rc1"])
def test_a_version_that_has_no_three_numbers_is_refused(tmp_path: Path, version: str) -> None:
    source = make_source(tmp_path / "package", version)
    with pytest.raises(RefusedError, match=r"is not written MAJOR\.MINOR\.PATCH"):
        build(source, out=tmp_path / "out", day=DAY)


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a b", "é"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    source = make_source(tmp_path / "package")
    change_descriptor(source, name=name)
    with pytest.raises(ReleaseError, match="files are called by it"):
        build(source, out=tmp_path / "out", day=DAY)


def test_files_that_are_not_committed_are_refused_unless_allowed(
    built: Built, tmp_path: Path
) -> None:
    source = make_source(tmp_path / "package")
    git(source, "init", "--quiet")
    (source / ".gitignore").write_text("dist/\n")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "-m", "data")
    clean = build(source, out=source / "dist" / "1.0.0", day=DAY)
    assert content(clean.folder) == content(built.folder)
    (source / "notes.txt").write_text("mine")
    with pytest.raises(ReleaseError, match=r"not committed are notes\.txt; commit them"):
        build(source, out=tmp_path / "out", day=DAY)
    assert not (tmp_path / "out").exists()
    allowed = build(source, out=tmp_path / "out", day=DAY, allow_dirty=True)
    assert content(allowed.folder) == content(built.folder)


def test_the_day_is_that_of_the_citation_else_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source(tmp_path / "package")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with pytest.raises(ReleaseError, match="the day of the release is not known"):
        build(source, out=tmp_path / "out")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86399")
    assert build(source, out=tmp_path / "epoch").date == "1970-01-01"
    citation = source / "CITATION.cff"
    text = citation.read_text("utf-8").replace("version: 0.1.0", "version: 1.0.0")
    citation.write_text(text + 'date-released: "2026-12-24"\n', "utf-8")
    assert build(source, out=tmp_path / "cited").date == "2026-12-24"
    set_version(source, "1.0.1")  # the citation speaks of the version before
    assert build(source, out=tmp_path / "next").date == "1970-01-01"


@pytest.mark.parametrize("day", ["2026-02-30", "24.11.2026", "20261124", ""])
def test_a_day_that_is_none_is_refused(tmp_path: Path, day: str) -> None:
    with pytest.raises(ReleaseError, match="is no day YYYY-MM-DD"):
        build(make_source(tmp_path / "package"), out=tmp_path / "out", day=day)


def test_documents_that_a_package_lacks_are_left_out(tmp_path: Path) -> None:
    source = make_source(tmp_path / "package")
    for name in ("LICENSE", "README.md", "CITATION.cff"):
        (source / name).unlink()
    built = build(source, out=tmp_path / "out", day=DAY)
    assert not {f"{TOP}/{n}" for n in ("LICENSE", "README.md", "CITATION.cff")} & set(built.files)


def test_a_document_that_is_a_link_out_of_the_package_is_refused(tmp_path: Path) -> None:
    source = make_source(tmp_path / "package")
    (tmp_path / "secret").write_text("secret")
    (source / "LICENSE").unlink()
    (source / "LICENSE").symlink_to(tmp_path / "secret")
    with pytest.raises(ReleaseError, match="leads out of the package"):
        build(source, out=tmp_path / "out", day=DAY)
    assert not (tmp_path / "out").exists()
