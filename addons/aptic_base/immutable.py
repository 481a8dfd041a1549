"""Tables whose rows are written once: PostgreSQL itself refuses the rest, for the administrator too."""

from odoo.tools import SQL


def protect(cr, table):
    """Install the triggers that refuse UPDATE, DELETE and TRUNCATE on ``table``; harmless when they are there.

    :param cr: a cursor
    :param str table: name of the table
    """
    cr.execute(
        """CREATE OR REPLACE FUNCTION aptic_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN
               RAISE EXCEPTION 'rows of % are immutable', TG_TABLE_NAME
                   USING ERRCODE = 'integrity_constraint_violation';
           END $$"""
    )
    name = SQL.identifier(table)
    cr.execute(
        SQL(
            """CREATE OR REPLACE TRIGGER aptic_immutable_row BEFORE UPDATE OR DELETE ON %s
               FOR EACH ROW EXECUTE FUNCTION aptic_immutable()""",
            name,
        )
    )
    cr.execute(
        SQL(
            """CREATE OR REPLACE TRIGGER aptic_immutable_table BEFORE TRUNCATE ON %s
               FOR EACH STATEMENT EXECUTE FUNCTION aptic_immutable()""",
            name,
        )
    )
