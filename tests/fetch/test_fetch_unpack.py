"""Archives that are broken or mean harm: refused as a whole, and nothing is written elsewhere."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from idlib_data.errors import ReleaseError
from idlib_data.fetch import unpack as module
from idlib_data.fetch.unpack import unpack
from tests.fetch.releases import packed, release_files

TOP = "own-1.0.0"
GOOD = {f"{TOP}/datapackage.json": b"{}", f"{TOP}/data/things.csv": b"thing_id\n"}


def archive(folder: Path, *more: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / f"{TOP}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in [*GOOD.items(), *more]:
            file.writestr(name, content)
    return path


def refused(path: Path) -> str:
    into = path.parent / "into"
    with pytest.raises(ReleaseError) as caught:
        unpack(path, into, TOP)
    outside = [p for p in path.parent.rglob("*") if p.name == "outside"]
    assert outside == []
    # What is unsafe is found before the first file is written.
    assert str(caught.value).startswith(f"{path.name}: ")
    assert str(caught.value).isprintable()
    return str(caught.value).removeprefix(f"{path.name}: ")


def special(kind: int, name: str = f"{TOP}/outside") -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def test_a_release_is_unpacked_as_it_is(tmp_path: Path) -> None:
    files = release_files()
    folder = unpack(packed(tmp_path / f"{TOP}.zip", files), tmp_path / "into", TOP)
    assert folder == tmp_path / "into" / TOP
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == files


def test_entries_for_folders_are_taken(tmp_path: Path) -> None:
    path = archive(tmp_path, (f"{TOP}/empty/", b""), (f"{TOP}/", b""))
    assert (unpack(path, tmp_path / "into", TOP) / "empty").is_dir()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside", "'../outside' leads out of the archive"),
        (f"{TOP}/../../outside", "leads out of the archive"),
        ("/outside", "leads out of the archive"),
        ("C:/outside", "leads out of the archive"),
        (f"{TOP}\\..\\..\\outside", "leads out of the archive"),
        (f"{TOP}/DATA/things.csv", "two files whose names some systems take for one"),
        ("other/outside", "does not lie in the folder own-1.0.0"),
        ("outside", "does not lie in the folder"),
        (f"{TOP}/a\x1b[2Jb", "has a control character"),
        (special(stat.S_IFLNK), "is a link or no plain file"),
        (special(stat.S_IFIFO), "is a link or no plain file"),
        (special(stat.S_IFCHR), "is a link or no plain file"),
        (special(stat.S_IFBLK), "is a link or no plain file"),
        (special(stat.S_IFSOCK), "is a link or no plain file"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_archive_that_means_harm_is_refused_before_anything_is_written(
    tmp_path: Path, name: str | zipfile.ZipInfo, said: str
) -> None:
    assert said in refused(archive(tmp_path, (name, b"x")))
    assert [p for p in (tmp_path / "into").rglob("*") if p.is_file()] == []


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path, (f"{TOP}/datapackage.json", b"[]"))
    assert refused(path) == "holds two files of the same name"


def test_names_that_differ_in_the_coding_of_an_accent_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, (f"{TOP}/\u00e9", b"x"), (f"{TOP}/e\u0301", b"x"))
    assert "some systems take for one" in refused(path)


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = archive(tmp_path, (f"{TOP}/zeros", b"0" * 10_000_000))
    assert refused(path) == "its content is more than 200 times as large as the archive"


def test_a_bomb_that_lies_about_its_size_is_not_written_out(tmp_path: Path) -> None:
    path = archive(tmp_path, (f"{TOP}/zeros", b"0" * 10_000_000))
    size = (10_000_000).to_bytes(4, "little")
    content = path.read_bytes()
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (1000).to_bytes(4, "little")))
    assert "is no zip archive that can be read" in refused(path)
    assert (tmp_path / "into" / TOP / "zeros").stat().st_size <= 1000


@pytest.mark.parametrize(("limit", "most"), [("MAX_FILES", 2), ("MAX_BYTES", 10)])
def test_too_many_files_or_bytes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    path = archive(tmp_path, (f"{TOP}/more", b"x"))
    with zipfile.ZipFile(path) as file:
        assert module.fault(file) is None
        said = module.fault(file, **{limit.lower(): most})
    assert said is not None
    assert said.startswith("is larger than ")


def encrypted(content: bytes) -> bytes:
    # Bit 0 of the flags, in the local header and in the directory.
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(signature)
        flags = content[start + at] | 1
        content = content[: start + at] + bytes([flags]) + content[start + at + 1 :]
    return content


def truncated(by: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:-by]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (encrypted, "is encrypted"),
        (truncated(1), "is no zip archive that can be read"),
        (truncated(100), "is no zip archive that can be read"),
        (lambda content: b"", "is no zip archive that can be read"),
        (lambda content: b"<html>not here</html>", "is no zip archive that can be read"),
        (lambda content: content.replace(b"\x08\x00", b"\x63\x00"), "is no zip archive"),
    ],
    ids=["encrypted", "one-byte-less", "half", "empty", "page", "unknown-packing"],
)
def test_a_damaged_archive_is_refused(
    tmp_path: Path, harm: Callable[[bytes], bytes], said: str
) -> None:
    path = archive(tmp_path)
    path.write_bytes(harm(path.read_bytes()))
    assert said in refused(path)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{TOP}.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{TOP}/text", b"original")
    path.write_bytes(path.read_bytes().replace(b"original", b"tampered"))
    assert "is no zip archive that can be read" in refused(path)


def test_every_truncation_of_an_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        (tmp_path / f"{length}").mkdir()
        part = tmp_path / f"{length}" / path.name
        part.write_bytes(content[:length])
        assert refused(part)
