from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line, paragraphs
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..watch import LONGEST_REASON, MANAGERS, managers


class ApticAttemptAlarm(models.Model):
    """Too many wrong codes over all desks: one row for each time that it happens, from its start to its end."""

    _name = "aptic.attempt.alarm"
    _description = "Alarm of wrong codes"
    _inherit = ["aptic.todo.mixin", "aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "started_at"
    _mail_post_access = "read"

    started_at = fields.Datetime(string="Since", required=True, readonly=True)
    ended_at = fields.Datetime(string="Until", readonly=True, help="When there were fewer again.")
    tries = fields.Integer(string="Wrong codes at the peak", required=True, readonly=True)
    users = fields.Integer(required=True, readonly=True, help="Who tried them, at the peak.")
    places = fields.Integer(required=True, readonly=True, help="Where, at the peak.")
    lines = fields.Integer(required=True, readonly=True, help="From how many internet lines, at the peak.")
    state = fields.Selection(
        [("new", "To look into"), ("seen", "Looked into")],
        string="Status",
        required=True,
        default="new",
        readonly=True,
        tracking=True,
    )

    _guarded_fields = frozenset({"started_at", "ended_at", "tries", "users", "places", "lines", "state"})
    _todo_states = {"new": ("aptic_pos.activity_alarm", (MANAGERS,))}

    _one_at_a_time = models.UniqueIndex("((ended_at IS NULL)) WHERE ended_at IS NULL")

    @api.model
    def _sound(self):
        """Begin an alarm, follow the one that goes on, or end it: by the wrong codes of the last while."""
        attempts, now = self.env["aptic.attempt"], fields.Datetime.now()
        ((tries, *others),) = self.env.execute_query(
            SQL(
                """SELECT count(*), count(DISTINCT user_id), count(DISTINCT place_id), count(DISTINCT source)
                     FROM aptic_attempt WHERE at > %s""",
                now - timedelta(minutes=attempts._limit("alarm_minutes")),
            )
        )
        values = {"tries": tries, **dict(zip(("users", "places", "lines"), others, strict=True))}
        running = self.search([("ended_at", "=", False)])
        if tries < attempts._limit("alarm"):
            running._guarded_write({"ended_at": now})
        elif not running:
            self._guarded_create([{"started_at": now, **values}])._tell()
        elif tries > running.tries:
            running._guarded_write(values)

    def _tell(self):
        """Write to the managers of #APTIC, once."""
        self.ensure_one()
        for user, env in managers(self.env):
            body = env._(
                "%(tries)s wrong codes by %(users)s people at %(places)s places within %(minutes)s minutes: somebody"
                " may be guessing, or forged vouchers may be about. Look at the wrong codes by place, then"
                " call the desks.",
                tries=self.tries,
                users=self.users,
                places=self.places,
                minutes=self.env["aptic.attempt"]._limit("alarm_minutes"),
            )
            self.message_notify(
                partner_ids=user.partner_id.ids,
                subject=env._("#APTIC: unusually many wrong codes"),
                body=paragraphs(body),
                model=self._name,
                res_id=self.id,
            )

    def _close(self, reason):
        """Note what was found out.

        :param str reason: in the person's words, kept on the thread
        :raise AccessError: for anyone but a manager of #APTIC
        :raise UserError: without a reason
        """
        self.ensure_one()
        self._check_any_group((MANAGERS,))
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say in a few words what you found out."))
        alarm = self.sudo()
        if alarm._set_state(("new",), "seen"):
            alarm.message_post(body=reason, author_id=self.env.user.partner_id.id)

    def action_close(self):
        """Button: ask what was found out."""
        return self.env["aptic.watch.answer"]._ask(self, "close", self.env._("What the alarm was about"))
