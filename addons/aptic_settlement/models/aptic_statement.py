from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_voucher import codes
from odoo.tools import SQL


class ApticStatement(models.Model):
    """What one provider is owed for one settlement: gross, fee, net; its lines are the redemptions themselves."""

    _name = "aptic.statement"
    _description = "Statement"
    _inherit = ["aptic.guarded.mixin"]
    _log_access = False
    _order = "id desc"

    name = fields.Char(string="Number", required=True, readonly=True)
    settlement_id = fields.Many2one("aptic.settlement", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("approved", "Approved"),
            ("sent", "Sent to the bank"),
            ("paid", "Paid"),
            ("returned", "Returned by the bank"),
            ("nil", "Nothing to pay"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        index=True,
    )
    redemption_ids = fields.One2many("aptic.redemption", "statement_id", readonly=True)
    redemption_count = fields.Integer(string="Redemptions", required=True, readonly=True, default=0)
    voucher_count = fields.Integer(string="Vouchers", required=True, readonly=True, default=0)
    gross_cents = Cents(required=True, readonly=True, default=0)
    fee_cents = Cents(required=True, readonly=True, default=0, help="Withheld from the gross, VAT included, in cents.")
    tax_cents = Cents(required=True, readonly=True, default=0, help="VAT part of the fee, in cents.")
    net_cents = Cents(required=True, readonly=True, default=0)
    fund_cents = Cents(required=True, readonly=True, default=0, help="Paid by the operator to the funds, in cents.")
    due_cents = Cents(
        required=True, readonly=True, default=0, help="Net less corrections and what was carried over, in cents."
    )
    gross = fields.Monetary(compute="_compute_amounts")
    fee = fields.Monetary(compute="_compute_amounts")
    tax = fields.Monetary(string="VAT in the fee", compute="_compute_amounts")
    net = fields.Monetary(compute="_compute_amounts")
    due = fields.Monetary(string="To be paid", compute="_compute_amounts")
    fund = fields.Monetary(string="To the territorial fund", compute="_compute_amounts")
    fee_ids = fields.One2many("aptic.statement.fee", "statement_id", string="Fees", readonly=True)
    fund_line_ids = fields.One2many("aptic.fund.line", "statement_id", readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    fee_move_id = fields.Many2one(
        "account.move", string="Fee invoice", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    _guarded_fields = frozenset(
        {
            "name",
            "settlement_id",
            "company_id",
            "provider_id",
            "state",
            "redemption_count",
            "voucher_count",
            "gross_cents",
        }
        | {
            "fee_cents",
            "tax_cents",
            "net_cents",
            "due_cents",
            "fund_cents",
            "move_id",
            "fee_move_id",
            "payout_count",
            "payout_told",
        }
    )

    _name_unique = models.Constraint("UNIQUE(name)", "This statement number exists already.")
    _provider_once = models.Constraint(
        "UNIQUE(settlement_id, provider_id)", "A provider has one statement in a settlement."
    )
    _adds_up = models.Constraint(
        "CHECK(gross_cents = fee_cents + net_cents AND fee_cents >= 0 AND net_cents >= 0 AND fund_cents >= 0)",
        "The net and the fee must make the gross.",
    )

    @api.depends("gross_cents", "fee_cents", "tax_cents", "net_cents", "due_cents", "fund_cents")
    def _compute_amounts(self):
        for statement in self:
            statement.gross = statement.gross_cents / 100
            statement.fee = statement.fee_cents / 100
            statement.tax = statement.tax_cents / 100
            statement.net = statement.net_cents / 100
            statement.due = statement.due_cents / 100
            statement.fund = statement.fund_cents / 100

    def _lines(self, offset=0, limit=None):
        """The statement's lines: each voucher once, with what it paid; ``voucher_count`` of them in all.

        :return: list of dicts ``day, place, service, sponsor, voucher, cents`` in the order of the scans; ``voucher``
            is the public serial as it is printed, ``cents`` the face value
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT redemption.day, redemption.place_id, redemption.service_id, ordered.sponsor_id, serial,
                       event.amount_cents / event.quantity
                  FROM aptic_redemption AS redemption
                  JOIN aptic_event AS event ON event.redemption_id = redemption.id AND event.kind = 'redeem'
                  JOIN aptic_order AS ordered ON ordered.id = event.order_id
                 CROSS JOIN generate_series(event.serial_from, event.serial_to) AS serial
                 WHERE redemption.statement_id = %s
              ORDER BY redemption.day, redemption.id, serial
                 LIMIT %s OFFSET %s
                """,
                self.id,
                limit,
                offset,
            )
        )

        def names(model, column):
            return {record.id: record.name for record in self.env[model].sudo().browse({row[column] for row in rows})}

        places, services, sponsors = names("aptic.place", 1), names("aptic.service", 2), names("aptic.sponsor", 3)
        return [
            {
                "day": day,
                "place": places[place],
                "service": services[service],
                "sponsor": sponsors[sponsor],
                "voucher": codes.serial_digits(serial),
                "cents": cents,
            }
            for day, place, service, sponsor, serial, cents in rows
        ]
