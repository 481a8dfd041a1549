from odoo import api, fields, models
from odoo.exceptions import UserError

COLUMNS = {"aptic.provider": "provider_id", "aptic.sponsor": "sponsor_id", "aptic.distributor": "distributor_id"}


class ApticMember(models.Model):
    """A user's role in one organisation: manager, mediator (scans only) or accountant."""

    _name = "aptic.member"
    _description = "Member"
    _order = "id"
    _rec_names_search = ["user_id.name"]

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="restrict")
    provider_id = fields.Many2one("aptic.provider", index="btree_not_null", ondelete="cascade")
    sponsor_id = fields.Many2one("aptic.sponsor", index="btree_not_null", ondelete="cascade")
    distributor_id = fields.Many2one("aptic.distributor", index="btree_not_null", ondelete="cascade")
    role = fields.Selection(
        [("manager", "Manager"), ("mediator", "Mediator"), ("accountant", "Accountant")],
        required=True,
        default="mediator",
    )
    active = fields.Boolean(default=True)

    _one_organisation = models.Constraint(
        "CHECK(num_nonnulls(provider_id, sponsor_id, distributor_id) = 1)",
        "A member belongs to exactly one organisation.",
    )
    _provider_unique = models.UniqueIndex("(user_id, provider_id) WHERE provider_id IS NOT NULL")
    _sponsor_unique = models.UniqueIndex("(user_id, sponsor_id) WHERE sponsor_id IS NOT NULL")
    _distributor_unique = models.UniqueIndex("(user_id, distributor_id) WHERE distributor_id IS NOT NULL")

    @api.depends("user_id", "role")
    def _compute_display_name(self):
        for member in self:
            member.display_name = member.user_id.display_name

    @api.model
    def _find(self, organisation, roles=("manager", "mediator", "accountant"), user=None):
        """The active membership of a user in an organisation with one of ``roles``, or an empty recordset.

        :param organisation: an ``aptic.provider``, ``aptic.sponsor`` or ``aptic.distributor`` record
        :param roles: accepted roles
        :param user: ``res.users`` record, default the current user
        """
        return self.sudo().search(
            [
                (COLUMNS[organisation._name], "=", organisation.id),
                ("user_id", "=", (user or self.env.user).id),
                ("role", "in", list(roles)),
                ("active", "=", True),
            ],
            limit=1,
        )

    @api.model
    def _organisations(self, user=None):
        """The organisations a user belongs to, for the hub and for whoever adds cards to it.

        :param user: ``res.users`` record, default the current user
        :return: list of ``{"kind": "provider"|"sponsor"|"distributor", "record": sudo, "role": role, "member": sudo}``,
            providers first, by name
        """
        members = self.sudo().search([("user_id", "=", (user or self.env.user).id), ("active", "=", True)])
        found = [
            {"kind": member._kind(), "record": member._organisation(), "role": member.role, "member": member}
            for member in members
        ]
        kinds = ["provider", "sponsor", "distributor"]
        return sorted(found, key=lambda entry: (kinds.index(entry["kind"]), entry["record"].name or ""))

    def _organisation(self):
        """The provider, sponsor or distributor of this membership."""
        self.ensure_one()
        return self.provider_id or self.sponsor_id or self.distributor_id

    def _kind(self):
        """Return ``provider``, ``sponsor`` or ``distributor``."""
        return self._organisation()._name.removeprefix("aptic.")

    # ----------------------------------------------------------- last manager
    def _check_managers_stay(self):
        """Refuse to leave the organisations of these memberships without any manager.

        The organisations are locked: two managers who leave at the same moment must not both succeed.
        """
        for organisation in {member._organisation() for member in self}:
            organisation = organisation.sudo()
            organisation.lock_for_update()
            others = self.sudo().search_count(
                [
                    (COLUMNS[organisation._name], "=", organisation.id),
                    ("role", "=", "manager"),
                    ("active", "=", True),
                    ("user_id.active", "=", True),
                    ("id", "not in", self.ids),
                ],
                limit=1,
            )
            if not others:
                raise UserError(
                    self.env._("%(name)s must keep a manager: name another one first.", name=organisation.display_name)
                )

    def write(self, vals):
        """Refuse to leave an organisation without a manager."""
        leaving = self.filtered(
            lambda member: (
                member.active
                and member.role == "manager"
                and (
                    vals.get("role", "manager") != "manager"
                    or not vals.get("active", True)
                    or any(column in vals and vals[column] != member[column].id for column in COLUMNS.values())
                )
            )
        )
        if leaving:
            leaving._check_managers_stay()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last_manager(self):
        leaving = self.filtered(lambda member: member.active and member.role == "manager")
        if leaving:
            leaving._check_managers_stay()
