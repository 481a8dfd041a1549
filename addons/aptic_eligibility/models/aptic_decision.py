from odoo import api, fields, models
from odoo.addons.aptic_base.immutable import protect
from odoo.exceptions import UserError


class ApticDecision(models.Model):
    """The outcome of an application: written once, by a person, and never changed, whoever asks."""

    _name = "aptic.decision"
    _description = "Decision"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _log_access = False

    application_id = fields.Many2one("aptic.application", required=True, index=True, ondelete="restrict")
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    version = fields.Char(string="Version of the questionnaire", required=True)
    theme_scores = fields.Json(required=True)
    score_bars = fields.Html(related="application_id.score_bars")
    proposal = fields.Selection([("eligible", "Eligible"), ("declined", "Not eligible yet")], required=True)
    outcome = fields.Selection([("eligible", "Eligible"), ("declined", "Not eligible yet")], required=True)
    reason = fields.Text(string="Reason of the reviewer")
    decided_by_id = fields.Many2one("res.users", string="Decided by", required=True, ondelete="restrict")
    decided_at = fields.Datetime(string="Decided on", required=True)

    _guarded_fields = frozenset(
        {
            "application_id",
            "provider_id",
            "version",
            "theme_scores",
            "proposal",
            "outcome",
            "reason",
            "decided_by_id",
            "decided_at",
        }
    )

    _application_unique = models.Constraint("UNIQUE(application_id)", "This application is decided already.")
    _reasoned = models.Constraint(
        "CHECK(outcome = proposal OR length(trim(coalesce(reason, ''))) > 0)",
        "An outcome against the proposal needs a reason.",
    )

    def init(self):
        """Have PostgreSQL refuse any change of a row."""
        protect(self.env.cr, self._table)

    @api.depends("provider_id", "decided_at")
    def _compute_display_name(self):
        for decision in self:
            decision.display_name = f"{decision.provider_id.name} ({decision.decided_at:%d/%m/%Y})"

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A decision cannot be deleted."))

    def _diagnosis(self, territories=None):
        """What the provider reads: by theme, whether it is reached, which steps would help and who helps with them.

        No score leaves here.

        :param territories: ``aptic.territory`` records near which help is looked for
        :return: list of dicts ``name``, ``reached``, ``advice``, ``steps`` (sentences), ``actors``
            (``aptic.reference.actor``, the nearest first); first what is not reached
        """
        self.ensure_one()
        themes = self.env["aptic.theme"].sudo()
        questions = self.env["survey.question"].sudo()
        near = self.env["aptic.reference.actor"]._near(territories or self.env["aptic.territory"])
        diagnosis = []
        for row in self.theme_scores:
            theme = themes.browse(row["theme_id"])
            weak = questions.browse(row["weak_question_ids"]).exists()
            reached = row["score"] >= row["threshold"]
            diagnosis.append(
                {
                    "name": theme.name,
                    "reached": reached,
                    "advice": "" if reached else theme.advice,
                    "steps": [question.aptic_advice for question in weak if question.aptic_advice],
                    "actors": near.browse() if reached else near._for_theme(theme),
                }
            )
        return sorted(diagnosis, key=lambda theme: theme["reached"])

    def _tell_provider(self):
        """Write the outcome to the provider's managers."""
        for decision in self:
            provider = decision.provider_id._in_their_language()
            if decision.outcome == "eligible":
                body = provider.env._("Your organisation is eligible. Next step: read and sign the #APTIC charter.")
            else:
                body = provider.env._(
                    "Your organisation is not eligible yet. Its diagnosis, theme by theme, is in your dossier."
                )
            provider._tell_managers(provider.env._("Your application to #APTIC"), body)
