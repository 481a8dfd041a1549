"""Lists of columns for statements that are made anew at each act: the same columns are put together once."""

import functools

from odoo.tools import SQL


@functools.cache
def named(columns: tuple[tuple[str, str], ...]) -> SQL:
    """Names of columns, between commas.

    :param columns: pairs of a name and its type in the database
    """
    return SQL(", ").join(SQL.identifier(name) for name, _kind in columns)


@functools.cache
def typed(columns: tuple[tuple[str, str], ...]) -> SQL:
    """Names of columns with their types, as ``jsonb_to_recordset`` wants them."""
    return SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns)
