"""Odoo makes one class of all portal controllers: a helper of one with the name of another's replaces it silently."""

import ast
from collections import defaultdict

from devtools.paths import ADDONS


def test_no_two_portal_controllers_have_a_method_of_one_name():
    owners = defaultdict(set)
    for path in sorted(ADDONS.glob("aptic_*/controllers/*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and "ApticPortal" in {getattr(base, "id", "") for base in node.bases}:
                for method in node.body:
                    if isinstance(method, ast.FunctionDef) and not calls_super(method):
                        owners[method.name].add(f"{path.parent.parent.name}/{path.name}")
    assert len(owners) > 50
    assert {name: files for name, files in owners.items() if len(files) > 1} == {}


def calls_super(method):
    return any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super" for node in ast.walk(method))
