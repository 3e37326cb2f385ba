"""Write docs/coverage.md from the data of the checkout."""

from pathlib import Path

from idlib_data.queries.coverage import page

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coverage.md"

if __name__ == "__main__":
    PAGE.write_text(page(ROOT), encoding="utf-8", newline="\n")
    print(f"{PAGE} written")
