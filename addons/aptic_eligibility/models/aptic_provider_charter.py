from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class ApticProvider(models.Model):
    """What a provider's signatures of the charter say about it today."""

    _inherit = "aptic.provider"

    charter_reminder_ids = fields.One2many(
        "aptic.charter.reminder", "provider_id", string="Reminders of the charter", groups="aptic_base.group_aptic_user"
    )
    charter_due_on = fields.Date(
        string="Charter to sign again by",
        compute="_compute_charter_due_on",
        search="_search_charter_due_on",
        compute_sudo=True,
        help="A new version of the charter waits for the signature of this member.",
    )

    @api.depends("state", "charter_signature_ids")
    def _compute_charter_due_on(self):
        charters = self.env["aptic.charter"]
        asked = charters._asked()
        unsigned = self.browse()
        if asked:
            unsigned = self.search([("id", "in", self.ids), *charters._unsigned_domain()])
        for provider in self:
            provider.charter_due_on = asked.sign_again_by if provider._origin in unsigned else False

    def _search_charter_due_on(self, operator, value):
        """Members that wait to sign: ``!= False``; those with a given last day, or before it."""
        charters = self.env["aptic.charter"]
        asked = charters._asked()
        waiting = self.sudo()._search(charters._unsigned_domain()) if asked else [0]
        day = asked.sign_again_by
        if operator in ("in", "not in"):
            found = Domain("id", "in", waiting) if day in value else Domain.FALSE
            if False in value:
                found |= Domain("id", "not in", waiting)
            return found if operator == "in" else ~found
        compare = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}.get(operator)
        if not compare:
            return NotImplemented
        matches = day and getattr(day, compare)(fields.Date.to_date(value))
        return Domain("id", "in", waiting) if matches else Domain.FALSE

    def _term(self):
        """How often this provider was struck off for good: each membership begins with signatures of its own."""
        self.ensure_one()
        domain = [("provider_id", "=", self.id), ("kind", "=", "striking_off"), ("ended_at", "=", False)]
        return self.env["aptic.measure"].sudo().search_count(domain)

    def _current_signatures(self):
        """The signatures of this membership, the latest first."""
        self.ensure_one()
        term = self._term()
        return self.sudo().charter_signature_ids.filtered(lambda signature: signature.term == term)

    def _activation_blockers(self):
        """A member signs the charter that is asked for today, and nobody is activated who is suspended."""
        blockers = super()._activation_blockers()
        accepted = self.env["aptic.charter"]._accepted()
        signed = self._current_signatures().charter_id
        if not signed:
            blockers.append(self.env._("Sign the #APTIC charter."))
        elif not signed & accepted:
            blockers.append(self.env._("Sign the new version of the #APTIC charter."))
        return blockers

    def _joining_steps(self):
        """The step of the charter says when a new version waits."""
        steps = super()._joining_steps()
        step = next(step for step in steps if step["key"] == "eligibility")
        if self.charter_due_on:
            step["text"] = self.env._(
                "A new version of the charter is to be signed by %s.", format_date(self.env, self.charter_due_on)
            )
            step["done"] = False
        return steps
