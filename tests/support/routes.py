"""The web routes that the addons declare, read from their source."""

import ast
import re

from devtools.paths import ADDONS

WORDS = ("type", "methods", "auth")
CONVERTER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")


def declared():
    """Return every route of the addons as ``(path, kind, methods, auth)``; kind is ``http`` or ``jsonrpc``."""
    found = []
    for path in sorted(ADDONS.glob("*/controllers/*.py")):
        tree, constants = _module(path)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("route") or not node.args:
                continue
            words = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg in WORDS}
            paths = _value(node.args[0], constants)
            for one in [paths] if isinstance(paths, str) else paths:
                found.append((one, words.get("type", "http"), words.get("methods"), words.get("auth", "user")))
    return found


def _module(path):
    """Return the tree of a controller's file, and the texts it gives names to or takes from the files beside it."""
    tree, constants = ast.parse(path.read_text(encoding="utf-8")), {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            beside = path.with_name(f"{node.module}.py")
            known = _module(beside)[1] if beside.exists() else {}
            constants |= {name.name: known[name.name] for name in node.names if name.name in known}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr):
            constants[node.targets[0].id] = _value(node.value, constants)
    return tree, constants


def _value(node, constants):
    """Return the text, or list of texts, of a route's first argument."""
    if isinstance(node, ast.List):
        return [_value(item, constants) for item in node.elts]
    if isinstance(node, ast.JoinedStr):
        return "".join(_value(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _value(node.value, constants)
    return constants[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)


def fill(path, value):
    """Return the route with ``value`` in the place of each of its parameters."""
    return CONVERTER.sub(str(value), path)
