from odoo import api, fields, models
from odoo.tools import SQL


class ApticRedemption(models.Model):
    """Where redemption meets membership: the throttle before, the subscription after."""

    _inherit = "aptic.redemption"

    alert_ids = fields.Many2many(
        "aptic.alert",
        "aptic_alert_redemption_rel",
        "redemption_id",
        "alert_id",
        string="Alerts",
        readonly=True,
        groups="aptic_base.group_aptic_user",
    )

    @api.model
    def _extra_facts(self):
        return {
            **super()._extra_facts(),
            "is_locked_out": self.env["aptic.lockout"]._locked_sql(),
            **{f"{name}_tries": tries for name, tries in self.env["aptic.attempt"]._tries_sql().items()},
            "sleeps": SQL(
                "EXISTS (SELECT FROM aptic_subscription sub WHERE sub.provider_id = p.id AND sub.state = 'sleeping')"
            ),
        }

    @api.model
    def _check_redeemer(self, member, place, offer, day, facts):
        code = super()._check_redeemer(member, place, offer, day, facts)
        if code is None and facts["is_locked_out"]:
            return "locked_out"
        if code is None and self.env["aptic.attempt"]._is_throttled(facts):
            return "throttled"
        return code

    @api.model
    def _note_wrong_code(self, member, place):
        result = super()._note_wrong_code(member, place)
        self.env["aptic.attempt"]._note(member, place)
        return result

    @api.model
    def _after_redemption(self, values):
        result = super()._after_redemption(values)
        if values["facts"]["sleeps"] and not values["facts"]["earlier_done"]:
            self.env["aptic.subscription"].sudo()._wake(values["provider_id"], values["day"])
        return result

    def _after_cancel(self):
        """A cancelled first scan puts the subscription back to sleep, or moves its start; its alerts lose it."""
        result = super()._after_cancel()
        self.env["aptic.alert"]._leave(self)
        provider_id = self.provider_id.id
        self.env["aptic.subscription"].sudo()._unwake(
            provider_id, lambda since: self._first_day_since(provider_id, since)
        )
        return result

    @api.model
    def _first_day_since(self, provider_id, since):
        """The day of a provider's first scan after a moment (or None) that is not cancelled, or None."""
        ((day,),) = self.env.execute_query(
            SQL(
                """SELECT min(day) FROM aptic_redemption
                    WHERE provider_id = %s AND state != 'cancelled'
                      AND received_at > COALESCE(%s, '-infinity'::timestamp)""",
                provider_id,
                since,
            )
        )
        return day
