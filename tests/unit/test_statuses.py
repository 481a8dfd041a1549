"""What the server answers to a scan, and what the desk says of it: neither knows a status that the other does not."""

import ast
import re

import pytest

from devtools.paths import ADDONS
from tests.unit.conftest import load

SCAN = ADDONS / "aptic_pos/static/src/scan"
ANSWERS = [
    *(ADDONS / "aptic_voucher/models").glob("aptic_redemption*.py"),
    *(ADDONS / "aptic_pos/models").glob("aptic_[or]*.py"),
    *(ADDONS / "aptic_pos/controllers").glob("scan*.py"),
    ADDONS / "aptic_voucher/acts.py",
]
GOOD = {"ok", "done", "undone"}


def text(value):
    """A text that stands in a program, or None."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def said(node):
    """The statuses that one node of a program says."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name in ("Refusal", "_answer", "_refusal") and node.args:
            yield text(node.args[0])
        for keyword in node.keywords:
            if name == "update" and keyword.arg == "status":
                yield text(keyword.value)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and text(key) == "status":
                yield text(value)
    elif isinstance(node, ast.FunctionDef) and node.name == "_check_redeemer":
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value is not None:
                yield text(inner.value)


@pytest.fixture(scope="module")
def answered():
    """Every status that the server answers with."""
    found = {kind.refusal for kind in load("aptic_voucher", "rules").KINDS.values()}
    found |= set(load("aptic_voucher", "acts").STATE_REFUSALS.values())
    for path in ANSWERS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found.update(said(node))
    return found - GOOD - {None}


def listed(path, name):
    """The texts of a constant of a script."""
    (body,) = re.findall(rf"const {name} = \[([^\]]*)\]", path.read_text("utf-8"))
    return set(re.findall(r'"(\w+)"', body))


@pytest.fixture(scope="module")
def words():
    """The statuses that the desk has words for."""
    (body,) = re.findall(r"const REFUSALS = \{(.*?)\n\};", (SCAN / "refusals.js").read_text("utf-8"), re.S)
    return set(re.findall(r"^    (\w+): \(", body, re.M))


def in_sentences_of_their_own():
    shown = set(re.findall(r"trouble === '(\w+)'", (SCAN / "offline/waiting.xml").read_text("utf-8")))
    assert shown == listed(SCAN / "offline/waiting.js", "OWN_WORDS")
    return shown


def test_there_is_something_to_compare(answered, words):
    assert {"used", "unknown", "locked_out", "stale", "too_late", "territory"} <= answered
    assert len(words) > 30


def test_each_answer_has_its_words(answered, words):
    assert not answered - words - in_sentences_of_their_own()


def test_no_words_for_what_nobody_answers(answered, words):
    scripts = "\n".join(path.read_text("utf-8") for path in SCAN.rglob("*.js") if path.name != "refusals.js")
    assert not words - answered - set(re.findall(r'"(\w+)"', scripts))


def test_what_stays_is_answered_or_happens_on_the_way(answered):
    stays = listed(SCAN / "offline/sending.js", "STAYS")
    assert stays - answered == {"network", "session", "server"}
    assert listed(SCAN / "offline/sending.js", "STOPS") <= stays
    # A refusal for good must be told, not sent for ever; what is said of the machine or of the person stays.
    assert answered & stays == {"busy", "throttled", "locked_out", "stranger"}
