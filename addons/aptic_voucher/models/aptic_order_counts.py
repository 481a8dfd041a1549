from odoo import fields, models
from odoo.addons.aptic_base.import_files import csv_bytes
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang

from .. import clock, counts_pdf, tables

# What is counted, in the order of a voucher's life. ``started`` counts booklets, the others vouchers.
COUNTS = (
    "ordered", "printed", "delivered", "activated", "injected", "started", "redeemed", "expired", "blocked", "replaced",
)  # fmt: skip
# Where a count comes from: rows of the ledger of these kinds, or vouchers in this state, as their paper is now.
EVENTS = {
    "printed": ("issue",),
    "delivered": ("deliver",),
    "activated": ("activate",),
    "injected": ("inject", "restore"),  # what was put back was not handed out
}
STATES = ("redeemed", "expired", "blocked", "replaced")
FORMATS = ("csv", "xlsx", "pdf")
MOST_ORDERS = 5000  # in one file


class ApticOrder(models.Model):
    """The counts that sponsors ask for: one line a step of a voucher's life, each with what it is made of."""

    _inherit = "aptic.order"

    printed_count = fields.Integer(string="Printed", compute="_compute_counts")
    delivered_count = fields.Integer(string="Delivered", compute="_compute_counts")
    injected_count = fields.Integer(string="Handed out", compute="_compute_counts")
    started_count = fields.Integer(string="Booklets started", compute="_compute_counts")
    expired_count = fields.Integer(string="Expired", compute="_compute_counts")
    blocked_count = fields.Integer(string="Blocked", compute="_compute_counts")
    replaced_count = fields.Integer(string="Replaced", compute="_compute_counts")
    redeemed_amount = fields.Monetary(string="Value redeemed", compute="_compute_counts")

    # ------------------------------------------------------------------ counts
    def _counts(self, figures=None):
        """The counts of orders, by a number of queries that does not depend on orders or vouchers.

        :param dict figures: what ``_figures`` gave, when it was asked already
        :return: dict from order id to a dict with the keys of ``COUNTS``, in vouchers (``started``: in booklets), and
            ``redeemed_cents``
        """
        figures = figures or self._figures()
        counts = {
            order.id: {
                **dict.fromkeys(COUNTS, 0),
                "ordered": order.quantity,
                **{key: figures[order.id][key] for key in ("printed", "activated", "redeemed", "expired", "replaced")},
                "redeemed_cents": figures[order.id]["redeemed_cents"],
            }
            for order in self
        }
        if not self.ids:
            return counts
        for order_id, delivered, injected in self.env.execute_query(
            SQL(
                """SELECT order_id, COALESCE(SUM(quantity) FILTER (WHERE kind = 'deliver'), 0)::bigint,
                          COALESCE(SUM(CASE kind WHEN 'inject' THEN quantity WHEN 'restore' THEN -quantity END),
                                   0)::bigint
                     FROM aptic_event
                    WHERE order_id = ANY(%s) AND kind IN ('deliver', 'inject', 'restore') GROUP BY order_id""",
                self.ids,
            )
        ):
            counts[order_id].update(delivered=delivered, injected=injected)
        # In the ledger what was blocked ends with the others and is given back; its paper stays blocked.
        for order_id, blocked, ended in self.env.execute_query(
            SQL(
                """SELECT order_id, SUM(quantity)::bigint,
                          COALESCE(SUM(quantity) FILTER (WHERE outcome = 'expired' AND was = 'active'), 0)::bigint
                     FROM aptic_blocking
                    WHERE order_id = ANY(%s) AND (outcome IS NULL OR outcome = 'expired') GROUP BY order_id""",
                self.ids,
            )
        ):
            counts[order_id]["blocked"] = blocked
            counts[order_id]["expired"] -= ended
        self.env["aptic.voucher"].flush_model(["redemption_id"])
        for order_id, started in self.env.execute_query(
            SQL(
                """SELECT order_id, count(DISTINCT booklet_id) FROM aptic_voucher
                    WHERE order_id = ANY(%s) AND redemption_id IS NOT NULL GROUP BY order_id""",
                self.ids,
            )
        ):
            counts[order_id]["started"] = started
        return counts

    def _compute_counts(self):
        counts = self._origin._counts()  # a record of a form that is filled in has no row yet
        for order in self:
            values = counts.get(order._origin.id, {})
            for key in ("printed", "delivered", "injected", "started", "expired", "blocked", "replaced"):
                order[f"{key}_count"] = values.get(key, 0)
            order.redeemed_amount = values.get("redeemed_cents", 0) / 100

    def _count_labels(self):
        """What the counts are called: dict from the keys of ``COUNTS``, in their order."""
        return {
            "ordered": self.env._("Ordered"),
            "printed": self.env._("Printed"),
            "delivered": self.env._("Delivered"),
            "activated": self.env._("Activated"),
            "injected": self.env._("Handed out"),
            "started": self.env._("Booklets started"),
            "redeemed": self.env._("Redeemed"),
            "expired": self.env._("Expired"),
            "blocked": self.env._("Blocked"),
            "replaced": self.env._("Replaced"),
        }

    # -------------------------------------------------------------- drill down
    def action_open_count(self):
        """Button beside a count: what it is made of; the context names it (``aptic_count``).

        :raise UserError: for a count that does not exist
        """
        self.ensure_one()
        key = self.env.context.get("aptic_count")
        label = self._count_labels().get(key)
        if not label:
            raise UserError(self.env._("There is no such count."))
        own, context = [("order_id", "=", self.id)], {}
        if key in EVENTS:
            model, domain = "aptic.event", [*own, ("kind", "in", EVENTS[key])]
            context = {"group_by": ["kind"]} if len(EVENTS[key]) > 1 else {}
        elif key in STATES:
            model, domain = "aptic.voucher", [*own, ("state", "=", key)]
        elif key == "started":
            model, domain = "aptic.booklet", [*own, ("voucher_ids.redemption_id", "!=", False)]
        else:  # as ordered: without those that replace others
            model, domain = "aptic.booklet", [*own, ("replaces_id", "=", False)]
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.name} - {label}",
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
            "context": context,
        }

    # ------------------------------------------------------------------ export
    def _export_counts(self, kind):
        """The counts as a file.

        :param str kind: ``csv``, ``xlsx``, or ``pdf`` (one order only)
        :return: ``(bytes, name of the file)``
        :raise UserError: for another kind, or for more orders than a file takes
        """
        if kind not in FORMATS or (kind == "pdf" and len(self) != 1):
            raise UserError(self.env._("This export does not exist."))
        if len(self) > MOST_ORDERS:
            raise UserError(self.env._("This file would be too large: ask for fewer orders."))
        name = f"{self.name if len(self) == 1 else self.env._('APTIC orders')} {clock.today()}.{kind}"
        if kind == "pdf":
            return counts_pdf.draw(self._counts_page()), name
        rows = self._counts_rows()
        if kind == "xlsx":
            return tables.xlsx_bytes(self.env._("Counts"), rows), name
        return csv_bytes([[self._csv_cell(cell) for cell in row] for row in rows]), name

    def _csv_cell(self, cell):
        """A cell as French spreadsheets read it: a comma before the decimals."""
        if isinstance(cell, float):
            return f"{cell:.2f}".replace(".", ",")
        return "" if cell is None else cell

    def _counts_rows(self):
        labels = self._count_labels()
        counts = self._counts()
        states = dict(self._fields["state"]._description_selection(self.env))
        yield [
            self.env._("Order"), self.env._("Sponsor"), self.env._("Status"), self.env._("Last valid day"),
            self.env._("Value of a voucher"), *labels.values(), self.env._("Value redeemed"), self.env._("Received"),
        ]  # fmt: skip
        for order in self:
            values = counts[order.id]
            yield [
                order.name,
                order.sponsor_id.name,
                states[order.state],
                order.last_day,
                order.face_value_cents / 100,
                *(values[key] for key in labels),
                values["redeemed_cents"] / 100,
                order.received_cents / 100,
            ]

    def _counts_page(self):
        self.ensure_one()
        values = self._counts()[self.id]
        face = self.face_value_cents

        def money(key):
            return "" if key == "started" else self._euros(values[key] * face)

        return counts_pdf.Page(
            title=self.env._("Counts of an order"),
            number=self.name,
            introduction=self.env._(
                "%(sponsor)s: %(quantity)s vouchers of %(face)s, valid until %(day)s included. State on %(today)s.",
                sponsor=self.sponsor_id.name,
                quantity=formatLang(self.env, self.quantity, digits=0),
                face=self._euros(face),
                day=format_date(self.env, self.last_day),
                today=format_date(self.env, clock.today()),
            ),
            headers=(self.env._("Vouchers"), self.env._("How many"), self.env._("Face value")),
            rows=[
                (label, formatLang(self.env, values[key], digits=0), money(key))
                for key, label in self._count_labels().items()
            ],
            note=self.env._("Counts come from the ledger of #APTIC, in which every act is written once and for good."),
        )

    def action_export_counts(self):
        """Button: download the counts; the context names the format (``aptic_format``)."""
        kind = self.env.context.get("aptic_format")
        if kind not in FORMATS:
            raise UserError(self.env._("This export does not exist."))
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/my/aptic/orders/{self.id}/counts/{kind}", "target": "download"}
