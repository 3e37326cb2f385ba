"""``python -m idlib_data``."""

from idlib_data.cli import main

main(prog_name="idlib-data")
