from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.tools import SQL
from psycopg2.extras import Json

from .aptic_provider import JOIN_FIELDS

DAYS_KEPT = 90
DRAFT_FIELDS = {**JOIN_FIELDS, "acts_as": 20}


class ApticJoinDraft(models.Model):
    """What somebody has typed into the form to join, until the dossier is created; nobody else reads it."""

    _name = "aptic.join.draft"
    _description = "Form to join, being filled in"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    texts = fields.Json(required=True)
    kept_at = fields.Datetime(required=True, index=True)

    _user_unique = models.Constraint("UNIQUE(user_id)", "There is a draft already.")

    @api.model
    def _of(self, user):
        """The texts that a user has typed so far; an empty dict when there are none."""
        return self.sudo().search([("user_id", "=", user.id)]).texts or {}

    @api.model
    def _keep(self, user, texts):
        """Keep what a user has typed in place of what was kept before.

        :param dict texts: as typed; only the fields of the form are kept
        """
        kept = {name: one_line(texts.get(name), longest) for name, longest in DRAFT_FIELDS.items()}
        kept = {name: text for name, text in kept.items() if text}
        if not kept:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_join_draft (user_id, texts, kept_at) VALUES (%s, %s, %s)
                   ON CONFLICT (user_id) DO UPDATE SET texts = EXCLUDED.texts, kept_at = EXCLUDED.kept_at""",
                user.id,
                Json(kept),
                fields.Datetime.now(),
            ),
            log_exceptions=False,  # two windows that type at once are retried, and no error
        )
        self.invalidate_model()

    @api.model
    def _forget(self, user):
        """The dossier was created: nothing is kept any longer."""
        self.env.cr.execute(
            SQL("DELETE FROM aptic_join_draft WHERE user_id = %s", user.id),
            log_exceptions=False,  # as above
        )
        self.invalidate_model()

    @api.autovacuum
    def _gc_old(self):
        before = fields.Datetime.now() - timedelta(days=DAYS_KEPT)
        self.sudo().search([("kept_at", "<", before)], limit=10_000).unlink()
