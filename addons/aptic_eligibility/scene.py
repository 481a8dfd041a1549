"""A drawing that is the same on paper and on a screen: shapes and lines of text, as PDF, PNG or SVG. Plain Python.

Coordinates are points from the top left corner. Shapes are polygons, so that they can be turned and bent alike in every
format; curves are polygons of many sides. Texts stay texts in a PDF: they can be searched and read aloud.
"""

import io
import itertools
import math
import os
from dataclasses import dataclass, field

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

OVERSAMPLING = 3  # of PNG pictures, for smooth edges
VERA = os.path.join(os.path.dirname(reportlab.__file__), "fonts")


@dataclass(frozen=True)
class Fonts:
    """Files of the two weights that are used (TrueType)."""

    plain: str = os.path.join(VERA, "Vera.ttf")
    bold: str = os.path.join(VERA, "VeraBd.ttf")

    def name(self, weight: str) -> str:
        """Return the name under which reportlab knows a weight (``plain`` or ``bold``)."""
        path = getattr(self, weight)
        name = f"Aptic-{os.path.basename(path)}"
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, path))
        return name

    def width(self, text: str, weight: str, size: float) -> float:
        """Return how wide a text is, in points."""
        return pdfmetrics.stringWidth(text, self.name(weight), size)

    def clean(self, text: str) -> str:
        """Return a text on one line without the signs that the fonts lack."""
        glyphs = pdfmetrics.getFont(self.name("bold")).face.charToGlyph
        return "".join(sign for sign in " ".join((text or "").split()) if ord(sign) in glyphs)

    def lines(self, text: str, weight: str, size: float, width: float, most: int) -> list:
        """Break a text into at most ``most`` lines of a width; what does not fit is cut with an ellipsis."""
        words, lines = self.clean(text).split(), []
        while words and len(lines) < most:
            line = words.pop(0)
            while words and self.width(f"{line} {words[0]}", weight, size) <= width:
                line += f" {words.pop(0)}"
            lines.append(line)
        if words:
            lines[-1] += "…"
        return [self._cut(line, weight, size, width) for line in lines]

    def _cut(self, line, weight, size, width):
        if self.width(line, weight, size) <= width:
            return line
        line = line.rstrip("…")
        while line and self.width(f"{line}…", weight, size) > width:
            line = line[:-1].rstrip()
        return f"{line}…"

    def fit(self, text: str, weight: str, largest: float, smallest: float, width: float, most: int = 1):
        """Return ``(size, lines)``: the largest size at which a whole text fits, else the smallest one and a cut."""
        size, whole = largest, self.clean(text)
        while size > smallest:
            lines = self.lines(text, weight, size, width, most)
            if " ".join(lines) == whole:
                return size, lines
            size -= 0.5
        return smallest, self.lines(text, weight, smallest, width, most)


@dataclass
class Scene:
    """What is drawn, in order.

    :ivar width: in points.
    :ivar height: in points.
    :ivar fonts: the fonts of its texts.
    :ivar title: of the document.
    """

    width: float
    height: float
    fonts: Fonts
    title: str = "#APTIC"
    items: list = field(default_factory=list)

    # ----------------------------------------------------------------- shapes
    def polygon(self, points, color):
        """Fill a polygon: a list of points, or a list of such lists, of which the later ones are holes."""
        contours = points if isinstance(points[0][0], tuple | list) else [points]
        self.items.append(("shape", contours, color))

    def rect(self, x, y, width, height, color, radius=0):
        """Fill a rectangle, with round corners if asked for."""
        self.polygon(rounded(x, y, width, height, radius), color)

    def circle(self, x, y, radius, color):
        """Fill a disc."""
        self.polygon(arc(x, y, radius, 0, 360), color)

    def ring(self, x, y, radius, thickness, color):
        """Fill a ring of an outer radius."""
        self.polygon([arc(x, y, radius, 0, 360), arc(x, y, radius - thickness, 0, 360)], color)

    def line(self, points, thickness, color):
        """Draw a line of straight pieces with round ends and corners."""
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            length = math.hypot(x2 - x1, y2 - y1) or 1
            dx, dy = (y2 - y1) / length * thickness / 2, (x2 - x1) / length * thickness / 2
            self.polygon([(x1 - dx, y1 + dy), (x2 - dx, y2 + dy), (x2 + dx, y2 - dy), (x1 + dx, y1 - dy)], color)
        for x, y in points:
            self.circle(x, y, thickness / 2, color)

    def text(self, x, y, text, weight, size, color, anchor="left"):
        """Write a line whose baseline is at ``y``; ``anchor`` is ``left``, ``center`` or ``right``."""
        width = self.fonts.width(text, weight, size)
        left = x - {"left": 0, "center": width / 2, "right": width}[anchor]
        self.items.append(("text", left, y, text, weight, size, color))

    def place(self, other, transform):
        """Draw the shapes of another scene through a function of a point; its texts are left out."""
        for item in other.items:
            if item[0] == "shape":
                self.items.append(("shape", [[transform(*point) for point in c] for c in item[1]], item[2]))

    # ---------------------------------------------------------------- outputs
    def draw_on(self, canvas, left=0.0, top=None, scale=1.0):
        """Draw on a page of reportlab, whose origin is at the bottom left."""
        canvas.saveState()
        canvas.translate(left, canvas._pagesize[1] if top is None else top)
        canvas.scale(scale, scale)
        for item in self.items:
            if item[0] == "shape":
                path = canvas.beginPath()
                for contour in item[1]:
                    path.moveTo(contour[0][0], -contour[0][1])
                    for x, y in contour[1:]:
                        path.lineTo(x, -y)
                    path.close()
                canvas.setFillColor(HexColor(item[2]))
                canvas.drawPath(path, stroke=0, fill=1, fillMode=0)
            else:
                _kind, x, y, text, weight, size, color = item
                canvas.setFillColor(HexColor(color))
                canvas.setFont(self.fonts.name(weight), size)
                canvas.drawString(x, -y, text)
        canvas.restoreState()

    def pdf(self) -> bytes:
        """Return the scene as a PDF of one page; equal scenes give equal bytes."""
        return pages([self], self.title)

    def png(self, pixels: int) -> bytes:
        """Return the scene as a PNG picture, so many pixels wide; equal scenes give equal bytes."""
        scale = pixels * OVERSAMPLING / self.width
        size = (pixels * OVERSAMPLING, round(self.height * pixels / self.width) * OVERSAMPLING)
        image = Image.new("RGBA", size, (255, 255, 255, 0))
        draw = ImageDraw.Draw(image)
        for item in self.items:
            if item[0] == "shape":
                self._paint(image, draw, item, scale)
            else:
                _kind, x, y, text, weight, points, color = item
                path = getattr(self.fonts, weight)
                font = ImageFont.truetype(path, points * scale, layout_engine=ImageFont.Layout.BASIC)
                draw.text((x * scale, y * scale), text, fill=color, font=font, anchor="ls")
        output = io.BytesIO()
        image.resize((size[0] // OVERSAMPLING, size[1] // OVERSAMPLING), Image.Resampling.BOX).save(
            output, "PNG", optimize=True
        )
        return output.getvalue()

    def _paint(self, image, draw, item, scale):
        _kind, contours, color = item
        scaled = [[(x * scale, y * scale) for x, y in contour] for contour in contours]
        if len(scaled) == 1:
            draw.polygon(scaled[0], fill=color)
            return
        mask = Image.new("1", image.size)
        pen = ImageDraw.Draw(mask)
        pen.polygon(scaled[0], fill=1)
        for hole in scaled[1:]:
            pen.polygon(hole, fill=0)
        image.paste(color, mask=mask)

    def svg(self) -> bytes:
        """Return the shapes as SVG; a scene with texts has none, for want of their fonts elsewhere."""
        if any(item[0] == "text" for item in self.items):
            raise ValueError("texts have no outlines here")
        paths = [
            '<path fill="{}" fill-rule="evenodd" d="{}"/>'.format(
                color,
                "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in contour) + "Z" for contour in contours),
            )
            for _kind, contours, color in self.items
        ]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" role="img">'
            f"<title>{self.title}</title>{''.join(paths)}</svg>\n"
        ).encode()


def pages(scenes, title) -> bytes:
    """Return scenes as the pages of one PDF; equal scenes give equal bytes."""
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=(scenes[0].width, scenes[0].height), invariant=1, lang="fr")
    canvas.setTitle(title)
    canvas.setAuthor("#APTIC")
    for scene in scenes:
        canvas.setPageSize((scene.width, scene.height))
        scene.draw_on(canvas)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


# ---------------------------------------------------------------------- curves
def arc(x, y, radius, start, end, ratio=1.0):
    """Points of an arc from ``start`` to ``end`` degrees, clockwise from the right; ``ratio`` flattens it."""
    steps = max(8, int(abs(end - start) / 3))
    return [
        (x + radius * math.cos(math.radians(a)), y + radius * ratio * math.sin(math.radians(a)))
        for a in (start + (end - start) * step / steps for step in range(steps + 1))
    ]


def rounded(x, y, width, height, radius):
    """Points of a rectangle with round corners."""
    if not radius:
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return [
        *arc(x + width - radius, y + radius, radius, -90, 0),
        *arc(x + width - radius, y + height - radius, radius, 0, 90),
        *arc(x + radius, y + height - radius, radius, 90, 180),
        *arc(x + radius, y + radius, radius, 180, 270),
    ]


def turned(x, y, degrees, scale=1.0):
    """Return a transformation: scale, turn clockwise around the origin, then move it to a point."""
    cosine, sine = math.cos(math.radians(degrees)) * scale, math.sin(math.radians(degrees)) * scale
    return lambda px, py: (x + px * cosine - py * sine, y + px * sine + py * cosine)
