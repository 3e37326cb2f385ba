"""SARIF 2.1.0, the format that code scanning services read."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from idlib_data.validation.report import Problem, Report
from idlib_data.validation.rules import Rule
from idlib_data.validation.voices import guide, places

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report, root: Path | None = None) -> str:
    """The report as one SARIF run, with every rule that was judged by."""
    from idlib_data.dataset import version

    advisor, found = guide.Guide(root), places.find(report.problems, root)
    position = {rule: at for at, rule in enumerate(advisor.rules)}
    prints, base = _fingerprints(report), places.base(root)
    results = [
        _result(problem, found.get(problem), advisor, base)
        | {"partialFingerprints": {"primaryLocationLineHash": fingerprint}}
        | ({"ruleIndex": position[problem.rule]} if problem.rule in position else {})
        for problem, fingerprint in zip(report.problems, prints, strict=True)
    ]
    driver = {
        "name": "idlib-data",
        "version": version(),
        "rules": [_rule(rule) for rule in advisor.rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.meaning},
        "help": {"text": rule.hint},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [rule.layer]},
    }


def _result(
    problem: Problem, place: places.Place | None, advisor: guide.Guide, base: str
) -> dict[str, Any]:
    parts = [advisor.wrong(problem), advisor.advice(problem)]
    location: dict[str, Any] = {}
    if problem.path:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(base + problem.path), "uriBaseId": "%SRCROOT%"},
            "region": _region(problem, place),
        }
    names = [problem.table, problem.record_id, problem.field]
    if name := "/".join(name for name in names if name):
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    return {
        "ruleId": problem.rule,
        "level": problem.severity,
        "message": {"text": "\n".join(part for part in parts if part)},
        "locations": [location] if location else [],
    }


def _region(problem: Problem, place: places.Place | None) -> dict[str, int]:
    """Line and columns; the first line for a fault of a whole file, as services want one."""
    region = {"startLine": place.line if place else problem.line or 1}
    if place and place.column:
        region["startColumn"] = place.column
        if place.end_column:
            region["endColumn"] = place.end_column
    return region


def _fingerprints(report: Report) -> list[str]:
    """For each problem what names it from one commit to the next: its record, and no line number.

    The key under which it is given is the one that services use; they would else hash the line.
    """
    seen: Counter[str] = Counter()
    prints = []
    for problem in report.problems:
        named = [problem.rule, problem.path, problem.record_id, problem.field, problem.value]
        digest = sha256(json.dumps(named).encode()).hexdigest()[:16]
        seen[digest] += 1
        prints.append(f"{digest}:{seen[digest]}")
    return prints
