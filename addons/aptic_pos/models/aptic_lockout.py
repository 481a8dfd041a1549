from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line, paragraphs
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..watch import LONGEST_REASON
from .aptic_attempt import MINUTES

STAFF = "aptic_base.group_aptic_user"
DAY = timedelta(days=1)


class ApticLockout(models.Model):
    """A person who tried too many wrong codes: the desk paused by itself, or locked until another person lifts it.

    It goes by the person, as the tries do: another membership does not help. Whose managers hear of it,
    and may lift it, says the membership with which it happened.

    The pause is a fact of the tries (``aptic.attempt``), which the redemption reads; these rows follow them, made by
    one scheduled action, so that managers and team hear of it. After several in a day the last one locks.
    """

    _name = "aptic.lockout"
    _description = "Lock-out after wrong codes"
    _inherit = ["aptic.todo.mixin", "aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"

    member_id = fields.Many2one("aptic.member", required=True, index=True, ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict", readonly=True)
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    place_id = fields.Many2one("aptic.place", ondelete="restrict", readonly=True)
    at = fields.Datetime(string="Since", required=True, readonly=True)
    tries = fields.Integer(string="Wrong codes", required=True, readonly=True)
    state = fields.Selection(
        [("pause", "Paused for ten minutes"), ("locked", "Locked"), ("lifted", "Lifted")],
        string="Status",
        required=True,
        default="pause",
        readonly=True,
        tracking=True,
    )
    lifted_by_id = fields.Many2one("res.users", string="Lifted by", ondelete="restrict", readonly=True)
    lifted_at = fields.Datetime(string="Lifted on", readonly=True)
    reason = fields.Char(string="Why it was lifted", readonly=True)

    _guarded_fields = frozenset(
        {
            *("member_id", "user_id", "provider_id", "place_id", "at", "tries"),
            *("state", "lifted_by_id", "lifted_at", "reason"),
        }
    )
    _todo_states = {"locked": ("aptic_pos.activity_locked_member", (STAFF,))}

    _user_index = models.Index("(user_id, at)")
    _one_lock = models.UniqueIndex("(user_id) WHERE state = 'locked'")
    _lifted_by_another = models.Constraint(
        "CHECK((state <> 'lifted' OR num_nulls(lifted_by_id, lifted_at, reason) = 0)"
        " AND lifted_by_id IS DISTINCT FROM user_id)",
        "Another person lifts a lock, and says why.",
    )

    @api.depends("user_id", "at")
    def _compute_display_name(self):
        for lockout in self:
            lockout.display_name = self.env._("Wrong codes of %s", lockout.user_id.name)

    # ------------------------------------------------------------------- facts
    @api.model
    def _locked_sql(self):
        """The SQL expression that tells whether the person of an act (``m.user_id``) is locked anywhere."""
        return SQL("EXISTS (SELECT FROM aptic_lockout k WHERE k.user_id = m.user_id AND k.state = 'locked')")

    # --------------------------------------------------------------- following
    @api.model
    def _cron_follow(self):
        """Make the lock-outs that the tries of the last day ask for, tell of them, and sound the alarm at need."""
        self._follow()
        self.env["aptic.attempt.alarm"]._sound()

    @api.model
    def _follow(self):
        """Make the lock-outs that are missing: at most one a user within ten minutes.

        :return: the new ones
        """
        made, waiting = self.browse(), {}
        for user_id, member_id, place_id, at, tries in self._reached():
            if at < waiting.get(user_id, at):
                continue
            waiting[user_id] = at + timedelta(minutes=MINUTES)
            made |= self._make(self.env["aptic.member"].browse(member_id), place_id, at, tries)
        return made

    def _reached(self):
        """The tries of the last day, later than each user's last lock-out, that were one too many: rows in order.

        What the team types for a member on the telephone is the team's, not the member's.
        """
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT user_id, member_id, place_id, at, tries
                     FROM (SELECT id, user_id, member_id, place_id, at, count(*) OVER (
                               PARTITION BY user_id ORDER BY at
                               RANGE BETWEEN %(minutes)s * INTERVAL '1 minute' PRECEDING AND CURRENT ROW) AS tries
                             FROM aptic_attempt WHERE at > %(since)s) AS lately
                    WHERE tries >= %(most)s
                      AND EXISTS (SELECT FROM aptic_member m WHERE m.id = member_id AND m.user_id = lately.user_id)
                      AND at >= COALESCE((SELECT max(k.at) FROM aptic_lockout k WHERE k.user_id = lately.user_id),
                                         '-infinity') + %(minutes)s * INTERVAL '1 minute'
                    ORDER BY at, id""",
                minutes=MINUTES,
                since=fields.Datetime.now() - DAY,
                most=self.env["aptic.attempt"]._limit("user"),
            )
        )

    def _make(self, member, place_id, at, tries):
        before = self.search([("user_id", "=", member.user_id.id), ("at", ">", at - DAY), ("at", "<", at)])
        if before.filtered(lambda lockout: lockout.state == "locked"):
            return self.browse()
        lifted = max(before.filtered("lifted_at").mapped("lifted_at"), default=None)
        counted = before.filtered(lambda lockout: not lifted or lockout.at > lifted)
        last = len(counted) + 1 >= self.env["aptic.attempt"]._limit("lockouts")
        lockout = self._guarded_create(
            [
                {
                    "member_id": member.id,
                    "user_id": member.user_id.id,
                    "provider_id": member.provider_id.id,
                    "place_id": place_id,
                    "at": at,
                    "tries": tries,
                    "state": "locked" if last else "pause",
                }
            ]
        )
        lockout._tell()
        return lockout

    def _tell(self):
        """Write to the managers: what happened, and what they can do."""
        self.ensure_one()
        provider = self.provider_id._in_their_language()
        env, who, where = provider.env, self.user_id.name, self.place_id.name or ""
        told = env._(
            "%(who)s tried %(count)s codes within ten minutes that are no vouchers of #APTIC (%(where)s).",
            who=who,
            count=self.tries,
            where=where,
        )
        if self.state == "locked":
            subject = env._("%s can no longer scan vouchers", who)
            done = env._(
                "It is not the first time today: scanning stays locked for this person until another manager, or the"
                " #APTIC team, lifts it. Ask first what was scanned."
            )
        else:
            subject = env._("Wrong codes at your desk")
            done = env._(
                "Scanning was stopped for ten minutes and goes on by itself. Ask what was scanned: a damaged voucher,"
                " or paper that is no voucher? Write to us if somebody brings forged vouchers."
            )
        link = f"{self.get_base_url()}/my/aptic/lockouts/{self.id}"
        provider._tell_managers(subject, paragraphs(told, done, link))

    # ------------------------------------------------------------------- lift
    def _may_lift(self):
        """Whether the current user may lift it: the team, or another manager of the provider."""
        self.ensure_one()
        if self.sudo().user_id == self.env.user:
            return False
        return self.env.user.has_group(STAFF) or bool(
            self.env["aptic.member"]._find(self.sudo().provider_id, roles=("manager",))
        )

    def _lift(self, reason):
        """Let the member scan again.

        :param str reason: what was found out, in the person's words
        :raise AccessError: for the member himself, and for who is neither staff nor a manager of the provider
        :raise UserError: without a reason, or when nothing is locked
        """
        self.ensure_one()
        if not self._may_lift():
            raise AccessError(self.env._("Another manager of your organisation, or the #APTIC team, lifts this lock."))
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say in a few words what you found out."))
        lockout = self.sudo()
        lockout._lock_or_retry()
        if lockout.state == "lifted":
            return
        if lockout.state != "locked":
            raise UserError(self.env._("Nothing is locked: scanning goes on by itself after ten minutes."))
        lockout._guarded_write({"lifted_by_id": self.env.uid, "lifted_at": fields.Datetime.now(), "reason": reason})
        lockout._set_state(("locked",), "lifted")

    def action_lift(self):
        """Button: ask what was found out, then lift."""
        return self.env["aptic.watch.answer"]._ask(self, "lift", self.env._("Let this person scan again"))
