from odoo import fields, models
from odoo.exceptions import UserError

MANAGERS = ("aptic_base.group_aptic_manager",)


class ApticProvider(models.Model):
    """Suspension and striking off: what a measure does to its provider."""

    _inherit = "aptic.provider"

    measure_ids = fields.One2many("aptic.measure", "provider_id", groups="aptic_base.group_aptic_user")

    # ---------------------------------------------------------------- suspend
    def _suspend(self, cause, reason):
        """Take no more vouchers from now on; what was scanned is still paid. The managers are told.

        A provider that is suspended already gets one measure more; the same cause twice changes nothing.

        :param str cause: one of ``aptic_measure.CAUSES``
        :param str reason: told to the provider
        :raise UserError: when a provider is neither active nor suspended, or the reason is missing
        """
        self._set_state(("active",), "suspended")
        for provider in self:
            provider.lock_for_update()
            if cause not in provider._open_measures().mapped("cause"):
                self.env["aptic.measure"]._take(provider, "suspension", cause, reason)

    def _lift(self, cause, note):
        """End the suspension of a cause; the provider is active again when no other one is open. The managers are told.

        :param str cause: one of ``aptic_measure.CAUSES``
        :param str note: kept with the measure
        :return: the providers that are active again
        """
        again = self.browse()
        for provider in self:
            provider.lock_for_update()
            ended = provider._open_measures().filtered(lambda measure: measure.cause == cause)
            ended._end(note)
            if ended and provider.state == "suspended":
                rest = provider._open_measures()
                if not rest:
                    again |= provider._set_state(("suspended",), "active")
                provider._tell_lifted(ended, rest)
        return again

    def _tell_lifted(self, ended, rest):
        provider = self._in_their_language()
        env = provider.env
        causes = dict(ended._fields["cause"]._description_selection(env))
        if rest:
            body = env._(
                "Lifted: %(ended)s. Your organisation stays suspended because of: %(rest)s.",
                ended=causes[ended[:1].cause],
                rest=", ".join(causes[measure.cause] for measure in rest),
            )
        else:
            body = env._("The suspension of your organisation is lifted: you may take vouchers again.")
        provider._tell_managers(env._("A suspension is lifted"), body)

    def _open_measures(self):
        """The suspensions that have not been lifted."""
        return (
            self.env["aptic.measure"]
            .sudo()
            .search([("provider_id", "in", self.ids), ("kind", "=", "suspension"), ("ended_at", "=", False)])
        )

    # -------------------------------------------------------------- strike off
    def _strike_off(self, cause, reason):
        """Leave #APTIC for good; what was scanned is still paid. The managers are told.

        :param str cause: one of ``aptic_measure.CAUSES``
        :param str reason: told to the provider
        """
        before = {provider: provider.state for provider in self}
        for provider in self._set_state(("eligible", "chartered", "active", "suspended"), "struck_off"):
            provider._open_measures()._end(self.env._("Replaced by the striking off."))
            measure = self.env["aptic.measure"]._take(provider, "striking_off", cause, reason)
            measure._guarded_write({"state_before": before[provider]})
            provider._leave()

    def _leave(self):
        """What ends with a striking off; other addons end what is theirs. Members still read their dossier."""

    def _striking_off(self):
        """The striking off in force, or an empty recordset."""
        self.ensure_one()
        measures = self.env["aptic.measure"].sudo()
        if self.state != "struck_off":
            return measures
        domain = [("provider_id", "=", self.id), ("kind", "=", "striking_off"), ("ended_at", "=", False)]
        return measures.search(domain, limit=1)

    def _apply(self):
        """A struck-off provider applies anew, once the day has come that its striking off names.

        :raise UserError: before that day, or when there is no way back
        """
        again = self.filtered(lambda provider: provider.state == "struck_off")
        for provider in again:
            day = provider._striking_off().reapply_from
            if not day or day > self.env["aptic.measure"]._today():
                raise UserError(
                    self.env._("%s was struck off: no new application is possible yet.", provider.display_name)
                )
        return super(ApticProvider, self - again)._apply() | again._set_state(("struck_off",), "applied")

    def _take_back(self, measure, note):
        """Undo a striking off after an appeal: places, services and charter are there again, the plan is chosen anew.

        :param measure: the ``aptic.measure``
        :param str note: told to the provider
        """
        self.ensure_one()
        self._set_state(("struck_off",), "eligible" if measure.state_before == "eligible" else "chartered")
        measure._end(note)
        provider = self._in_their_language()
        env = provider.env
        provider._tell_managers(
            env._("Your striking off is lifted"),
            env._("Your appeal was accepted. Your dossier says what is left to do before you take vouchers again."),
        )

    # ----------------------------------------------------------------- portal
    def _what_to_do(self, measure):
        """What the provider can do about a measure in force; other addons know more about their causes.

        :param measure: an ``aptic.measure``
        :return: dict ``text`` (a sentence) and ``page`` (last part of an address of the dossier, or empty)
        """
        self.ensure_one()
        texts = {
            "unpaid": self.env._("Pay the invoices that are due: the suspension ends with the last one."),
            "charter": self.env._("Read and sign the charter: the suspension ends at once."),
            "papers": self.env._("Complete your documents: the suspension ends when the team has accepted them."),
            "request": self.env._("Write to the #APTIC team when you want to take vouchers again."),
        }
        pages = {"unpaid": "subscription", "charter": "charter", "papers": "papers"}
        if measure.kind == "striking_off" or measure.cause not in texts:
            return {"text": self.env._("Answer the reason below, or write to the #APTIC team."), "page": ""}
        return {"text": texts[measure.cause], "page": pages.get(measure.cause, "")}

    # ---------------------------------------------------------------- buttons
    def _open_wizard(self, name, **defaults):
        self._check_any_group(MANAGERS)
        action = self.env["ir.actions.act_window"]._for_xml_id(f"aptic_base.{name}")
        return {**action, "context": {f"default_{key}": value for key, value in defaults.items()}}

    def action_suspend(self):
        """Open the form of a suspension."""
        self.ensure_one()
        return self._open_wizard("aptic_measure_take_action", provider_id=self.id, kind="suspension")

    def action_strike_off(self):
        """Open the form of a striking off."""
        self.ensure_one()
        return self._open_wizard("aptic_measure_take_action", provider_id=self.id, kind="striking_off")

    def action_lift(self):
        """Open the form that lifts suspensions."""
        self.ensure_one()
        return self._open_wizard("aptic_measure_lift_action", provider_id=self.id)
