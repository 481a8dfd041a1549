"""Creation by sets, for the import: the ORM creates one record, the others are inserted as rows like it.

Who uses it knows the stored computed columns of its model; it compares the first row with what it expects, and leaves
all to the ORM where they differ or where an addon is present whose part in the creation is not known.
"""

from decimal import Decimal

from odoo.tools import SQL

# Addons whose create() is known to add nothing to a new record beyond what is copied from the first one.
KNOWN_CREATES = frozenset({"base", "mail", "aptic_base", "phone_validation", "account", "base_vat", "sms", "portal"})


def creates_are_known(*models):
    """Whether no unknown addon has a hand in the creation of ``models``."""
    makers = {
        parent._module
        for model in models
        for parent in type(model).mro()
        if "create" in vars(parent) and getattr(parent, "_module", None)
    }
    return makers <= KNOWN_CREATES


def has_row(record, expected):
    """Whether the record's row in the database has these values.

    :param dict expected: values by column
    """
    (row,) = record.env.execute_query_dict(
        SQL("SELECT * FROM %s WHERE id = %s", SQL.identifier(record._table), record.id)
    )
    return all(_same(row[name], value) for name, value in expected.items())


def _same(there, value):
    return (float(there) if isinstance(there, Decimal) else there) == value


def reserve_ids(model, size):
    """``size`` new ids of the model, as a list."""
    found = model.env.execute_query(
        SQL("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", model._table, size)
    )
    return [number for (number,) in found]


def insert_like(record, numbers, rows):
    """Insert rows that are like ``record`` but for the given columns, in one statement.

    :param list numbers: ids of the new rows
    :param list rows: dicts with the same columns each
    """
    given = list(rows[0])
    columns = dict(
        record.env.execute_query(
            SQL(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                record._table,
            )
        )
    )
    others = [name for name in columns if name not in given and name != "id"]
    record.env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (id, %(given)s, %(others)s)"
            " SELECT row.id, %(values)s, %(copied)s FROM unnest(%(arrays)s) AS row(id, %(given)s)"
            " CROSS JOIN %(table)s like_it WHERE like_it.id = %(like)s ORDER BY row.id",
            table=SQL.identifier(record._table),
            given=SQL(", ").join(map(SQL.identifier, given)),
            others=SQL(", ").join(map(SQL.identifier, others)),
            values=SQL(", ").join(SQL.identifier("row", name) for name in given),
            copied=SQL(", ").join(SQL.identifier("like_it", name) for name in others),
            arrays=SQL(", ").join(
                [
                    SQL("%s::int4[]", numbers),
                    *(SQL(f"%s::{columns[name]}[]", [row[name] for row in rows]) for name in given),
                ]
            ),
            like=record.id,
        )
    )


def recompute_unknown(records, names, computed):
    """Have the ORM compute what other addons store from the given fields.

    :param names: fields that were given
    :param computed: stored computed fields that the rows have already
    """
    for name in names:
        for field in records.env.registry.get_dependent_fields(records._fields[name]):
            if field.store and field.name not in computed and field.model_name == records._name:
                records.env.add_to_compute(field, records)
