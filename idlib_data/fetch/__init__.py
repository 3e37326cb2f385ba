"""Published releases: where they are listed, how they come here, and where they are kept.

    from idlib_data.fetch import obtain
    folder = obtain("1.0.0")

An index lists the releases (`index`). An archive is downloaded to a temporary name and compared
with size and hash (`download`), unpacked with care (`unpack`), compared with its own sums
(`verify`), and only then put in its place by one rename (`cache`).
"""

from __future__ import annotations

from pathlib import Path

from idlib_data.errors import ReleaseError
from idlib_data.fetch.cache import Cache
from idlib_data.fetch.index import is_version, read_index, whereabouts
from idlib_data.fetch.options import Options

__all__ = ["Options", "is_version", "obtain"]


def obtain(
    version: str,
    *,
    index: str | None = None,
    said: str | None = None,
    force: bool = False,
    options: Options | None = None,
) -> Path:
    """The folder of a published release: the copy in the cache, else it is fetched and verified.

    Args:
        version: The version, which is the tag.
        index: URL, file or folder of the index; without it the environment variable
            ``IDLIB_DATA_INDEX``, else `said`.
        said: Where the package in use says that its releases are listed.
        force: Fetch it even if the cache has a copy, which stays until the new one is whole.
        options: Time-outs, tries, redirects and the like.

    Raises:
        ReleaseError: It cannot be fetched, or is not what the index and its own sums say. Nothing
            of it is left then.
        NotFoundError: The index does not list it.
    """
    from idlib_data.fetch.download import download
    from idlib_data.fetch.unpack import unpack
    from idlib_data.fetch.verify import faults_of_folder

    if not is_version(version):
        raise ReleaseError(f"{version!r} is no version of the form MAJOR.MINOR.PATCH")
    options = options or Options()
    cache = Cache()
    cache.clear()
    if not force and (found := cache.find(version)):
        return found
    listing = read_index(whereabouts(index, said), options)
    entry = listing.entry(version)
    with cache.work(options.patience) as work:
        # Another process may have fetched it while this one waited for its turn.
        if not force and (found := cache.find(version)):
            return found
        archive = work / "archive.zip"
        download(entry.url, archive, entry.bytes, entry.sha256, options)
        folder = unpack(archive, work / "content", f"{listing.name}-{version}")
        faults = faults_of_folder(folder, listing, entry)
        if faults:
            more = f"; {len(faults) - 1} more faults" if len(faults) > 1 else ""
            raise ReleaseError(f"{entry.url}: is no whole release: {faults[0]}{more}")
        return cache.place(folder, version)
