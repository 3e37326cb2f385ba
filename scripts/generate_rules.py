"""Write docs/rules.md from the tables of rules and examples."""

from pathlib import Path

from idlib_data.validation.handbook import page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"{PAGE} written")
