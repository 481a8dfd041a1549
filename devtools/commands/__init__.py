"""One module a subcommand: its docstring is the help, ``arguments`` its options, ``run`` does it.

``NEEDS_ENVIRONMENT`` tells whether it runs inside the virtual environment.
"""
