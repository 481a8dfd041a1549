from odoo import fields, models


class ApticRedemption(models.Model):
    """One act of payment: the vouchers that one person gave for one service at one place."""

    _name = "aptic.redemption"
    _description = "Redemption"
    _log_access = False
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    place_id = fields.Many2one("aptic.place", required=True, ondelete="restrict", readonly=True)
    territory_id = fields.Many2one(
        "aptic.territory",
        required=True,
        ondelete="restrict",
        readonly=True,
        help="The place's municipality on that day.",
    )
    offer_id = fields.Many2one("aptic.offer", required=True, ondelete="restrict", readonly=True)
    service_id = fields.Many2one("aptic.service", required=True, ondelete="restrict", readonly=True)
    audience_id = fields.Many2one("aptic.audience", ondelete="restrict", readonly=True)
    member_id = fields.Many2one("aptic.member", ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict", readonly=True)
    price_cents = fields.Integer(required=True, readonly=True)
    voucher_count = fields.Integer(required=True, readonly=True)
    face_cents = fields.Integer(
        required=True, readonly=True, help="What the vouchers pay and the provider is owed, in cents."
    )
    copay_cents = fields.Integer(required=True, readonly=True, help="What the beneficiary adds, in cents.")
    client_key = fields.Char(required=True, readonly=True)
    payload_hash = fields.Char(required=True, readonly=True)
    client_time = fields.Datetime(required=True, readonly=True)
    received_at = fields.Datetime(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="Receipt day in the operator's time zone: the accounting day.")
    state = fields.Selection(
        [("done", "Done"), ("cancelled", "Cancelled"), ("settled", "Settled")],
        required=True,
        default="done",
        readonly=True,
    )
    event_ids = fields.One2many("aptic.event", "redemption_id")

    _client_key_unique = models.UniqueIndex("(provider_id, client_key)")
