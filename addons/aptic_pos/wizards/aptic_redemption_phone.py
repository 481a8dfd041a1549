import re
import uuid

from odoo import api, fields, models
from odoo.addons.aptic_base.limits import LARGEST_ID
from odoo.addons.aptic_voucher.acts import MAY_SCAN
from odoo.exceptions import UserError

LONGEST_CODES = 2000  # characters, of all codes
LONGEST_KEY = 64
IDS = ("provider_id", "member_id", "place_id", "offer_id", "audience_id")


class ApticRedemptionPhone(models.TransientModel):
    """The desk of the team: an act that a provider who cannot scan dictates on the telephone.

    The form is never saved: codes are money, and have no place in the database. The screen calls :meth:`redeem`.
    """

    _name = "aptic.redemption.phone"
    _description = "Redeem by telephone"

    provider_id = fields.Many2one("aptic.provider", required=True, domain=[("state", "=", "active")])
    member_id = fields.Many2one(
        "aptic.member",
        string="Who calls",
        required=True,
        compute="_compute_choices",
        store=True,
        readonly=False,
        domain=f"[('provider_id', '=', provider_id), ('role', 'in', {MAY_SCAN})]",
    )
    place_id = fields.Many2one(
        "aptic.place",
        required=True,
        compute="_compute_choices",
        store=True,
        readonly=False,
        domain="[('provider_id', '=', provider_id)]",
    )
    offer_id = fields.Many2one(
        "aptic.offer",
        string="Service",
        required=True,
        compute="_compute_choices",
        store=True,
        readonly=False,
        domain="[('provider_id', '=', provider_id), '|', ('place_ids', '=', False), ('place_ids', '=', place_id)]",
    )
    audience_id = fields.Many2one("aptic.audience", required=True)
    currency_id = fields.Many2one(related="provider_id.currency_id")
    price_cents = fields.Integer(related="offer_id.price_cents")
    price = fields.Monetary(compute="_compute_price")
    codes = fields.Text(store=False, help="The 24 digits of each voucher, one a line.")
    reason = fields.Char(required=True)
    client_key = fields.Char(default=lambda self: str(uuid.uuid4()))
    refusal = fields.Text(store=False, readonly=True)

    @api.depends("provider_id")
    def _compute_choices(self):
        """What there is only one of is chosen already."""
        for call in self:
            provider = call.provider_id
            members = provider.member_ids.filtered(lambda member: member.role in MAY_SCAN)
            for name, records in (
                ("member_id", members),
                ("place_id", provider.place_ids),
                ("offer_id", provider.offer_ids),
            ):
                call[name] = records if len(records) == 1 else False

    @api.depends("offer_id.price_cents")
    def _compute_price(self):
        for call in self:
            call.price = call.offer_id.price_cents / 100

    # --------------------------------------------------------------------- act
    @api.model
    def redeem(self, values):
        """Redeem what the form says; for the form's button.

        :param dict values: ids of ``provider_id, member_id, place_id, offer_id, audience_id``; ``codes`` as typed,
            ``price_cents``, ``reason``, ``client_key``
        :return: the answer of :meth:`aptic.redemption._redeem_by_phone`; with ``action``, which opens the new act
        :raise UserError: when something is missing, or is not what the form sends
        """
        self.browse().check_access("create")
        numbers = [values.get(name) for name in (*IDS, "price_cents")]
        texts = [values.get(name) for name in ("codes", "reason", "client_key")]
        if not all(type(number) is int and 0 < number <= LARGEST_ID for number in numbers) or not all(
            isinstance(text, str) and text.strip() and "\0" not in text for text in texts
        ):
            raise UserError(self.env._("Fill in the whole form: who calls, where, which service, the codes and why."))
        if len(values["codes"]) > LONGEST_CODES or len(values["client_key"]) > LONGEST_KEY:
            raise UserError(self.env._("These are more codes than one act takes."))
        env = self.env
        member = (
            env["aptic.member"]
            .sudo()
            .search([("id", "=", values["member_id"]), ("provider_id", "=", values["provider_id"])])
        )
        if not member:
            raise UserError(env._("Choose who of this provider is on the telephone."))
        answer = env["aptic.redemption"]._redeem_by_phone(
            member,
            env["aptic.place"].browse(values["place_id"]),
            env["aptic.offer"].browse(values["offer_id"]),
            env["aptic.audience"].browse(values["audience_id"]),
            self._split(values["codes"]),
            values["price_cents"],
            values["client_key"],
            values["reason"],
        )
        told = {name: answer[name] for name in ("status", "redemption_id", "face_cents", "copay_cents", "message_args")}
        if told["status"] == "done":
            action = env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_redemption_action")
            told["action"] = {
                **action,
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": told["redemption_id"],
                "target": "current",
            }
        return told

    def action_redeem(self):
        """Refuse: the screen's own script redeems (:meth:`redeem`); a form that was saved has no codes any more."""
        raise UserError(self.env._("Nothing was redeemed: reload the page, and fill in the form again."))

    @api.model
    def _split(self, text):
        """The codes of a text: one a line, or with commas or semicolons between them; spaces group digits."""
        return [code.strip() for code in re.split(r"[\n\r,;]+", text) if code.strip()]
