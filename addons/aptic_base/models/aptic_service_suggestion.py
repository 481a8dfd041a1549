from odoo import api, fields, models
from odoo.exceptions import UserError

from ..names import are_alike
from ..texts import one_line

STAFF = ("aptic_base.group_aptic_user",)
LONGEST_NAME = 150
LONGEST_REASON = 1000
MOST_ALIKE = 10


class ApticServiceSuggestion(models.Model):
    """A service that a provider misses in the référentiel; staff add it, point at one that exists, or decline."""

    _name = "aptic.service.suggestion"
    _description = "Suggested service"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", string="Suggested by", required=True, ondelete="restrict", readonly=True)
    name = fields.Char(string="Service", required=True)
    reason = fields.Text(string="Why")
    level_id = fields.Many2one("aptic.service.level", string="Proposed level", ondelete="restrict")
    category_id = fields.Many2one("aptic.service.category", ondelete="restrict")
    state = fields.Selection(
        [("proposed", "Under review"), ("accepted", "Added"), ("merged", "Exists already"), ("declined", "Declined")],
        string="Status",
        required=True,
        default="proposed",
        index=True,
        tracking=True,
        readonly=True,
        copy=False,
    )
    note = fields.Text(string="Answer", copy=False, help="Sent to the provider with the decision.")
    service_id = fields.Many2one(
        "aptic.service", string="Service of the référentiel", ondelete="restrict", copy=False,
        help="The service that exists already; filled in when the suggestion is added.",
    )  # fmt: skip
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict", copy=False)
    decided_at = fields.Datetime(string="Decided on", readonly=True, copy=False)

    _guarded_fields = frozenset({"provider_id", "user_id", "state", "decided_by_id", "decided_at"})

    _once = models.UniqueIndex(
        "(provider_id, lower(name)) WHERE state = 'proposed'", "You have suggested this service already."
    )
    _decided_whole = models.Constraint(
        "CHECK(state = 'proposed' OR (decided_by_id IS NOT NULL AND note IS NOT NULL))",
        "A decision has an author and an answer to the provider.",
    )
    _added_is_a_service = models.Constraint(
        "CHECK(state NOT IN ('accepted', 'merged') OR service_id IS NOT NULL)", "Say which service it is."
    )

    # ----------------------------------------------------------------- suggest
    @api.model
    def _suggest(self, provider, user, vals):
        """Hand a suggestion in.

        :param provider: sudo record
        :param user: ``res.users`` record
        :param dict vals: ``name``, ``reason``, ``level_id``, ``category_id`` as typed; the name is required
        :return: the new record
        :raise UserError: says what is missing or wrong
        """
        name = one_line(vals.get("name"), LONGEST_NAME)
        if len(name) < 3:
            raise UserError(self.env._("Name the service that you miss."))
        level = self.env["aptic.service.level"].browse(vals.get("level_id") or ()).exists()
        category = self.env["aptic.service.category"].browse(vals.get("category_id") or ()).exists()
        if self.sudo().search_count(
            [("provider_id", "=", provider.id), ("state", "=", "proposed"), ("name", "=ilike", name)], limit=1
        ):
            raise UserError(self.env._("You have suggested this service already: it is under review."))
        return self.sudo()._guarded_create(
            [
                {
                    "provider_id": provider.id,
                    "user_id": user.id,
                    "name": name,
                    "reason": (vals.get("reason") or "").replace("\0", "").strip()[:LONGEST_REASON],
                    "category_id": category.id,
                    "level_id": category.level_id.id or level.id,
                }
            ]
        )

    @api.model
    def _alike(self, name):
        """The services of the référentiel whose names are near to this one, for the person to look at first."""
        services = self.env["aptic.service"].sudo().search_fetch([], ["name", "category_id", "level_id"])
        return services.filtered(lambda service: are_alike(service.name, name))[:MOST_ALIKE]

    # ------------------------------------------------------------------ decide
    def _accept(self):
        """Add the suggested service to the référentiel.

        :return: the new services
        :raise UserError: without a category or an answer
        """
        services = self.env["aptic.service"]
        for suggestion in self:
            if not suggestion.category_id:
                raise UserError(self.env._("Choose the category under which “%s” is added.", suggestion.name))
            suggestion._check_note()
            service = services.sudo().create(
                {
                    "name": suggestion.name,
                    "code": f"suggestion-{suggestion.id}",
                    "category_id": suggestion.category_id.id,
                }
            )
            suggestion._decide("accepted", service)
            services |= service
        return services

    def _merge(self):
        """Point at the service of the référentiel that is meant.

        :raise UserError: when none is chosen, or without an answer
        """
        for suggestion in self:
            if not suggestion.service_id:
                raise UserError(self.env._("Choose the service of the référentiel that “%s” is.", suggestion.name))
            suggestion._check_note()
            suggestion._decide("merged", suggestion.service_id)

    def _decline(self):
        """Leave the référentiel as it is.

        :raise UserError: without an answer
        """
        for suggestion in self:
            suggestion._check_note()
            suggestion._decide("declined", self.env["aptic.service"])

    def _check_note(self):
        if not (self.note or "").strip():
            raise UserError(self.env._("Write the answer that the provider receives."))

    def _decide(self, state, service):
        if self._set_state(("proposed",), state):
            self._guarded_write(
                {"service_id": service.id, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
            )
            provider = self.provider_id._in_their_language()
            provider._tell_managers(
                provider.env._("Your suggestion “%s”", self.name), self.with_env(provider.env)._answer()
            )

    def _answer(self):
        """What the provider reads: the decision, and the note."""
        service = self.service_id.name
        sentences = {
            "accepted": self.env._("“%s” is now in the référentiel: you can offer it.", service),
            "merged": self.env._("“%(name)s” exists already, as “%(service)s”.", name=self.name, service=service),
            "declined": self.env._("“%s” was not added to the référentiel.", self.name),
        }
        return f"{sentences[self.state]} {self.note}"

    # ---------------------------------------------------------------- buttons
    def action_accept(self):
        """Add the service, from the form."""
        self._check_any_group(STAFF)
        self._accept()

    def action_merge(self):
        """Point at the service that exists, from the form."""
        self._check_any_group(STAFF)
        self._merge()

    def action_decline(self):
        """Decline, from the form."""
        self._check_any_group(STAFF)
        self._decline()
