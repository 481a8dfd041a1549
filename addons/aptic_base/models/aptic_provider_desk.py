from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .aptic_provider import MANAGERS

NAMES_TOLD = 5


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    # For searches only: a territory of any kind in which the provider has a place.
    place_territory_ids = fields.Many2many(
        "aptic.territory",
        string="Territory of a place",
        compute="_compute_place_territory_ids",
        search="_search_place_territory_ids",
    )
    lacks_papers = fields.Boolean(
        string="Documents are missing",
        compute="_compute_lacks_papers",
        search="_search_lacks_papers",
        groups="aptic_base.group_aptic_reviewer,aptic_base.group_aptic_manager",
    )

    @api.depends("place_ids.territory_id")
    def _compute_place_territory_ids(self):
        for provider in self:
            provider.place_territory_ids = provider.place_ids.territory_id

    def _search_place_territory_ids(self, operator, value):
        """``child_of`` a territory of any kind; an intercommunality (EPCI) holds its municipalities."""
        if operator not in ("in", "child_of"):
            return NotImplemented
        return Domain(
            "place_ids",
            "any",
            Domain("territory_id", operator, value) | Domain("territory_id.epci_id", operator, value),
        )

    @api.depends("missing_paper_type_ids")
    def _compute_lacks_papers(self):
        for provider in self:
            provider.lacks_papers = bool(provider.missing_paper_type_ids)

    def _search_lacks_papers(self, operator, value):
        """Providers whose dossier lacks something required, as the dossier itself counts it."""
        if operator != "in":
            return NotImplemented
        needs = self.sudo().search([("state", "!=", "struck_off")])._paper_needs()
        lacking = [
            number for number, found in needs.items() if any(need.required and not need.is_fulfilled for need in found)
        ]
        return Domain("id", "in" if True in value else "not in", lacking)

    # -------------------------------------------------------------- bulk mail
    def _manager_partners(self):
        """``{provider: contacts of its active managers that have an address}``."""
        members = (
            self.env["aptic.member"]
            .sudo()
            .search([("provider_id", "in", self.ids), ("role", "=", "manager"), ("user_id.active", "=", True)])
        )
        by_provider = members.grouped(lambda member: member.provider_id.id)
        nobody = self.env["aptic.member"]
        return {
            provider: by_provider.get(provider.id, nobody).user_id.partner_id.filtered("email") for provider in self
        }

    def _message_add_default_recipients(self):
        """Mails to a provider go to its managers; to the organisation's own address only where it has none."""
        found, partners = super()._message_add_default_recipients(), self._manager_partners()
        for provider in self.filtered(lambda one: partners[one]):
            found[provider.id] = {"email_cc_lst": [], "email_to_lst": [], "partners": partners[provider]}
        return found

    def action_mail_managers(self):
        """Write to the managers of the selected providers: one mail each, kept on the provider's thread.

        :raise AccessError: for anyone but a manager of #APTIC
        :raise UserError: when none of them has a manager with an address
        """
        self._check_any_group(MANAGERS)
        partners = self._manager_partners()
        reached = self.filtered(lambda provider: partners[provider])
        if not reached:
            raise UserError(self.env._("None of these providers has a manager with an account: invite one first."))
        left = self - reached
        name = self.env._("Write to the managers of %(count)s provider(s)", count=len(reached))
        if left:
            names = ", ".join(left[:NAMES_TOLD].mapped("name")) + ("…" if len(left) > NAMES_TOLD else "")
            name = self.env._("%(name)s; without a manager, not written to: %(left)s", name=name, left=names)
        body = self.env["ir.qweb"]._render("aptic_base.mail_to_managers", {"base_url": self.browse().get_base_url()})
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": reached.ids,
                "default_composition_mode": "mass_mail",
                "default_subject": "#APTIC – ",
                "default_body": body,
                # Mails about one's membership are owed to members: no list of those who want no advertising counts.
                "default_use_exclusion_list": False,
                "default_auto_delete": False,
            },
        }
