"""Finds the subcommand, makes the environment it needs, and runs it there."""

import argparse
import importlib
import os
import pkgutil
import sys

from . import commands, odoo_tree, python_env
from .paths import ROOT
from .ui import ApticError, say


def _modules():
    names = sorted(info.name for info in pkgutil.iter_modules(commands.__path__))
    return {name: importlib.import_module(f"{commands.__name__}.{name}") for name in names}


def build_parser(modules):
    """Return the argument parser with one subparser for each module of ``devtools.commands``."""
    parser = argparse.ArgumentParser(prog="./aptic", description="Develops, tests and runs #APTIC on Odoo 19.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, module in modules.items():
        summary = module.__doc__.strip().splitlines()[0]
        subparser = subparsers.add_parser(
            name, help=summary, description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.arguments(subparser)
    subparsers.add_parser("help", help="Say what the commands are.")
    return parser


def _enter_environment(arguments):
    """Go on inside the virtual environment (this process is replaced), unless we are in it already."""
    tree = odoo_tree.ensure()
    environment = python_env.ensure(tree.python_path)
    python = str(python_env.python_of(environment))
    if os.path.realpath(sys.prefix) != os.path.realpath(environment):
        os.environ["APTIC_IN_ENVIRONMENT"] = str(environment)
        # Without the machine's own settings: what is tested is the lock.
        os.environ.pop("PYTHONPATH", None)
        os.execv(python, [python, str(ROOT / "aptic"), *arguments])
    return tree


def main(arguments):
    """Run ``./aptic`` with the given arguments and return the exit code."""
    try:
        other = python_env.check_python()
        if other:
            os.execv(other, [other, str(ROOT / "aptic"), *arguments])
        modules = _modules()
        parser = build_parser(modules)
        options = parser.parse_args(arguments)
        if options.command in (None, "help"):
            parser.print_help()
            return 0
        module = modules[options.command]
        if module.NEEDS_ENVIRONMENT:
            options.tree = _enter_environment(arguments)
        return module.run(options) or 0
    except ApticError as error:
        say(f"\nerror: {error.message}")
        if error.hint:
            say(f"   try: {error.hint}")
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        say("\ninterrupted")
        return 130
