from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .. import prices

LENGTHS = [("5", "5 sessions"), ("10", "10 sessions")]


class ApticPathway(models.Model):
    """A « parcours » of 5 or 10 sessions made of a provider's offers, in order (guide, « Les parcours »)."""

    _name = "aptic.pathway"
    _description = "Pathway"
    _order = "provider_id, name, id"

    name = fields.Char(required=True)
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    sessions = fields.Selection(LENGTHS, required=True, default="5")
    session_ids = fields.One2many("aptic.pathway.session", "pathway_id", string="Order of the sessions", copy=True)
    offer_ids = fields.Many2many("aptic.offer", compute="_compute_offer_ids", string="Offers")
    description = fields.Text()
    active = fields.Boolean(default=True)
    price_cents = fields.Integer(compute="_compute_price", help="What all sessions cost together, in cents.")
    voucher_count = fields.Integer(string="Vouchers", compute="_compute_price")
    added_cents = fields.Integer(compute="_compute_price", help="What the beneficiary adds to the vouchers, in cents.")
    is_given = fields.Boolean(
        string="Complete", compute="_compute_is_given", help="All its services are in the provider's catalogue."
    )

    @api.depends("session_ids.offer_id")
    def _compute_offer_ids(self):
        for pathway in self:
            pathway.offer_ids = pathway.session_ids.offer_id

    @api.depends("session_ids.offer_id.price_cents")
    def _compute_price(self):
        for pathway in self:
            amounts = [session.offer_id.price_cents for session in pathway.session_ids]
            pathway.price_cents = sum(amounts)
            pathway.voucher_count, pathway.added_cents = prices.share_of_all(amounts)

    @api.depends("active", "sessions", "session_ids.offer_id.active")
    def _compute_is_given(self):
        for pathway in self:
            given = pathway.session_ids.filtered(lambda session: session.offer_id.active)
            pathway.is_given = pathway.active and len(given) == int(pathway.sessions)

    # ------------------------------------------------------------------ rules
    @api.constrains("sessions", "session_ids")
    def _check_length(self):
        for pathway in self:
            if len(pathway.session_ids) != int(pathway.sessions):
                raise ValidationError(
                    self.env._(
                        "“%(name)s” has %(count)s sessions: a pathway has exactly %(wanted)s, as its length says.",
                        name=pathway.name,
                        count=len(pathway.session_ids),
                        wanted=pathway.sessions,
                    )
                )

    @api.constrains("provider_id", "session_ids")
    def _check_offers(self):
        for pathway in self:
            if pathway.session_ids.offer_id.provider_id - pathway.provider_id:
                raise ValidationError(
                    self.env._("“%(name)s” can only hold offers of its own provider.", name=pathway.name)
                )

    # ------------------------------------------------------------------ verbs
    @api.model
    def _sessions_of(self, offers):
        """The commands that make these offers the sessions, in their order.

        :param list offers: ``aptic.offer`` records, one a session; one may come several times
        """
        return [
            Command.clear(),
            *(Command.create({"number": number, "offer_id": offer.id}) for number, offer in enumerate(offers, 1)),
        ]

    def _withdraw(self):
        """Take pathways out of the catalogue."""
        self.write({"active": False})

    def _restore(self):
        """Put pathways back into the catalogue.

        :raise UserError: when a service of theirs is no longer offered
        """
        for pathway in self:
            if gone := pathway.session_ids.offer_id.filtered(lambda offer: not offer.active):
                raise UserError(
                    self.env._(
                        "“%(offer)s” is withdrawn: choose another service for its sessions first.", offer=gone[0].name
                    )
                )
        self.write({"active": True})

    # ------------------------------------------------------------------ words
    def _payment_sentence(self):
        """How the whole pathway is paid with vouchers, in one sentence."""
        self.ensure_one()
        return self._payment_sentence_of([session.offer_id.price_cents for session in self.session_ids])

    @api.model
    def _payment_sentence_of(self, amounts):
        """How sessions are paid with vouchers, each by itself, in one sentence.

        :param list amounts: the price of each session, in cents
        """
        offers = self.env["aptic.offer"]
        vouchers, added = prices.share_of_all(amounts)
        if not added:
            return self.env._("%(count)s vouchers pay it all.", count=vouchers)
        return self.env._(
            "%(count)s vouchers, and the beneficiary adds %(added)s.", count=vouchers, added=offers._euros(added)
        )
