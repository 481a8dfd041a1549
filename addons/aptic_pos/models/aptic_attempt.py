from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

MOST = 10
MINUTES = 10
KEPT_DAYS = 90


class ApticAttempt(models.Model):
    """A try with a code that is no voucher's: who and where, never the code. Only added to."""

    _name = "aptic.attempt"
    _description = "Wrong code"
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)
    member_id = fields.Many2one("aptic.member", ondelete="set null", readonly=True)
    place_id = fields.Many2one("aptic.place", ondelete="cascade", readonly=True)
    provider_id = fields.Many2one(related="place_id.provider_id")

    _user_index = models.Index("(user_id, at)")

    @api.model
    def _note(self, member, place):
        """Add a try of the current user, in one statement."""
        self.env.execute_query(
            SQL(
                "INSERT INTO aptic_attempt (at, user_id, member_id, place_id) VALUES (%s, %s, %s, %s) RETURNING id",
                fields.Datetime.now(),
                self.env.uid,
                member.id or None,
                place.id or None,
            )
        )
        self.invalidate_model()

    @api.model
    def _tries_sql(self):
        """The SQL expression that counts the wrong codes that the current user has tried lately, to ``MOST``."""
        return SQL(
            """(SELECT count(*) FROM (
                 SELECT FROM aptic_attempt WHERE user_id = %s AND at > %s ORDER BY at DESC LIMIT %s) AS tries)""",
            self.env.uid,
            fields.Datetime.now() - timedelta(minutes=MINUTES),
            MOST,
        )

    @api.autovacuum
    def _forget_old(self):
        """Tries older than three months serve nobody."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.sudo().search([("at", "<", before)], limit=10_000).unlink()
