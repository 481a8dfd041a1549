from odoo import api, fields, models
from odoo.tools import SQL

DAYS_KEPT = 3


class ApticFormToken(models.Model):
    """A form of the portal that was sent: sent twice, it counts once."""

    _name = "aptic.form.token"
    _description = "Form sent once"
    _log_access = False

    token = fields.Char(required=True)
    sent_at = fields.Datetime(required=True, index=True)

    _token_unique = models.Constraint("UNIQUE(token)", "This form was sent already.")

    @api.model
    def _take(self, token):
        """Use a token up, within the transaction of what the form asks for.

        A second request with the same token waits for the first, and is told False once that has succeeded.

        :param str token: as the form carries it
        :return: whether the token was still unused
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_form_token (token, sent_at) VALUES (%s, now() AT TIME ZONE 'UTC')
                   ON CONFLICT (token) DO NOTHING RETURNING id""",
                token,
            ),
            log_exceptions=False,  # the second of two at once is retried, and that is no error
        )
        return bool(self.env.cr.fetchone())

    @api.autovacuum
    def _gc_old(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM aptic_form_token WHERE sent_at < now() AT TIME ZONE 'UTC' - make_interval(days => %s)",
                DAYS_KEPT,
            )
        )
