"""What pages that compare pictures are made of: HTML that needs nothing else, readable by day and by night."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from tha4_core.distill.report_pictures import Comparison


def page(title: str, sections: Iterable[str]) -> str:
    """A whole page. sections: HTML."""
    body = "\n".join(sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def section(title: str, content: str) -> str:
    """content: HTML."""
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def pictures(
    title: str, text: str, comparisons: Sequence[Comparison], names: tuple[str, str] = ("teacher", "student")
) -> str:
    """A section of comparisons. names: of what is compared with, and of what is compared."""
    wanted, made = map(escape, names)
    cards = "".join(
        f'<figure><div class="trio"><img src="{c.teacher}" alt="{wanted}" title="{wanted}">'
        f'<img src="{c.student}" alt="{made}" title="{made}">'
        f'<img class="dark" src="{c.difference}" alt="difference" title="difference"></div>'
        f"<figcaption><span>{escape(c.name)}</span> <b>{c.psnr:.1f} dB</b></figcaption></figure>"
        for c in comparisons
    )
    order = f'<p class="note">{wanted[:1].upper()}{wanted[1:]}, {made}, difference.</p>'
    return section(title, f'<p>{escape(text)}</p>{order}<div class="cards">{cards}</div>')


_STYLE: Final = """
:root { color-scheme: light dark; --paper: #faf9f7; --card: #ffffff; --ink: #26262c; --faded: #6b6b75;
  --rule: #e3e1dc; --face: #b4531f; --body: #2563b8; --checker: #ececec; }
@media (prefers-color-scheme: dark) { :root { --paper: #18181b; --card: #222226; --ink: #ececf0; --faded: #a0a0ab;
  --rule: #37373d; --face: #f0935c; --body: #7fb0f5; --checker: #3a3a40; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
header { display: flex; gap: 24px; align-items: center; flex-wrap: wrap; margin-bottom: 18px; }
h1 { margin: 0; font-size: 30px; } h2 { margin: 36px 0 6px; font-size: 20px; } h3 { margin: 8px 0; font-size: 15px; }
.verdict { margin: 2px 0 12px; font-size: 17px; }
.portrait { width: 160px; height: 160px; border-radius: 10px; }
.figures { display: flex; gap: 28px; flex-wrap: wrap; }
.figure b { display: block; font-size: 24px; font-weight: 600; } .figure span, .note { color: var(--faded); }
.note { margin: 0 0 8px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 14px; }
figure { margin: 0; padding: 10px; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
figcaption { display: flex; justify-content: space-between; gap: 10px; margin-top: 6px; }
figcaption span { overflow-wrap: anywhere; } figcaption b { white-space: nowrap; }
.trio { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; }
.trio img, .portrait { width: 100%; display: block; border-radius: 5px; background:
  repeating-conic-gradient(var(--checker) 0 25%, transparent 0 50%) 0 0 / 20px 20px, var(--card); }
.portrait { width: 160px; } .trio img.dark { background: #000; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(360px, 1fr)); gap: 20px; }
svg { width: 100%; height: auto; } .grid { stroke: var(--rule); } .tick, .axis { fill: var(--faded); font-size: 12px; }
.name { fill: var(--ink); font-size: 13px; } .line { fill: none; stroke-width: 2; }
.line.face { stroke: var(--face); } .line.body { stroke: var(--body); }
.dot.face { fill: var(--face); } .dot.body { fill: var(--body); }
.bar { display: grid; grid-template-columns: 140px 1fr 80px; gap: 12px; align-items: center; margin: 5px 0; }
.bar b { text-align: right; font-weight: 500; } .track { background: var(--rule); border-radius: 4px; height: 12px; }
.fill { display: block; height: 12px; border-radius: 4px; background: var(--body); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: 5px 14px 5px 0;
  border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--faded); font-weight: 500; }
"""
