from odoo import fields


class Cents(fields.Integer):
    """Whole cents that sum up what many organisations have: eight bytes in the database.

    Odoo's integers have four, and end at 21,474,836.47 €. An update of the module converts a column that has four.
    PostgreSQL sums eight bytes as ``numeric``, which Python gets as a float: cast sums to ``bigint``.
    """

    _column_type = ("int8", "int8")
