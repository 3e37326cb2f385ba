"""What a descriptor may not ask of frictionless: to read anything but the files of the package.

The judge follows profiles on the web, further paths, archives and database addresses. A package is
handed to it only when its descriptor names nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from idlib_data.errors import shortened

if TYPE_CHECKING:
    from idlib_data.dataset import Dataset

PROFILES = {
    f"https://datapackage.org/profiles/{version}/{kind}.json"
    for version in ("1.0", "2.0")
    for kind in ("datapackage", "dataresource", "tabledialect", "tableschema")
}
NAMED = {"data-package", "tabular-data-package", "data-resource", "tabular-data-resource"}
ELSEWHERE = ("basepath", "compression", "data", "extrapaths", "innerpath", "profiles", "url")
"""Properties of a resource with which frictionless reads something else than its path."""
ONLY = {"type": ("table",), "scheme": ("file",), "format": ("csv",)}
"""Property of a resource -> what it may be, when it is given."""


def refusals(dataset: Dataset) -> Iterator[str]:
    """What in the descriptors leads elsewhere, in words."""
    yield from _profile(dataset.descriptor, "the package")
    if "profiles" in dataset.descriptor:
        yield "the package: 'profiles' is not supported"
    for table, resource in dataset.resources.items():
        where = f"resource {shortened(table)}"
        yield from _profile(resource, where)
        for name in ELSEWHERE:
            if name in resource:
                yield f"{where}: {name!r} leads to other data than the file of its path"
        for name, known in ONLY.items():
            if name in resource and resource[name] not in known:
                said = shortened(resource[name])
                yield f"{where}: {name!r} is {said}, only {known[0]!r} is supported"
        yield from _dialect(resource.get("dialect", {}), where)
        schema = dataset.schema_descriptor(table)
        yield from _profile(schema, f"the schema of table {shortened(table)}")
        if "$ref" in schema:
            yield f"the schema of table {shortened(table)}: '$ref' is not followed"


def _dialect(dialect: Any, where: str) -> Iterator[str]:
    if not isinstance(dialect, Mapping):
        yield f"{where}: the dialect is not written out in the descriptor: {shortened(dialect)}"
        return
    yield from _profile(dialect, f"{where}: dialect")
    for name, value in dialect.items():
        if isinstance(value, Mapping) and name != "csv":
            yield f"{where}: the dialect {shortened(name)} is not supported, only CSV is"


def _profile(descriptor: Mapping[str, Any], where: str) -> Iterator[str]:
    for name, known in (("$schema", PROFILES), ("profile", NAMED)):
        value = descriptor.get(name)
        if value is not None and not (isinstance(value, str) and value in known):
            yield f"{where}: {name!r} {shortened(value)} is no profile of the standard"
