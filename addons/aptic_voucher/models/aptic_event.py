import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import clock
from ..columns import typed
from ..days import paris_day

COLUMNS = (
    "kind", "at", "day", "order_id", "serial_from", "serial_to",
    "quantity", "amount_cents", "redemption_id", "user_id", "reason",
    "distribution_id",
)  # fmt: skip
# What a row does to the value that circulates: activated, neither used nor expired.
HELD = {"activate": 1, "redeem": -1, "cancel": 1, "reverse": 1, "expire": -1, "revive": 1}
NAMES = SQL(", ").join(map(SQL.identifier, COLUMNS))


class ApticEvent(models.Model):
    """The ledger: append-only, one row for each act (a bulk act is one row for a range of serials)."""

    _name = "aptic.event"
    _description = "Ledger event"
    _log_access = False
    _order = "id"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("proof", "Proof approved"),
            ("issue", "Issued"),
            ("print", "Printed"),
            ("deliver", "Delivered"),
            ("activate", "Activated"),
            ("send", "Sent to a distributor"),
            ("recall", "Taken back on the way"),
            ("receive", "Received by the distributor"),
            ("inject", "Handed out"),
            ("restore", "Put back into the stock"),
            ("return", "Returned by the distributor"),
            ("lose", "Declared lost"),
            ("find", "Found again"),
            ("redeem", "Redeemed"),
            ("cancel", "Redemption cancelled"),
            ("settle", "Settled"),
            ("reverse", "Reversed after its settlement"),
            ("correct", "Correction settled"),
            ("expire", "Expired"),
            ("extend", "Extended"),
            ("revive", "Valid again"),
            ("refund", "Value returned"),
            ("block", "Blocked"),
            ("unblock", "Unblocked"),
            ("replace", "Replaced"),
            ("amend", "Rules extended"),
        ],
        required=True, readonly=True,
    )  # fmt: skip
    at = fields.Datetime(required=True, readonly=True, help="When the server recorded it (receipt time).")
    day = fields.Date(required=True, readonly=True, help="Receipt day in the operator's time zone: the accounting day.")
    order_id = fields.Many2one("aptic.order", required=True, ondelete="restrict", readonly=True)
    serial_from = fields.Integer(string="From serial", readonly=True, aggregator=None)
    serial_to = fields.Integer(string="To serial", readonly=True, aggregator=None)
    quantity = fields.Integer(string="Vouchers", required=True, readonly=True)
    amount_cents = fields.Integer(
        string="Amount (cents)", required=True, readonly=True, help="Face value concerned, in cents, never negative."
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount", aggregator=None)
    redemption_id = fields.Many2one("aptic.redemption", ondelete="restrict", readonly=True, index="btree_not_null")
    distribution_id = fields.Many2one(
        "aptic.distribution", string="Lot", ondelete="restrict", readonly=True, index="btree_not_null"
    )
    user_id = fields.Many2one("res.users", ondelete="restrict", readonly=True)
    reason = fields.Char(readonly=True)

    _amount_not_negative = models.Constraint("CHECK(amount_cents >= 0)", "An amount of the ledger is never negative.")
    _quantity_positive = models.Constraint("CHECK(quantity > 0)", "A row of the ledger is about one voucher at least.")
    _serial_range = models.Constraint(
        "CHECK(serial_from IS NULL OR serial_to - serial_from >= 0)", "A range of serials begins before it ends."
    )
    _order_kind = models.Index("(order_id, kind)")
    _day = models.Index("(day)")

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse every change of a row, also to the owner of the table and to replication."""
        super().init()
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION aptic_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'The ledger is append-only: % is refused.', TG_OP
                USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME,
                      HINT = 'A correction is a new row that points at what it corrects.';
            END $$;
            CREATE OR REPLACE TRIGGER aptic_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON aptic_event
            FOR EACH STATEMENT EXECUTE FUNCTION aptic_event_refuse();
            ALTER TABLE aptic_event ENABLE ALWAYS TRIGGER aptic_event_append_only;
            """
        )

    @api.depends("amount_cents")
    def _compute_amount(self):
        for event in self:
            event.amount = event.amount_cents / 100

    # ------------------------------------------------------------------ append
    @api.model
    def _append(self, rows):
        """Append rows to the ledger with one INSERT.

        :param rows: dicts with ``kind, order_id, quantity, amount_cents`` (cents) and at need ``serial_from, serial_to,
            redemption_id, user_id, reason, at`` (UTC; now when left out)
        :return: the ids of the new rows, in order
        :rtype: list[int]
        """
        rows = [self._prepare_row(row) for row in rows]
        if not rows:
            return []
        ids = self.env.execute_query(
            SQL(
                "INSERT INTO aptic_event (%s) VALUES %s RETURNING id",
                NAMES,
                SQL(", ").join(tuple(row[name] for name in COLUMNS) for row in rows),
            )
        )
        self.invalidate_model()
        self.env["aptic.redemption"].invalidate_model(["event_ids"])
        return [row_id for (row_id,) in ids]

    @api.model
    def _append_sql(self, rows, source, **columns):
        """The same INSERT as a part of a larger statement, whose text does not depend on the number of rows.

        :param rows: as in :meth:`_append`, each with the number of its act, ``act``
        :param SQL source: what is joined to the rows, which are called ``row`` there
        :param columns: SQL expressions that take the place of a column's value
        """
        acts = [row["act"] for row in rows]
        rows = [self._prepare_row({name: row[name] for name in row.keys() - {"act"}}) for row in rows]
        given = [{**row, "act": act, "place": place} for place, (row, act) in enumerate(zip(rows, acts, strict=True))]
        types = tuple((name, self._fields[name].column_type[1]) for name in COLUMNS)
        return SQL(
            """INSERT INTO aptic_event (%s)
               SELECT %s FROM jsonb_to_recordset(%s::jsonb) AS row(act int, place int, %s) %s ORDER BY row.place""",
            NAMES,
            SQL(", ").join(columns.get(name) or SQL.identifier("row", name) for name in COLUMNS),
            json.dumps(given, default=lambda moment: moment.isoformat()),
            typed(types),
            source,
        )

    def _prepare_row(self, row):
        unknown = row.keys() - set(COLUMNS)
        if unknown or row["kind"] not in self._fields["kind"].get_values(self.env):
            raise ValueError(f"not a row of the ledger: {sorted(unknown) or row['kind']}")
        at = (row.get("at") or clock.now()).replace(microsecond=0)
        return {
            **dict.fromkeys(COLUMNS),
            "user_id": self.env.uid,
            **row,
            "at": at,
            "day": paris_day(at),
        }

    # ---------------------------------------------------------------- refusals
    def _refuse(self):
        raise UserError(
            self.env._("The ledger is append-only: its rows are written by the acts themselves and never change.")
        )

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse: rows come from :meth:`_append` only."""
        self._refuse()

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: a correction is a new row."""
        self._refuse()

    def unlink(self):  # pylint: disable=method-required-super
        """Refuse: nothing leaves the ledger."""
        self._refuse()
