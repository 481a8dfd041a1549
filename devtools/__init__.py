"""The tooling behind ``./aptic``: set-up, servers, tests, lint, benchmarks.

Everything that runs before the virtual environment exists (``cli``, ``ui``, ``paths``, ``locks``, ``odoo_tree``,
``python_env``, ``system``) keeps to the standard library of Python 3.10.
"""
