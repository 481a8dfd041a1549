"""The web routes that the addons declare, read from their source."""

import ast
import re
from typing import NamedTuple

from devtools.paths import ADDONS

WORDS = ("type", "methods", "auth", "purpose")
CONVERTER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")


def declared():
    """Return every route of the addons as ``(path, kind, methods, auth)``; kind is ``http`` or ``jsonrpc``."""
    return [(route.path, route.kind, route.methods, route.auth) for route in handlers()]


class Route(NamedTuple):
    """A declared route; ``names`` are the parameters that its handler names."""

    addon: str
    path: str
    kind: str
    methods: list | None
    auth: str
    purpose: str | None
    names: tuple


def handlers():
    """Return every :class:`Route` of the addons."""
    found = []
    for path in sorted(ADDONS.glob("*/controllers/*.py")):
        tree, constants = _module(path)
        for handler, node in _decorated(tree):
            words = dict(_words(node, tree))
            names = tuple(one.arg for one in handler.args.args[1:] + handler.args.kwonlyargs)
            paths = _value(node.args[0], constants)
            for one in [paths] if isinstance(paths, str) else paths:
                found.append(
                    Route(
                        path.parent.parent.name, one, words.get("type", "http"), words.get("methods"),
                        words.get("auth", "user"), words.get("purpose"), names,
                    )
                )  # fmt: skip
    return found


def _decorated(tree):
    """Yield the handlers of a controller's file, each with its route decorator."""
    for handler in ast.walk(tree):
        for node in handler.decorator_list if isinstance(handler, ast.FunctionDef) else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("route") and node.args:
                yield handler, node


def _words(node, tree):
    """Yield the words of a route decorator that we read, those of a ``**NAME`` of the same file too."""
    for word in node.keywords:
        if word.arg in WORDS:
            yield word.arg, ast.literal_eval(word.value)
        elif word.arg is None:
            (values,) = (
                one.value for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id == word.value.id
            )
            pairs = zip(values.keys, values.values, strict=True)
            yield from ((key.value, ast.literal_eval(value)) for key, value in pairs if key.value in WORDS)


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
