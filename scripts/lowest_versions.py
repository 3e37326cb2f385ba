"""Print pip constraints that pin each dependency of users to its lower bound in pyproject.toml."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
extras = project["project"]["optional-dependencies"].values()
for requirement in [*project["project"]["dependencies"], *(one for some in extras for one in some)]:
    found = re.fullmatch(r"([\w-]+)(?:\[[\w,]+\])?>=([\w.]+)", requirement)
    if found is None:
        raise SystemExit(f"{requirement!r} has no lower bound of the form name>=version")
    print(f"{found[1]}=={found[2]}")
