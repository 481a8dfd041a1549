from odoo import api, fields, models
from odoo.exceptions import ValidationError

# From the nearest to the farthest.
KINDS = ("commune", "epci", "department", "region", "country")
SHOWN = 3


class ApticReferenceActor(models.Model):
    """A named actor of a territory who helps applicants to make progress on some themes of the questionnaire."""

    _name = "aptic.reference.actor"
    _description = "Reference actor"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(
        compute="_compute_name", store=True, readonly=False, required=True, precompute=True, tracking=True
    )
    provider_id = fields.Many2one(
        "aptic.provider",
        index="btree_not_null",
        ondelete="restrict",
        help="When the actor is a member of #APTIC itself.",
    )
    territory_id = fields.Many2one(
        "aptic.territory",
        string="Territory covered",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="A department, a region, or France as a whole; also an intercommunality or a municipality.",
    )
    theme_ids = fields.Many2many("aptic.theme", string="Helps with", help="Empty: with every theme.")
    offer = fields.Text(string="What it offers", required=True, translate=True)
    contact_name = fields.Char(string="Contact")
    email = fields.Char()
    phone = fields.Char()
    link = fields.Char(string="Web address")

    @api.depends("provider_id")
    def _compute_name(self):
        for actor in self:
            actor.name = actor.name or actor.provider_id.name

    @api.constrains("link")
    def _check_link(self):
        for actor in self:
            if actor.link and not actor.link.startswith(("https://", "http://")):
                raise ValidationError(self.env._("The web address begins with https://"))

    @api.constrains("email", "phone", "link")
    def _check_reachable(self):
        for actor in self:
            if not (actor.email or actor.phone or actor.link):
                raise ValidationError(
                    self.env._("Say how %s is reached: an e-mail, a phone number or a web address.", actor.name)
                )

    # ------------------------------------------------------------------- find
    @api.model
    def _near(self, territories):
        """The actors whose territory contains one of ``territories``, the nearest first.

        :param territories: ``aptic.territory`` records; without any, the actors of the whole country
        """
        wanted = set()
        for territory in territories:
            wanted |= territory._ancestor_ids()
        domain = [("territory_id", "in", list(wanted))] if wanted else [("territory_id.kind", "=", "country")]
        actors = self.sudo().search(domain)
        return actors.sorted(lambda actor: KINDS.index(actor.territory_id.kind))

    def _for_theme(self, theme):
        """Those of these actors, in their order, who help with a theme."""
        return self.filtered(lambda actor: not actor.theme_ids or theme in actor.theme_ids)[:SHOWN]
