"""An SVG with the boxes, lines and letters of all pictures, in light and dark."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

WIDTH = 960
HIGH = 28
"""Pixels: the width of a picture, and the height of a box with a line of text."""

LETTER = 6.9
"""Pixels that a letter of a label takes at most."""

STYLE = """
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.strong { font-weight: 600 }
.faint { fill: #59636e; font-size: 11px }
.paper { fill: #ffffff }
.band { fill: #f6f8fa }
.line { stroke: #59636e; fill: none }
.hair { stroke: #c4ccd4; fill: none }
.head, .dot { fill: #59636e }
.ring { fill: #ffffff; stroke: #59636e; stroke-width: 2 }
.frame { fill: none; stroke: #818b98; stroke-dasharray: 5 4 }
.core { fill: #ddf4ff; stroke: #0969da }
.edges { fill: #fff1c2; stroke: #9a6700 }
.circuit { fill: #dafbe1; stroke: #1a7f37 }
.shared { fill: #fbefff; stroke: #8250df }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.faint { fill: #9198a1 }
.paper { fill: #0d1117 }
.band { fill: #161b22 }
.line { stroke: #9198a1 }
.hair { stroke: #3d444d }
.head, .dot { fill: #9198a1 }
.ring { fill: #0d1117; stroke: #9198a1 }
.frame { stroke: #656c76 }
.core { fill: #0c2d4f; stroke: #4493f8 }
.edges { fill: #3b2a08; stroke: #d29922 }
.circuit { fill: #0f3319; stroke: #3fb950 }
.shared { fill: #2c1a4a; stroke: #ab7df8 }
}
"""


@dataclass
class Canvas:
    """An SVG of `WIDTH` pixels; what is drawn later lies above."""

    title: str
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, style: str = "", anchor: str = "start") -> None:
        """A line of text whose baseline is y."""
        named = f' class="{style}"' if style else ""
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text x="{x:g}" y="{y:g}"{named}{placed}>{escape(text, quote=False)}</text>')

    def box(
        self, x: float, y: float, width: float, height: float, style: str, label: str = "", corner: int = 4
    ) -> None:
        """A box with a label in its middle."""
        self.parts.append(
            f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner}"/>'
        )
        if label:
            self.text(x + width / 2, y + height / 2 + 4, label, anchor="middle")

    def line(self, x: float, y: float, to_x: float, to_y: float, style: str = "line") -> None:
        """A straight line."""
        self.parts.append(f'<path class="{style}" d="M{x:g} {y:g}L{to_x:g} {to_y:g}"/>')

    def down(self, x: float, y: float, to_x: float, to_y: float, style: str = "line") -> None:
        """A curve from a box to one below it, with a head."""
        middle = (y + to_y) / 2
        self.parts.append(
            f'<path class="{style}" d="M{x:g} {y:g}C{x:g} {middle:g} {to_x:g} {middle:g} '
            f'{to_x:g} {to_y - 5:g}"/>'
            f'<path class="head" d="M{to_x:g} {to_y:g}l-4 -7h8z"/>'
        )

    def across(self, x: float, to_x: float, y: float) -> None:
        """An arrow to the left or the right."""
        back = 7 if to_x < x else -7
        self.line(x, y, to_x + back / 2, y)
        self.parts.append(f'<path class="head" d="M{to_x:g} {y:g}l{back} -4v8z"/>')

    def dot(self, x: float, y: float, *, filled: bool) -> None:
        """A small disc, or a ring."""
        self.parts.append(f'<circle class="{"dot" if filled else "ring"}" cx="{x:g}" cy="{y:g}" r="5"/>')

    def svg(self, height: float) -> str:
        """The picture as a file."""
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
            f'height="{height:g}" role="img">',
            f"<title>{escape(self.title, quote=False)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height:g}" rx="6"/>',
            *self.parts,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"
