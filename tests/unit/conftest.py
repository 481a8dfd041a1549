"""Unit tests of plain Python: ``from tests.unit.conftest import load``."""

from tests.support.addons import load

__all__ = ["load"]
