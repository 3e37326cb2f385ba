"""Opening what a package is compared with: a folder, an archive, a revision, and nothing else."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from idlib_data.dataset import Dataset
from idlib_data.errors import PackageError
from idlib_data.validation import base
from idlib_data.validation.base import opened
from tests.mini import make_package, text_columns

SCHEMA = {"fields": text_columns("thing_id"), "primaryKey": "thing_id"}
BEFORE, AFTER = "thing_id\nbefore\n", "thing_id\nafter\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return make_package(tmp_path / "package", things=(SCHEMA, AFTER))


def things(against: str | Path | Dataset, root: Path) -> str:
    """The file of the only table of a base."""
    with opened(against, root) as dataset:
        return dataset.path("things").read_text("utf-8")


def refused(against: str | Path, root: Path) -> str:
    with pytest.raises(PackageError) as caught, opened(against, root):
        pass
    return str(caught.value)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    command = ["git", *identity, "-C", str(folder), *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two states of a package in a folder below its top."""
    top = tmp_path / "repository"
    top.mkdir()
    git(top, "init", "--quiet", "--initial-branch", "main")
    git(top, "commit", "--quiet", "--allow-empty", "--message", "nothing")
    package = make_package(top / "below", things=(SCHEMA, BEFORE))
    for name, text in (("before", BEFORE), ("after", AFTER)):
        (package / "data/things.csv").write_text(text, "utf-8")
        git(top, "add", ".")
        git(top, "commit", "--quiet", "--allow-empty", "--message", name)
        git(top, "tag", name)
    return package


def archive(path: Path, members: Iterable[tuple[str | zipfile.ZipInfo, str]]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, text in members:
            file.writestr(name, text)
    return path


def members(package: Path, top: str = "") -> list[tuple[str | zipfile.ZipInfo, str]]:
    files = (path for path in sorted(package.rglob("*")) if path.is_file())
    return [(top + f.relative_to(package).as_posix(), f.read_text("utf-8")) for f in files]


def test_a_folder_its_descriptor_or_a_dataset_is_taken_as_it_is(package: Path) -> None:
    assert things(package, package) == AFTER
    assert things(str(package / "datapackage.json"), package) == AFTER
    dataset = Dataset(package)
    with opened(dataset, package) as same:
        assert same is dataset


@pytest.mark.parametrize("top", ["", "idlib-data-1.0.0/"])
def test_an_archive_holds_the_package_at_its_root_or_in_one_folder(
    package: Path, tmp_path: Path, top: str
) -> None:
    path = archive(tmp_path / "release.zip", members(package, top))
    assert things(path, package) == AFTER


def test_what_was_unpacked_goes_away(package: Path, tmp_path: Path) -> None:
    path = archive(tmp_path / "release.zip", members(package))
    with opened(path, package) as dataset:
        root = dataset.root
        assert root.is_dir()
    assert not root.exists()


def test_nothing_but_the_files_of_the_tables_is_unpacked(package: Path, tmp_path: Path) -> None:
    more = [*members(package), ("data/notes.csv", "x"), ("setup.py", "x")]
    with opened(archive(tmp_path / "release.zip", more), package) as dataset:
        files = {path.name for path in dataset.root.rglob("*") if path.is_file()}
    assert files == {"datapackage.json", "things.csv"}


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("data/link.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ("../outside.csv", "leads out of the archive"),
        ("data/../../outside.csv", "leads out of the archive"),
        ("/outside.csv", "leads out of the archive"),
        ("C:/outside.csv", "leads out of the archive"),
        ("..\\outside.csv", "leads out of the archive"),
        (link(), "is a link"),
    ],
    ids=["climbing", "climbing-later", "absolute", "drive", "backslash", "link"],
)
def test_an_archive_that_reaches_out_is_refused_as_a_whole(
    package: Path, tmp_path: Path, member: str | zipfile.ZipInfo, why: str
) -> None:
    path = archive(tmp_path / "release.zip", [*members(package), (member, "x")])
    assert why in refused(path, package)
    assert not list(tmp_path.rglob("outside.csv"))


def test_a_descriptor_in_an_archive_cannot_name_files_outside(
    package: Path, tmp_path: Path
) -> None:
    descriptor = '{"resources": [{"name": "things", "path": "../things.csv", "schema": {}}]}'
    path = archive(tmp_path / "release.zip", [("datapackage.json", descriptor)])
    assert "leads out of the package" in refused(path, package)


def test_two_files_of_one_name_are_refused(package: Path, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path / "release.zip", [*members(package), ("data/things.csv", "x")])
    assert "two files of the same name" in refused(path, package)


def test_an_archive_of_too_many_bytes_or_files_is_refused(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "release.zip", [*members(package), ("zeros", "0" * 100_000)])
    monkeypatch.setattr(base, "MAX_BYTES", 99_999)
    assert "is larger than" in refused(path, package)
    monkeypatch.undo()
    assert things(path, package) == AFTER
    monkeypatch.setattr(base, "MAX_FILES", 2)
    assert "is larger than" in refused(path, package)


def test_an_archive_without_a_package_or_a_file_of_it_is_refused(
    package: Path, tmp_path: Path
) -> None:
    deep = archive(tmp_path / "deep.zip", members(package, "a/b/"))
    assert "holds no datapackage.json" in refused(deep, package)
    two = archive(tmp_path / "two.zip", [*members(package, "a/"), *members(package, "b/")])
    assert "holds no datapackage.json" in refused(two, package)
    lacking = archive(tmp_path / "lacking.zip", members(package)[1:])
    assert "data/things.csv, a file of table things, is missing" in refused(lacking, package)


def test_a_file_that_is_no_archive_is_refused(package: Path, tmp_path: Path) -> None:
    path = archive(tmp_path / "release.zip", members(package))
    path.write_bytes(path.read_bytes()[:-30])
    assert "is no zip archive that can be read" in refused(path, package)
    assert "is no zip archive" in refused(package / "data/things.csv", package)


def test_a_damaged_member_is_refused(package: Path, tmp_path: Path) -> None:
    path = archive(tmp_path / "release.zip", members(package))
    path.write_bytes(path.read_bytes().replace(b"after", b"afTer"))
    assert "is no zip archive that can be read" in refused(path, package)


@pytest.mark.parametrize("revision", ["HEAD~1", "before", "after^", "main~1"])
def test_a_revision_is_read_as_it_was(repository: Path, revision: str) -> None:
    (repository / "data/things.csv").unlink()
    assert things(revision, repository) == BEFORE
    assert things("HEAD", repository) == AFTER


def test_a_revision_is_read_in_the_repository_of_the_package_and_no_other(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a hook, which git starts with its own repository in the environment.
    monkeypatch.setenv("GIT_DIR", str(repository / "nowhere"))
    assert things("before", repository) == BEFORE


def test_a_folder_that_is_no_package_may_be_named_like_a_revision(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "before").mkdir()
    monkeypatch.chdir(repository)
    assert things("before", repository) == BEFORE


def test_a_package_at_the_top_of_its_repository_is_found(package: Path) -> None:
    git(package, "init", "--quiet")
    git(package, "add", ".")
    git(package, "commit", "--quiet", "--message", "all")
    assert things("HEAD", package) == AFTER


def test_a_schema_is_read_from_the_revision_too(repository: Path) -> None:
    descriptor = '{"resources": [{"name": "things", "path": "./data/things.csv", "schema": "s"}]}'
    (repository / "datapackage.json").write_text(descriptor, "utf-8")
    (repository / "s").write_text('{"fields": [{"name": "thing_id"}]}', "utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "schema")
    (repository / "s").unlink()
    with opened("HEAD", repository) as dataset:
        assert dataset.schemas["things"].names == ("thing_id",)


@pytest.mark.parametrize(
    "revision", ["nowhere", "HEAD~99", "HEAD..before", "HEAD:below", "x" * 999]
)
def test_an_unknown_revision_is_refused(repository: Path, revision: str) -> None:
    assert "nor a revision of the repository" in refused(revision, repository)


def test_a_revision_without_the_package_is_refused(repository: Path) -> None:
    assert "HEAD~2, below/: holds no datapackage.json" in refused("HEAD~2", repository)


@pytest.mark.parametrize("revision", ["--all", "-h", "--output=out.txt"])
def test_a_revision_never_becomes_an_option(repository: Path, revision: str) -> None:
    assert "begins with a hyphen" in refused(revision, repository)
    assert not list(repository.rglob("out.txt"))


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_can_be_no_name_is_refused(package: Path, name: str) -> None:
    assert "names nothing to compare with" in refused(name, package)


def test_a_package_outside_a_repository_has_no_revisions(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(package.parent))
    assert "lies in no git repository" in refused("HEAD", package)


def test_without_git_there_are_no_revisions(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert "git is not there" in refused("HEAD", repository)


def test_a_base_with_a_missing_file_is_refused(package: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(package, other)
    (other / "data/things.csv").unlink()
    assert "the file of table things is missing" in refused(other, package)
