"""Tables whose rows are filled in but never rewritten: PostgreSQL itself refuses, for the administrator too."""

from odoo.tools import SQL

# What the ORM keeps beside the facts.
FREE = ("write_uid", "write_date", "message_main_attachment_id")


def protect(cr, table):
    """Install the triggers that refuse to change what a column of ``table`` says, to DELETE and to TRUNCATE.

    A column that is NULL may be filled in, once. Harmless when the triggers are there.

    :param cr: a cursor
    :param str table: name of the table
    """
    cr.execute(
        """CREATE OR REPLACE FUNCTION aptic_write_once() RETURNS trigger LANGUAGE plpgsql AS $$
           DECLARE rewritten text;
           BEGIN
               IF TG_OP = 'UPDATE' THEN
                   SELECT string_agg(was.key, ', ') INTO rewritten
                     FROM jsonb_each(to_jsonb(OLD)) was JOIN jsonb_each(to_jsonb(NEW)) now USING (key)
                    WHERE was.value <> 'null' AND now.value IS DISTINCT FROM was.value AND was.key <> ALL (TG_ARGV);
                   IF rewritten IS NULL THEN
                       RETURN NEW;
                   END IF;
               END IF;
               RAISE EXCEPTION 'rows of % are written once: % of % is refused',
                   TG_TABLE_NAME, TG_OP, coalesce(rewritten, 'rows') USING ERRCODE = 'integrity_constraint_violation';
           END $$"""
    )
    name = SQL.identifier(table)
    cr.execute(
        SQL(
            """CREATE OR REPLACE TRIGGER aptic_write_once_row BEFORE UPDATE OR DELETE ON %s
               FOR EACH ROW EXECUTE FUNCTION aptic_write_once(%s)""",
            name,
            SQL(", ").join(SQL("%s", column) for column in FREE),
        )
    )
    cr.execute(
        SQL(
            """CREATE OR REPLACE TRIGGER aptic_write_once_table BEFORE TRUNCATE ON %s
               FOR EACH STATEMENT EXECUTE FUNCTION aptic_write_once()""",
            name,
        )
    )
