"""How to use the scanner (« mode d'emploi de la douchette »): one page, with two bar codes to try it. Plain Python."""

from barcode.codex import Code128

from .artwork import CREAM, DEEP, ORANGE, PALE, SUN, TEAL, WHITE, put_wordmark
from .scene import Fonts, Scene

A4 = (595.28, 841.89)
# Twenty digits: never a voucher, whose code has 24.
TEST_CODE = "01234567890123456789"
MODULE = 1.2  # points: 0.42 mm, as on a voucher

STEPS = (
    (
        "Branchez",
        "Sur un port USB. Elle s’allume et sonne : pour l’ordinateur, c’est un clavier.",
    ),
    ("Essayez", "Ouvrez un texte vide (ou la page « Kit » de votre espace) et lisez l’essai ci-dessous."),
    (
        "Scannez",
        "Ouvrez « Scanner » dans votre espace #APTIC. Tenez la douchette à 10 ou 15 cm, le trait sur tout le"
        " code-barres.",
    ),
)
SETTINGS = (
    ("Clavier", "Français (AZERTY), sur la douchette comme sur l’ordinateur."),
    ("Fin de lecture", "Entrée (aussi nommée « CR » ou « Enter suffix »)."),
    ("Codes lus", "Code 128 activé ; rien à ajouter devant ni derrière les chiffres."),
)
TROUBLES = (
    (
        "Des signes sortent à la place des chiffres : à & é \" ' ( - è _ ç",
        "La douchette se croit sur un clavier QWERTY. L’écran de scan remet les chiffres de lui-même : vous pouvez"
        " continuer. Pour corriger, lisez « clavier français » dans la notice du fabricant ; vérifiez aussi la touche"
        " de verrouillage des majuscules.",
    ),
    (
        "Les chiffres sortent, mais rien ne se passe",
        "Il manque l’Entrée de fin : lisez « suffixe Entrée » dans la notice du fabricant. En attendant, appuyez sur"
        " Entrée.",
    ),
    (
        "Rien ne sort",
        "Essayez un autre port USB, nettoyez la vitre, éclairez le chèque. Le téléphone scanne aussi, avec son appareil"
        " photo. Si elle ne sert plus, déclarez-la sur la page « Kit » : elle est remplacée une fois par an au plus.",
    ),
)


def sheet(fonts: Fonts) -> Scene:
    """Return the page."""
    w, h = A4
    scene = Scene(w, h, fonts, "#APTIC – mode d’emploi de la douchette")
    scene.rect(0, 0, w, 96, TEAL)
    scene.rect(0, 96, w, 5, ORANGE)
    put_wordmark(scene, 40, 26, 26, WHITE, SUN)
    scene.text(42, 78, "Mode d’emploi de la douchette", "bold", 16, WHITE)
    y = 132
    for number, (title, words) in enumerate(STEPS, 1):
        scene.circle(57, y + 10, 17, ORANGE)
        scene.text(57, y + 16.5, str(number), "bold", 18, WHITE, "center")
        scene.text(88, y + 4, title, "bold", 13, TEAL)
        y = _words(scene, words, 88, y + 20, w - 128) + 16
    scene.text(40, y + 8, "Réglages conseillés", "bold", 14, TEAL)
    y += 28
    for name, words in SETTINGS:
        scene.text(40, y, name, "bold", 10.5, DEEP)
        y = _words(scene, words, 140, y, w - 180) + 5
    y += 12
    scene.rect(40, y, w - 80, 118, CREAM, 8)
    scene.text(56, y + 22, "Essai : lisez ce code-barres", "bold", 12, TEAL)
    bars = Code128(TEST_CODE).build()[0]
    left = (w - len(bars) * MODULE) / 2
    scene.rect(left - 14, y + 34, len(bars) * MODULE + 28, 72, WHITE)
    for number, bar in enumerate(bars):
        if bar == "1":
            scene.rect(left + number * MODULE, y + 40, MODULE, 44, "#000000")
    scene.text(w / 2, y + 98, TEST_CODE, "plain", 11, DEEP, "center")
    y += 150
    scene.text(40, y, "Si quelque chose ne va pas", "bold", 14, TEAL)
    y += 22
    for title, words in TROUBLES:
        scene.text(40, y, fonts.clean(title), "bold", 10.5, DEEP)
        y = _words(scene, words, 40, y + 14, w - 80) + 12
    scene.rect(40, h - 34, w - 80, 0.8, PALE)
    scene.text(40, h - 20, "#APTIC, le chèque culture numérique pour tous", "plain", 8.5, DEEP)
    return scene


def _words(scene, words, x, y, width):
    lines = scene.fonts.lines(words, "plain", 10, width, 5)
    for row, line in enumerate(lines):
        scene.text(x, y + row * 13, line, "plain", 10, DEEP)
    return y + len(lines) * 13
