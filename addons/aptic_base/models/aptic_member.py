from odoo import api, fields, models


class ApticMember(models.Model):
    """A user's role in one organisation: manager, mediator (scans only) or accountant."""

    _name = "aptic.member"
    _description = "Member"
    _order = "id"

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
        "CHECK(num_nonnulls(provider_id, sponsor_id, distributor_id) = 1)", "A member belongs to exactly one organisation."
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
        column = {"aptic.provider": "provider_id", "aptic.sponsor": "sponsor_id", "aptic.distributor": "distributor_id"}
        return self.sudo().search(
            [
                (column[organisation._name], "=", organisation.id),
                ("user_id", "=", (user or self.env.user).id),
                ("role", "in", list(roles)),
                ("active", "=", True),
            ],
            limit=1,
        )
