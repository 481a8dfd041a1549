"""The sabotages of ``./aptic mutants``, a file for each addon or large part of one; every issue adds its own."""

import importlib
import pkgutil

MUTANTS = sum(
    (importlib.import_module(f"{__name__}.{part.name}").MUTANTS for part in pkgutil.iter_modules(__path__)), ()
)
