"""What a member downloads: poster, flyer, pictures for the networks, mail footer, logos, stickers. Plain Python.

The words are those of the founding guide. The member's own name, places and address stand where there is room for them.
"""

import io
import zipfile
from dataclasses import dataclass
from html import escape

from . import artwork
from .artwork import (
    CREAM,
    DEEP,
    MIST,
    ORANGE,
    PALE,
    POWERS,
    SUN,
    TEAL,
    WHITE,
    put_power,
    put_qr,
    put_wordmark,
)
from .scene import Fonts, Scene, pages, turned

A3, A4, A5 = (841.89, 1190.55), (595.28, 841.89), (419.53, 595.28)
SLOGAN = "le chèque culture numérique pour tous"
EPOCH = (1980, 1, 1, 0, 0, 0)
MM = 72 / 25.4


@dataclass(frozen=True)
class Member:
    """Who downloads.

    :ivar name: of the organisation.
    :ivar places: of its places, as one line each: name and municipality.
    :ivar url: of its public page; may be empty.
    :ivar site: of #APTIC, such as ``aptic.fr``; may be empty.
    """

    name: str
    places: tuple = ()
    url: str = ""
    site: str = ""

    @property
    def short_url(self) -> str:
        """The address as it is read and typed."""
        return self.url.removeprefix("https://").removeprefix("http://").rstrip("/")


def _ground(scene, sign_height, x, y, color=MIST):
    """The name's sign, very large, behind everything."""
    _width, contours = artwork.LETTERS[0][0]()
    put = turned(x, y, 0, sign_height / 100)
    for contour in contours:
        scene.polygon([put(*point) for point in contour], color)


def _vouchers(scene, x, y, width):
    """Three vouchers in a fan; the centre of the first one is at ``x``, ``y``."""
    paper = artwork.voucher(scene.fonts)
    for degrees, dx, dy in ((13, 34, 30), (2, 12, 12), (-9, -14, -8)):
        factor = width / paper.width
        corner = turned(0, 0, degrees, factor)(-paper.width / 2, -paper.height / 2)
        left = x + dx * factor + corner[0]
        top = y + dy * factor + corner[1]
        scene.place(paper, turned(left, top, degrees, factor))


# ---------------------------------------------------------------------- poster
def poster(member: Member, fonts: Fonts, width: float = A3[0]) -> Scene:
    """Return the poster, of the proportions of A3 and A5 alike."""
    scene = Scene(*A3, fonts, f"#APTIC – {member.name}")
    w, h = A3
    scene.rect(0, 0, w, h, TEAL)
    _ground(scene, 560, 330, -70)
    put_wordmark(scene, 62, 60, 34, WHITE, SUN)
    scene.text(64, 122, SLOGAN, "plain", 17, WHITE)
    scene.text(60, 236, "Payez en", "bold", 84, WHITE)
    put_wordmark(scene, 62, 268, 118, WHITE, SUN)
    scene.text(62, 464, "Prenez le pouvoir !", "bold", 44, SUN)
    for row, line in enumerate(("Mettez enfin", "le numérique", "à votre service")):
        scene.text(62, 506 + row * 36, line, "bold", 30, WHITE)
    scene.polygon([(0, 628), (w, 588), (w, h), (0, h)], CREAM)
    scene.polygon([(0, 628), (w, 588), (w, 596), (0, 636)], ORANGE)
    _vouchers(scene, 628, 552, 300)
    scene.text(62, 712, "Choisissez votre nouveau pouvoir", "bold", 36, TEAL)
    for number, (words, _draw) in enumerate(POWERS):
        top = 736 + number * 55
        put_power(scene, number, 62, top, 48)
        scene.text(128, top + 32, words, "bold", 23, DEEP)
    _welcome(scene, member, 0, h - 168, w, 168)
    return scene if width == w else _resized(scene, width / w)


def _resized(scene, factor):
    """The same scene in another size."""
    other = Scene(scene.width * factor, scene.height * factor, scene.fonts, scene.title)
    for item in scene.items:
        if item[0] == "shape":
            _kind, contours, color = item
            other.items.append(("shape", [[(x * factor, y * factor) for x, y in one] for one in contours], color))
        else:
            kind, x, y, text, weight, size, color = item
            other.items.append((kind, x * factor, y * factor, text, weight, size * factor, color))
    return other


def _welcome(scene, member, x, y, width, height):
    """The band at the foot: where to ask, whose place it is, and its public page as a QR code."""
    scene.rect(x, y, width, height, DEEP)
    scene.rect(x, y, width, height * 0.045, ORANGE)
    left, right = x + width * 0.074, x + width * 0.926
    if member.url:
        side = height * 0.74
        right -= side + width * 0.03
        put_qr(scene, member.url, right + width * 0.03, y + height * 0.15, side)
    unit = height / 168
    scene.text(left, y + 52 * unit, "Renseignez-vous à l’accueil", "bold", 27 * unit, SUN)
    size, lines = scene.fonts.fit(member.name, "bold", 25 * unit, 13 * unit, right - left, 2)
    base = y + 86 * unit
    for line in lines:
        scene.text(left, base, line, "bold", size, WHITE)
        base += size * 1.15
    places = " · ".join(member.places[:3])
    if len(member.places) > 3:
        places += f" · et {len(member.places) - 3} autres lieux"
    for line in scene.fonts.lines(places, "plain", 13 * unit, right - left, 2 if len(lines) == 1 else 1):
        scene.text(left, base, line, "plain", 13 * unit, WHITE)
        base += 17 * unit
    foot = member.short_url or (member.site and f"En savoir plus : {member.site}")
    size, lines = scene.fonts.fit(foot, "plain", 12 * unit, 7 * unit, right - left)
    for line in lines:
        scene.text(left, y + height - 12 * unit, line, "plain", size, SUN)


# ----------------------------------------------------------------------- flyer
def flyer(member: Member, fonts: Fonts) -> list:
    """Return the two sides of the flyer, A5."""
    return [poster(member, fonts, A5[0]), _back(member, fonts)]


STEPS = (
    ("Vous avez des chèques #APTIC", "10 € chacun, remis par une collectivité, un organisme ou une entreprise."),
    ("Choisissez un service", "À l’accueil ou sur notre page : démarches, sécurité, outils, fabrication…"),
    ("Payez avec vos chèques", "En tout ou partie : chaque chèque est scanné sur place. Vous complétez si besoin."),
)


def _back(member, fonts):
    w, h = A5
    scene = Scene(w, h, fonts, f"#APTIC – {member.name}")
    scene.rect(0, 0, w, h, CREAM)
    scene.rect(0, 0, w, 92, TEAL)
    scene.rect(0, 92, w, 5, ORANGE)
    put_wordmark(scene, 31, 26, 27, WHITE, SUN)
    scene.text(32, 74, SLOGAN, "plain", 11, WHITE)
    scene.text(31, 138, "Comment ça marche ?", "bold", 22, TEAL)
    y = 166
    for number, (title, words) in enumerate(STEPS, 1):
        scene.circle(50, y + 20, 19, ORANGE)
        scene.text(50, y + 27, str(number), "bold", 20, WHITE, "center")
        scene.text(82, y + 13, title, "bold", 13, DEEP)
        for row, line in enumerate(fonts.lines(words, "plain", 10.5, w - 82 - 31, 2)):
            scene.text(82, y + 28 + row * 13.5, line, "plain", 10.5, DEEP)
        y += 66
    scene.text(31, y + 24, "Où nous trouver", "bold", 16, TEAL)
    base = y + 44
    for place in member.places[:5]:
        scene.circle(35, base - 3.5, 2.5, ORANGE)
        for line in fonts.lines(place, "plain", 10.5, w - 62 - 12, 1):
            scene.text(44, base, line, "plain", 10.5, DEEP)
        base += 16
    if len(member.places) > 5:
        scene.text(44, base, f"et {len(member.places) - 5} autres lieux", "plain", 10.5, DEEP)
    _welcome(scene, member, 0, h - 96, w, 96)
    return scene


# -------------------------------------------------------------------- networks
def banner(member: Member, fonts: Fonts, width: float, height: float) -> Scene:
    """Return a wide picture for a network; what matters stands in the middle, where no network cuts."""
    scene = Scene(width, height, fonts, f"#APTIC – {member.name}")
    scene.rect(0, 0, width, height, TEAL)
    _ground(scene, height * 1.5, width * 0.52, -height * 0.25)
    scene.rect(0, height - height * 0.03, width, height * 0.03, ORANGE)
    margin = width * 0.07
    room = width * 0.52
    unit = min(height / 312, width / 820 * 1.25)
    middle = height / 2
    scene.text(margin, middle - 58 * unit, "Ici, payez en", "bold", 26 * unit, WHITE)
    put_wordmark(scene, margin, middle - 44 * unit, 58 * unit, WHITE, SUN)
    scene.text(margin, middle + 40 * unit, SLOGAN, "plain", 15 * unit, WHITE)
    size, lines = fonts.fit(member.name, "bold", 21 * unit, 12 * unit, room, 2)
    for row, line in enumerate(lines):
        scene.text(margin, middle + 76 * unit + row * size * 1.2, line, "bold", size, SUN)
    if len(lines) == 1 and member.short_url:
        for line in fonts.lines(member.short_url, "plain", 12 * unit, room, 1):
            scene.text(margin, middle + 100 * unit, line, "plain", 12 * unit, WHITE)
    _vouchers(scene, width * 0.76, height * 0.46, min(width * 0.33, height * 0.95))
    return scene


def footer(member: Member, fonts: Fonts) -> Scene:
    """Return the picture at the foot of a mail, 600 × 120."""
    scene = Scene(600, 120, fonts, f"#APTIC – {member.name}")
    scene.rect(0, 0, 600, 120, WHITE)
    scene.rect(0, 0, 6, 120, ORANGE)
    put_wordmark(scene, 28, 24, 34)
    size, lines = fonts.fit(SLOGAN, "plain", 10, 7, 175)
    for line in lines:
        scene.text(29, 78, line, "plain", size, TEAL)
    scene.rect(224, 22, 1.5, 76, PALE)
    size, lines = fonts.fit(member.name, "bold", 17, 10, 350, 2)
    base = 44 if len(lines) == 1 else 36
    for line in lines:
        scene.text(244, base, line, "bold", size, DEEP)
        base += size * 1.2
    scene.text(244, base + 6, "Nous acceptons les chèques #APTIC", "bold", 12.5, TEAL)
    for line in fonts.lines(member.short_url or member.site, "plain", 11, 330, 1):
        scene.text(244, base + 24, line, "plain", 11, DEEP)
    return scene


def footer_html(member: Member) -> bytes:
    """Return the lines of HTML that put the picture at the foot of a mail, and say the same where pictures are off."""
    words = escape(f"{member.name} – nous acceptons les chèques #APTIC, {SLOGAN}", quote=True)
    picture = (
        f'<img src="aptic-pied-de-mail.png" width="600" height="120" alt="{words}"'
        ' style="border:0;max-width:100%;height:auto">'
    )
    linked = f'<a href="{escape(member.url, quote=True)}">{picture}</a>' if member.url else picture
    return (
        f"<!-- Gardez l'image aptic-pied-de-mail.png à côté, ou remplacez son adresse. -->\n<p>{linked}</p>\n".encode()
    )


# ----------------------------------------------------------------------- logos
def logo(fonts: Fonts, on_dark: bool = False) -> Scene:
    """Return the name alone, in shapes."""
    word = artwork.wordmark(fonts, *((WHITE, SUN) if on_dark else (TEAL, ORANGE)))
    scene = Scene(word.width + 40, 140, fonts)
    scene.place(word, turned(20, 20, 0))
    return scene


def full_logo(fonts: Fonts) -> Scene:
    """Return the name with its slogan."""
    scene = Scene(560, 170, fonts)
    width = put_wordmark(scene, 20, 16, 96)
    size = 20 * width / fonts.width(SLOGAN, "bold", 20)
    scene.text(20, 142, SLOGAN, "bold", size, TEAL)
    scene.width = width + 40
    return scene


def sign(fonts: Fonts) -> Scene:
    """Return the square sign."""
    return artwork.icon(fonts)


# -------------------------------------------------------------------- stickers
def _window_sticker(scene, x, y, radius):
    """The shop-window sticker, round."""
    unit = radius / 100
    scene.ring(x, y, radius, 0.6, PALE)
    scene.circle(x, y, radius - 2 * unit, TEAL)
    scene.ring(x, y, radius - 6 * unit, 3 * unit, SUN)
    scene.text(x, y - 44 * unit, "Ici, payez en", "bold", 15 * unit, WHITE, "center")
    put_wordmark(scene, x, y - 30 * unit, 31 * unit, WHITE, SUN, anchor="center")
    for row, line in enumerate(("le chèque culture", "numérique pour tous")):
        scene.text(x, y + (26 + row * 17) * unit, line, "bold", 13.5 * unit, WHITE, "center")
    paper = artwork.voucher(scene.fonts)
    scene.place(paper, turned(x - 29 * unit, y + 54 * unit, -4, 58 * unit / paper.width))


def _quality_sticker(scene, x, y, radius):
    unit = radius / 100
    scene.ring(x, y, radius, 0.5, PALE)
    scene.circle(x, y, radius - 2 * unit, WHITE)
    scene.ring(x, y, radius - 6 * unit, 9 * unit, ORANGE)
    scene.text(x, y - 30 * unit, "Démarche", "bold", 25 * unit, TEAL, "center")
    scene.text(x, y - 3 * unit, "qualité", "bold", 25 * unit, TEAL, "center")
    put_wordmark(scene, x, y + 14 * unit, 27 * unit, anchor="center")
    tick = ((-13, 60), (-3, 70), (17, 50))
    scene.line([(x + dx * unit, y + dy * unit) for dx, dy in tick], 6 * unit, ORANGE)


def _name_sticker(scene, x, y, width, height):
    scene.rect(x, y, width, height, PALE, 8)
    scene.rect(x + 0.5, y + 0.5, width - 1, height - 1, TEAL, 7.5)
    put_wordmark(scene, x + width / 2, y + height * 0.31, height * 0.38, WHITE, SUN, anchor="center")


def stickers(fonts: Fonts) -> list:
    """Return the sheets of stickers, A4: the shop window's, those of the quality approach, those of the name."""
    window, quality, name = (Scene(*A4, fonts) for _sheet in range(3))
    _window_sticker(window, A4[0] / 2, 228, 62 * MM)
    _window_sticker(window, A4[0] / 2, 614, 62 * MM)
    for number in range(12):
        _quality_sticker(quality, (44 + 61 * (number % 3)) * MM, (42 + 71 * (number // 3)) * MM, 27 * MM)
    for number in range(16):
        _name_sticker(name, (15 + 92 * (number % 2)) * MM, (13 + 34 * (number // 2)) * MM, 88 * MM, 30 * MM)
    return [window, quality, name]


# ------------------------------------------------------------------- downloads
@dataclass(frozen=True)
class Download:
    """A file that a member may have.

    :ivar key: in its address.
    :ivar filename: what it is saved as.
    :ivar kind: its MIME type.
    :ivar draw: gives its bytes for a member and fonts.
    :ivar preview: gives the scene that shows it.
    """

    key: str
    filename: str
    kind: str
    draw: object
    preview: object = None


PDF, PNG, SVG, HTML = "application/pdf", "image/png", "image/svg+xml", "text/html; charset=utf-8"


def _banner(width, height):
    return lambda member, fonts: banner(member, fonts, width, height)


def _picture(key, filename, scene, pixels):
    return Download(key, filename, PNG, lambda member, fonts: scene(member, fonts).png(pixels), scene)


DOWNLOADS = (
    Download("poster", "aptic-affiche-a3.pdf", PDF, lambda member, fonts: poster(member, fonts).pdf(), poster),
    Download(
        "flyer",
        "aptic-flyer-a5.pdf",
        PDF,
        lambda member, fonts: pages(flyer(member, fonts), f"#APTIC – {member.name}"),
        lambda member, fonts: flyer(member, fonts)[1],
    ),
    _picture("facebook-cover", "aptic-facebook-couverture.png", _banner(820, 312), 1640),
    _picture("facebook-post", "aptic-facebook-publication.png", _banner(1200, 630), 1200),
    _picture("twitter-cover", "aptic-twitter-banniere.png", _banner(1500, 500), 1500),
    _picture("twitter-post", "aptic-twitter-publication.png", _banner(1600, 900), 1600),
    _picture("mail", "aptic-pied-de-mail.png", footer, 1200),
    Download("mail-html", "aptic-pied-de-mail.html", HTML, lambda member, fonts: footer_html(member)),
    _picture("logo", "aptic-logo.png", lambda member, fonts: full_logo(fonts), 1200),
    Download("logo-svg", "aptic-logo.svg", SVG, lambda member, fonts: logo(fonts).svg()),
    Download("logo-white", "aptic-logo-blanc.svg", SVG, lambda member, fonts: logo(fonts, True).svg()),
    Download("sign", "aptic-signe.svg", SVG, lambda member, fonts: sign(fonts).svg()),
    Download(
        "stickers",
        "aptic-autocollants.pdf",
        PDF,
        lambda member, fonts: pages(stickers(fonts), "#APTIC – autocollants"),
        lambda member, fonts: stickers(fonts)[0],
    ),
)
BY_KEY = {download.key: download for download in DOWNLOADS}


def archive(member: Member, fonts: Fonts) -> bytes:
    """Return every download in one ZIP file; the same member and fonts give the same bytes."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as bundle:
        for download in DOWNLOADS:
            bundle.writestr(zipfile.ZipInfo(download.filename, EPOCH), download.draw(member, fonts))
    return output.getvalue()
