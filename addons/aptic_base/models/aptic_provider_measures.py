from odoo import fields, models
from odoo.exceptions import UserError


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    measure_ids = fields.One2many("aptic.measure", "provider_id", groups="aptic_base.group_aptic_user")

    def _suspend(self, cause, reason):
        """Take no more vouchers from now on; what was scanned is still paid.

        A provider that is suspended already gets one measure more; the same cause twice changes nothing.

        :param str cause: one of ``aptic_measure.CAUSES``
        :param str reason: told to the provider
        :raise UserError: when a provider is neither active nor suspended, or the reason is missing
        """
        for provider in self:
            provider.lock_for_update()
            if cause not in provider._open_measures().mapped("cause"):
                provider._take_measure("suspension", cause, reason)
        self._set_state(("active",), "suspended")

    def _lift(self, cause, note):
        """End the suspension of a cause; the provider is active again when no other one is open.

        :param str cause: one of ``aptic_measure.CAUSES``
        :param str note: kept with the measure
        :return: the providers that are active again
        """
        again = self.browse()
        for provider in self:
            provider.lock_for_update()
            ended = provider._open_measures().filtered(lambda measure: measure.cause == cause)
            ended._guarded_write(
                {"ended_at": fields.Datetime.now(), "ended_by_id": self.env.uid, "end_note": (note or "").strip()}
            )
            if ended and provider.state == "suspended" and not provider._open_measures():
                again |= provider._set_state(("suspended",), "active")
        return again

    def _strike_off(self, cause, reason):
        """Leave #APTIC for good; what was scanned is still paid.

        :param str cause: one of ``aptic_measure.CAUSES``
        :param str reason: told to the provider
        """
        for provider in self._set_state(("eligible", "chartered", "active", "suspended"), "struck_off"):
            provider._take_measure("striking_off", cause, reason)

    def _open_measures(self):
        """The suspensions that have not been lifted."""
        return (
            self.env["aptic.measure"]
            .sudo()
            .search([("provider_id", "in", self.ids), ("kind", "=", "suspension"), ("ended_at", "=", False)])
        )

    def _take_measure(self, kind, cause, reason):
        self.ensure_one()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the provider reads the reason."))
        return (
            self.env["aptic.measure"]
            .sudo()
            ._guarded_create(
                [
                    {
                        "provider_id": self.id,
                        "kind": kind,
                        "cause": cause,
                        "reason": reason.strip(),
                        "decided_by_id": self.env.uid,
                        "decided_at": fields.Datetime.now(),
                    }
                ]
            )
        )
