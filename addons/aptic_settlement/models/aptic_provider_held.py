from odoo import api, fields, models
from odoo.tools import SQL

HOLD_SUSPENDED = "aptic_settlement.hold_suspended"


class ApticProvider(models.Model):
    """What of a provider's scans is under verification, for the team and for the provider itself."""

    _inherit = "aptic.provider"

    held_count = fields.Integer(
        string="Scans under verification", compute="_compute_held", groups="aptic_base.group_aptic_user"
    )
    held = fields.Monetary(string="Under verification", compute="_compute_held", groups="aptic_base.group_aptic_user")

    def _compute_held(self):
        found = self._held_now()
        for provider in self:
            provider.held_count, cents = found.get(provider.id, (0, 0))
            provider.held = cents / 100

    def _held_now(self):
        """How many scans of these providers are under verification, and how many cents they are worth.

        :return: ``{provider id: (count, cents)}``, without those that have none
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT provider_id, count(*), sum(face_cents)::bigint
                     FROM aptic_redemption WHERE is_held AND provider_id = ANY(%s) GROUP BY provider_id""",
                self.ids,
            )
        )
        return {provider_id: (count, cents) for provider_id, count, cents in rows}

    def _payout_waits(self):
        """Why the payments of a suspended provider wait, where the operator has chosen so; else empty.

        What was scanned before is owed (guide, domain): it waits and stays owed, and by default it is paid as usual.
        """
        self.ensure_one()
        if self.state not in ("suspended", "struck_off"):
            return ""
        if not self.env["ir.config_parameter"].sudo().get_param(HOLD_SUSPENDED):
            return ""
        if self.state == "suspended":
            return self.env._(
                "Your organisation is suspended: the payment waits, and follows once the suspension is lifted. It stays"
                " owed to you; your dossier says what to do."
            )
        domain = [("provider_id", "=", self.id), ("kind", "=", "striking_off"), ("ended_at", "=", False)]
        if self.env["aptic.measure"].sudo().search(domain, limit=1).cause != "fraud":
            return ""
        return self.env._(
            "Your organisation was struck off: the payment waits until the #APTIC team has looked at it. It stays owed"
            " to you; write to the team."
        )

    @api.model
    def _held_of_mine(self):
        """What is under verification of the providers that the current user manages or keeps the accounts of.

        :return: list of ``{"provider" (sudo), "count", "cents"}``, without those that have nothing
        """
        mine = (
            self.sudo()
            .browse()
            .union(
                *(
                    entry["record"]
                    for entry in self.env["aptic.member"]._organisations()
                    if entry["kind"] == "provider" and entry["role"] in ("manager", "accountant")
                )
            )
        )
        found = mine._held_now()
        return [
            {"provider": provider, "count": found[provider.id][0], "cents": found[provider.id][1]}
            for provider in mine
            if provider.id in found
        ]
