"""The web routes that the addons declare, read from their source."""

import ast
import re

from devtools.paths import ADDONS

CONVERTER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")


def declared():
    """Return every route of the addons as ``(path, kind, methods, auth)``; kind is ``http`` or ``jsonrpc``."""
    found = []
    for path in sorted(ADDONS.glob("*/controllers/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("route") or not node.args:
                continue
            words = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
            paths = ast.literal_eval(node.args[0])
            for one in [paths] if isinstance(paths, str) else paths:
                found.append((one, words.get("type", "http"), words.get("methods"), words.get("auth", "user")))
    return found


def fill(path, value):
    """Return the route with ``value`` in the place of each of its parameters."""
    return CONVERTER.sub(str(value), path)
