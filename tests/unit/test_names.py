import pytest

from tests.unit.conftest import load

names = load("aptic_base", "names")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Déclarer ses impôts", "declarer les impots"),
        ("Imprimante 3D", "Imprimantes 3D"),
        ("Découvrir l'ordinateur", "Découvrir l’ordinateur"),
        ("Aide aux démarches", "Aide aux démarches en ligne"),
    ],
)
def test_names_that_mean_the_same(one, other):
    assert names.are_alike(one, other)
    assert names.are_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Photographie", "Robotique"), ("Impôts", "Déclarer ses impôts en ligne"), ("", ""), ("x", ""), (None, "x")],
)
def test_names_that_do_not(one, other):
    assert not names.are_alike(one, other)


def test_small_words_alone_still_are_a_name():
    assert names.words("À la une") == ["a", "la", "une"]
