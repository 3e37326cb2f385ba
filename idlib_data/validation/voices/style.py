"""The style sheet of the HTML report: one column, large enough on a phone, light and dark."""

from __future__ import annotations

STYLE = """
:root { --page: #fff; --ink: #1c1e21; --soft: #5a6270; --line: #d9dde3; --card: #f6f7f9;
  --bad: #b3261e; --good: #1a6b35; --warn: #8a5a00; --mark: #ffd9d5; --markink: #7a130d; }
@media (prefers-color-scheme: dark) { :root { --page: #14161a; --ink: #e6e8eb; --soft: #a3abb8;
  --line: #353a43; --card: #1d2026; --bad: #ff8a80; --good: #7bd88f; --warn: #f2c14e;
  --mark: #5f1d19; --markink: #ffe3e0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 56rem; background: var(--page);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header { border-left: .4rem solid var(--good); padding: .1rem 0 .1rem 1rem; }
header.bad { border-color: var(--bad); }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .2rem 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
h2 small { color: var(--soft); font-weight: normal; font-size: .9rem; }
h3 { font-size: 1.05rem; margin: 0; }
h4 { font-size: .9rem; margin: 0 0 .3rem; color: var(--soft); font-weight: 600; }
code { font: .85em ui-monospace, monospace; padding: .1em .5em; border-radius: 1em;
  color: var(--page); background: var(--bad); }
.warning code { background: var(--warn); }
header p, .about { color: var(--soft); margin: .2rem 0; }
.rule > p { margin: .2rem 0; }
nav ul { padding-left: 1.2rem; }
a { color: inherit; }
.rule { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .8rem 1rem; margin: 1rem 0; }
article { border-top: 1px solid var(--line); margin-top: .7rem; padding-top: .7rem; }
pre { margin: 0 0 .5rem; padding: .5rem .6rem; background: var(--page);
  border: 1px solid var(--line); border-radius: .3rem; white-space: pre-wrap;
  font: .85rem/1.6 ui-monospace, monospace; }
mark { background: var(--mark); color: var(--markink); border-bottom: 2px solid var(--bad);
  padding: .1em .15em; border-radius: .2em; font-weight: 600; white-space: pre-wrap; }
mark.empty::after { content: "empty"; font-style: italic; font-weight: normal; }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .2rem .8rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; }
summary { cursor: pointer; margin-top: .8rem; font-weight: 600; }
@media (max-width: 34rem) { dl { display: block; } dt { font-size: .85rem; }
  dd { margin-bottom: .4rem; } }
"""
