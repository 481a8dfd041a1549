"""Arithmetic of the questionnaire: from points to percentages by theme and a proposed outcome. Plain Python."""

from collections.abc import Iterable, Mapping

ELIGIBLE = "eligible"
DECLINED = "declined"
WEAK = 0.5


def possible(question_type: str, points: Iterable[float]) -> float:
    """The most points that a question can give.

    :param question_type: ``simple_choice`` (one answer) or ``multiple_choice`` (any number of them)
    :param points: points of its answers
    """
    positive = [value for value in points if value > 0]
    return sum(positive) if question_type == "multiple_choice" else max(positive, default=0)


def percentage(obtained: float, most: float) -> int:
    """A theme's score in whole percents, never above 100 nor below 0; a theme that scores nothing is reached."""
    if most <= 0:
        return 100
    return max(0, min(100, int(100 * obtained / most)))


def is_weak(obtained: float, most: float) -> bool:
    """Whether an answer leaves room for progress: less than half of the points."""
    return most > 0 and obtained < WEAK * most


def propose(themes: Iterable[Mapping]) -> str:
    """``eligible`` when every theme reaches its threshold, else ``declined``.

    :param themes: mappings with ``score`` and ``threshold`` in percents
    """
    return ELIGIBLE if all(theme["score"] >= theme["threshold"] for theme in themes) else DECLINED
