"""What the papers of #APTIC are made of: its name, a voucher, pictures of what one learns. Plain Python."""

import qrcode

from .scene import Scene, arc, rounded, turned

TEAL, DEEP, MIST = "#005C77", "#00394B", "#0E6E8A"
ORANGE, SUN, CREAM, PALE, WHITE = "#F0A01E", "#FFBE3C", "#FFF7E8", "#B9CBD2", "#FFFFFF"

# The letters stand on a body of 100: width of each, and its contours.
STEM = 19


def _hash():
    slant = 10
    bars = [[(x + slant, 0), (x + slant + 16, 0), (x + 16 - slant, 100), (x - slant, 100)] for x in (22, 54)]
    return 92, [*bars, rounded(4, 24, 86, 16, 0), rounded(0, 60, 86, 16, 0)]


def _a():
    return 96, [
        [(37, 0), (59, 0), (96, 100), (74, 100), (48, 26), (22, 100), (0, 100)],
        [(24, 62), (72, 62), (78, 79), (18, 79)],
    ]


def _p():
    bowl = [(STEM, 0), (46, 0), *arc(46, 34, 34, -90, 90), (STEM, 68), (STEM, 51), (46, 51)]
    bowl += [*reversed(arc(46, 34, 17, -90, 90)), (STEM, 17)]
    return 82, [[(0, 0), (STEM + 1, 0), (STEM + 1, 100), (0, 100)], bowl]


def _t():
    return 80, [[(0, 0), (80, 0), (80, 17.5), (49.5, 17.5), (49.5, 100), (30.5, 100), (30.5, 17.5), (0, 17.5)]]


def _i():
    return STEM, [[(0, 0), (STEM, 0), (STEM, 100), (0, 100)]]


def _c():
    return 88, [[*arc(52, 50, 52, 318, 42), *reversed(arc(52, 50, 33, 318, 42))]]


LETTERS = ((_hash, 12), (_a, 8), (_p, 4), (_t, 12), (_i, 12), (_c, 0))


def wordmark(fonts, letters=TEAL, sign=ORANGE):
    """Return « #APTIC » as a scene of shapes, 100 high."""
    scene = Scene(0, 100, fonts)
    x = 8.0
    for number, (letter, gap) in enumerate(LETTERS):
        width, contours = letter()
        for contour in contours:
            scene.polygon([(x + px, py) for px, py in contour], letters if number else sign)
        x += width + gap
    scene.width = x + 2
    return scene


def put_wordmark(scene, x, y, height, letters=TEAL, sign=ORANGE, degrees=0, anchor="left"):
    """Put the name into a scene, ``height`` high; return its width."""
    word = wordmark(scene.fonts, letters, sign)
    width = word.width * height / 100
    left = x - {"left": 0, "center": width / 2, "right": width}[anchor]
    scene.place(word, turned(left, y, degrees, height / 100))
    return width


def icon(fonts):
    """Return the square sign of #APTIC, 100 wide."""
    scene = Scene(100, 100, fonts)
    scene.rect(0, 0, 100, 100, TEAL, 14)
    for x in (32, 56):
        scene.polygon([(x + 6, 16), (x + 15, 16), (x + 9, 84), (x, 84)], WHITE)
    for y in (34, 57):
        scene.rect(19, y, 62, 8, SUN)
    return scene


# -------------------------------------------------------------------- vouchers
def voucher(fonts):
    """Return a voucher of 10 €, 240 × 104, as people hold it: no text, so that it can be turned."""
    scene = Scene(240, 104, fonts)
    edge = [(8, 0), (168, 0), *reversed(arc(174, 0, 6, 0, 180)), (180, 0), (232, 0), *arc(232, 8, 8, -90, 0)]
    edge += [(240, 96), *arc(232, 96, 8, 0, 90), (180, 104), *reversed(arc(174, 104, 6, 180, 360)), (168, 104)]
    edge += [(8, 104), *arc(8, 96, 8, 90, 180), (0, 8), *arc(8, 8, 8, 180, 270)]
    scene.polygon([(x + 3, y + 5) for x, y in edge], DEEP)
    scene.polygon(edge, WHITE)
    scene.polygon([(8, 0), (168, 0), (168, 30), (0, 30), (0, 8), *arc(8, 8, 8, 180, 270)], ORANGE)
    put_wordmark(scene, 12, 8, 15, WHITE, DEEP)
    for y in range(10, 100, 8):
        scene.rect(173, y, 2, 4, MIST)
    _amount(scene, 14, 46, 38)
    for number, bar in enumerate("1101001110100110111010011001011101101000111010110"):
        if bar == "1":
            scene.rect(106 + number * 1.15, 46, 1.15, 36, DEEP)
    scene.rect(106, 87, 56, 3, PALE, 1.5)
    for row in range(3):
        scene.rect(186, 18 + row * 9, (44, 38, 28)[row], 4, PALE, 2)
    scene.ring(208, 76, 16, 3.5, ORANGE)
    scene.line([(200, 76), (206, 82), (217, 70)], 3.5, TEAL)
    return scene


def _amount(scene, x, y, height):
    """« 10 € » in shapes."""
    put = turned(x, y, 0, height / 100)

    def shape(points, color=TEAL):
        holes = points if isinstance(points[0][0], tuple) else [points]
        scene.polygon([[put(*point) for point in contour] for contour in holes], color)

    shape([(0, 14), (26, 0), (36, 0), (36, 100), (17, 100), (17, 24), (0, 34)])
    shape([arc(84, 50, 33, 0, 360, 1.52), arc(84, 50, 15, 0, 360, 2.2)])
    shape([*arc(178, 50, 44, 315, 45, 1.13), *reversed(arc(178, 50, 26, 315, 45, 1.24))], ORANGE)
    for bar in (36, 55):
        shape(rounded(122, bar, 58, 10, 0), ORANGE)


# ---------------------------------------------------------------------- powers
def _paper(scene, color):
    scene.polygon([(28, 16), (62, 16), (76, 30), (76, 84), (28, 84)], color)
    scene.polygon([(62, 16), (76, 30), (62, 30)], SUN)
    for y in (40, 51):
        scene.rect(37, y, 30, 4.5, TEAL, 2)
    scene.line([(38, 68), (46, 75), (62, 62)], 5, ORANGE)


def _lock(scene, color):
    scene.polygon(
        [[(34, 46), *arc(50, 34, 16, 180, 360), (66, 46)], [(42, 46), *arc(50, 34, 8, 180, 360), (58, 46)]], SUN
    )
    scene.rect(26, 44, 48, 38, color, 6)
    scene.circle(50, 60, 6, TEAL)
    scene.rect(47.5, 60, 5, 14, TEAL, 2)


def _talk(scene, color):
    scene.polygon([*rounded(16, 22, 46, 34, 10)], color)
    scene.polygon([(26, 50), (42, 50), (26, 66)], color)
    scene.polygon([*rounded(42, 42, 42, 32, 10)], SUN)
    scene.polygon([(58, 70), (74, 70), (74, 84)], SUN)
    for x in (29, 39, 49):
        scene.circle(x, 39, 3.4, TEAL)


def _together(scene, color):
    knots = [(50, 28), (26, 66), (74, 66)]
    for start, end in ((0, 1), (1, 2), (2, 0)):
        scene.line([knots[start], knots[end]], 4.5, SUN)
    for x, y in knots:
        scene.circle(x, y, 13, color)
        scene.circle(x, y - 4, 4.4, TEAL)
        scene.polygon([*arc(x, y + 9, 7.5, 180, 360)], TEAL)


def _idea(scene, color):
    scene.circle(50, 42, 22, color)
    scene.polygon([(38, 56), (62, 56), (58, 70), (42, 70)], color)
    scene.rect(42, 72, 16, 4.5, SUN, 2)
    scene.rect(44, 79, 12, 4.5, SUN, 2)
    scene.line([(43, 44), (50, 51), (57, 44)], 3.5, ORANGE)
    scene.line([(50, 51), (50, 68)], 3.5, ORANGE)
    for ray in ([(50, 12), (50, 5)], [(76, 26), (82, 21)], [(24, 26), (18, 21)]):
        scene.line(ray, 4, SUN)


POWERS = (
    ("Maîtriser vos démarches en ligne", _paper),
    ("Sécuriser vos informations personnelles", _lock),
    ("Communiquer avec vos proches", _talk),
    ("Collaborer efficacement à distance", _together),
    ("Découvrir des outils innovants vraiment utiles", _idea),
)


def put_power(scene, number, x, y, size, ground=TEAL):
    """Put the round picture of a power (0 to 4) into a scene, ``size`` wide."""
    picture = Scene(100, 100, scene.fonts)
    picture.circle(50, 50, 50, ground)
    POWERS[number][1](picture, WHITE)
    scene.place(picture, turned(x, y, 0, size / 100))


def put_qr(scene, text, x, y, size, color=DEEP):
    """Put a QR code into a scene, with its quiet zone on white."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    scene.rect(x, y, size, size, WHITE, size * 0.04)
    module = size / (len(rows) + 8)
    for row, cells in enumerate(rows):
        start = None
        for column, dark in enumerate([*cells, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                scene.rect(
                    x + (4 + start) * module, y + (4 + row) * module, (column - start) * module, module * 1.02, color
                )
                start = None
