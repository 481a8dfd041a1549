from odoo import api, fields, models


class ApticPlace(models.Model):
    """Whose place it is: the provider's own, or a host's under a convention or en amorçage."""

    _inherit = "aptic.place"

    presence = fields.Selection(
        [
            ("place", "The provider's own place"),
            ("convention", "A host's place, under a convention"),
            ("priming", "A host's place, to start the offer there (en amorçage)"),
        ],
        string="Whose place",
        compute="_compute_presence",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    hosting_ids = fields.One2many(
        "aptic.hosting",
        "place_id",
        string="Stays at the host's",
        groups="aptic_base.group_aptic_reviewer,aptic_base.group_aptic_manager",
    )

    @api.depends("provider_id")
    def _compute_presence(self):
        for place in self:
            place.presence = place.presence or place.provider_id.supplier_kind or "place"

    def _is_open(self, day):
        """At a host's place vouchers are taken only while a stay is in order and runs."""
        return super()._is_open(day) and self._is_hosted(day)

    def _is_hosted(self, day):
        """Whether the provider may be there on ``day``: always at its own place."""
        self.ensure_one()
        return self.presence == "place" or self.sudo().hosting_ids._covers(day)

    def _hosting_sentence(self, day):
        """What is missing at a host's place, or how long the stay runs; empty at the provider's own.

        :param day: date
        """
        self.ensure_one()
        if self.presence == "place":
            return ""
        stays = self.sudo().hosting_ids
        current = stays.filtered(lambda stay: stay._covers(day))[:1]
        if current:
            if not current.ends_on:
                return self.env._("At %(host)s's, under a convention.", host=current.host_name)
            return self.env._(
                "At %(host)s's, until %(day)s.",
                host=current.host_name,
                day=fields.Date.to_date(current.ends_on).strftime("%d/%m/%Y"),
            )
        if stays[:1].state == "received":
            return self.env._("The convention is being checked: no voucher is taken here yet.")
        if stays[:1].state == "refused":
            return self.env._("Not accepted: %(reason)s", reason=stays[:1].reason)
        if stays.filtered(lambda stay: stay.state == "accepted" and stay.starts_on > day):
            return self.env._("The stay at the host's has not begun yet.")
        if stays:
            return self.env._("The stay at the host's is over: hand a new convention in.")
        if self.presence == "priming":
            return self.env._("Say at whose place you start the offer, and until when.")
        return self.env._("Hand in the convention with the host: no voucher is taken here before it is accepted.")
