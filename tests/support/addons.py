"""Loads the plain Python of an addon without Odoo."""

import importlib
import sys
import types

from devtools.paths import ADDONS

PACKAGE = "aptic_plain"


def load(addon, module):
    """Return ``addons/<addon>/<module>.py`` as a module.

    The addon's ``__init__`` (which needs Odoo) is not run; relative imports between its plain files work.

    :param addon: the addon's name, such as ``aptic_voucher``.
    :param module: the file's name without ``.py``, such as ``codes``; dots for folders.
    """
    for name, path in ((PACKAGE, ADDONS), (f"{PACKAGE}.{addon}", ADDONS / addon)):
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = [str(path)]
            sys.modules[name] = package
    return importlib.import_module(f"{PACKAGE}.{addon}.{module}")
