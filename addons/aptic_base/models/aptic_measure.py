from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..texts import paragraphs
from ..write_once import protect

CAUSES = [
    ("unpaid", "Unpaid subscription"),
    ("charter", "New charter not signed"),
    ("papers", "Dossier no longer complete"),
    ("conduct", "Breach of the charter"),
    ("fraud", "Suspicion of fraud"),
    ("request", "At the provider's own request"),
]
MANAGERS = ("aptic_base.group_aptic_manager",)
PARIS = "Europe/Paris"
LONGEST_APPEAL = 5000
DAYS_TO_ANSWER = 15


class ApticMeasure(models.Model):
    """A suspension or striking off of a provider: why, by whom, since when, what it answered, and how it ended.

    A row is filled in as things happen and never rewritten: the database itself refuses.
    """

    _name = "aptic.measure"
    _description = "Suspension or striking off"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(
        [("suspension", "Suspension"), ("striking_off", "Striking off")], required=True, readonly=True
    )
    cause = fields.Selection(CAUSES, required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True, help="Told to the provider.")
    decided_by_id = fields.Many2one("res.users", string="Decided by", required=True, readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(string="Decided on", required=True, readonly=True)
    reapply_from = fields.Date(
        string="May apply again from",
        readonly=True,
        help="After a striking off: first day of a new application. Empty: there is no way back.",
    )
    state_before = fields.Char(readonly=True, help="State of the provider before a striking off.")
    appeal_until = fields.Date(readonly=True, help="Last day of an appeal, inclusive.")
    appeal = fields.Text(readonly=True, help="What the provider answers to the measure.")
    appealed_by_id = fields.Many2one("res.users", string="Appeal written by", readonly=True, ondelete="restrict")
    appealed_at = fields.Datetime(string="Appealed on", readonly=True)
    outcome = fields.Selection(
        [("kept", "The measure stays"), ("lifted", "The measure is lifted")],
        string="Answer to the appeal",
        readonly=True,
    )
    answer = fields.Text(string="Reason of the answer", readonly=True, help="Told to the provider.")
    answered_by_id = fields.Many2one("res.users", string="Answered by", readonly=True, ondelete="restrict")
    answered_at = fields.Datetime(string="Answered on", readonly=True)
    ended_by_id = fields.Many2one("res.users", string="Lifted by", readonly=True, ondelete="restrict")
    ended_at = fields.Datetime(string="Lifted on", readonly=True)
    end_note = fields.Text(string="Why it was lifted", readonly=True)
    stage = fields.Selection(
        [("open", "In force"), ("appealed", "Appeal to answer"), ("ended", "Lifted")],
        string="Status",
        compute="_compute_stage",
    )

    _guarded_fields = frozenset(
        {
            "provider_id",
            "kind",
            "cause",
            "reason",
            "decided_by_id",
            "decided_at",
            "reapply_from",
            "state_before",
            "appeal_until",
            "appeal",
            "appealed_by_id",
            "appealed_at",
            "outcome",
            "answer",
            "answered_by_id",
            "answered_at",
            "ended_by_id",
            "ended_at",
            "end_note",
        }
    )

    _one_open = models.UniqueIndex(
        "(provider_id, cause) WHERE kind = 'suspension' AND ended_at IS NULL",
        "This provider is suspended for this cause already.",
    )
    _to_answer_idx = models.Index("(appealed_at) WHERE answered_at IS NULL AND ended_at IS NULL")
    _ended_whole = models.Constraint(
        "CHECK((ended_at IS NULL) = (ended_by_id IS NULL))", "A measure is lifted by somebody, on a day."
    )
    _appeal_whole = models.Constraint(
        "CHECK(num_nulls(appeal, appealed_by_id, appealed_at) IN (0, 3))", "An appeal is written by somebody, on a day."
    )
    _answer_whole = models.Constraint(
        "CHECK(num_nulls(outcome, answer, answered_by_id, answered_at) IN (0, 4)"
        " AND (answered_at IS NULL OR appealed_at IS NOT NULL))",
        "An appeal is answered by somebody, on a day, with a reason.",
    )
    _two_persons = models.Constraint(
        "CHECK(answered_by_id IS NULL OR answered_by_id <> decided_by_id)",
        "An appeal is answered by another person than the one who decided on the measure.",
    )

    def init(self):
        """Have PostgreSQL refuse to rewrite or delete a row."""
        protect(self.env.cr, self._table)

    @api.depends("kind", "provider_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for measure in self:
            measure.display_name = f"{kinds.get(measure.kind, '')} – {measure.provider_id.display_name}"

    @api.depends("ended_at", "appealed_at", "answered_at")
    def _compute_stage(self):
        for measure in self:
            waits = measure.appealed_at and not measure.answered_at
            measure.stage = "ended" if measure.ended_at else "appealed" if waits else "open"

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A measure is kept: lift it instead."))

    # ------------------------------------------------------------------- take
    @api.model
    def _today(self):
        """The day in France, by which delays count."""
        return fields.Date.context_today(self.with_context(tz=PARIS))

    @api.model
    def _take(self, provider, kind, cause, reason):
        """Write a measure and tell the provider's managers; the caller moves the provider.

        :param provider: ``aptic.provider`` record
        :param str kind: ``suspension`` or ``striking_off``
        :param str cause: one of ``CAUSES``
        :param str reason: told to the provider
        :raise UserError: when the reason is missing
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the provider reads the reason."))
        days = self.env["ir.config_parameter"]._get_number("aptic_base.appeal_days", 30, most=3660)
        measure = self.sudo()._guarded_create(
            [
                {
                    "provider_id": provider.id,
                    "kind": kind,
                    "cause": cause,
                    "reason": reason.strip(),
                    "decided_by_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                    "appeal_until": self._today() + timedelta(days=days),
                }
            ]
        )
        measure._tell_taken()
        return measure

    def _tell_taken(self):
        provider = self.provider_id._in_their_language()
        env = provider.env
        if self.kind == "suspension":
            subject = env._("Your organisation is suspended")
            body = env._("From now on your organisation can take no more vouchers. Reason:")
        else:
            subject = env._("Your organisation is struck off")
            body = env._("Your organisation is no longer a member of #APTIC. Reason:")
        money = env._(
            "What you have scanned until now stays due to you: it is paid at the end of the month, as always."
        )
        appeal = env._(
            "You may appeal until %(day)s, in your dossier; another person of the #APTIC team will answer you.",
            day=format_date(env, self.appeal_until),
        )
        provider._tell_managers(
            subject, paragraphs(body, self.reason, money, *([appeal] if self._may_be_appealed() else []))
        )

    # ----------------------------------------------------------------- appeal
    def _may_be_appealed(self):
        """Whether an appeal may be written today."""
        self.ensure_one()
        return bool(
            not self.ended_at
            and not self.appealed_at
            and self.cause != "request"
            and (not self.appeal_until or self._today() <= self.appeal_until)
        )

    def _write_appeal(self, user, text):
        """Write the provider's appeal, once, and put it before the team.

        :param user: ``res.users`` record of the manager who writes
        :param str text: what the provider answers
        :raise UserError: when it is empty, too late, or written already
        """
        self.ensure_one()
        text = (text or "").replace("\0", "").strip()
        if not text:
            raise UserError(self.env._("Write why the measure should be lifted."))
        if len(text) > LONGEST_APPEAL:
            raise UserError(self.env._("Your appeal is too long: %s characters at most.", LONGEST_APPEAL))
        self.lock_for_update()
        if self.ended_at:
            raise UserError(self.env._("This measure is lifted already."))
        if self.appealed_at:
            raise UserError(self.env._("An appeal against this measure is written already."))
        if not self._may_be_appealed():
            raise UserError(self.env._("The delay of the appeal is over. Write to the #APTIC team."))
        self._guarded_write({"appeal": text, "appealed_by_id": user.id, "appealed_at": fields.Datetime.now()})
        judge = self._judges()[:1]
        env = self.with_context(lang=judge.lang or self.env.lang).env
        self.message_post(body=env._("Appeal written by %s.", user.name))
        if judge:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                self._today() + timedelta(days=DAYS_TO_ANSWER),
                env._("Answer the appeal"),
                user_id=judge.id,
            )

    def _judges(self):
        """Managers of the team who may answer an appeal: all but the person who decided."""
        group = self.env.ref("aptic_base.group_aptic_manager").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and user != self.decided_by_id and not user._is_superuser()
        ).sorted("id", reverse=True)

    def _answer_appeal(self, outcome, answer):
        """Answer an appeal: the second person's word.

        :param str outcome: ``kept`` or ``lifted``
        :param str answer: the reason, told to the provider
        :raise AccessError: for anyone but a manager of the team
        :raise UserError: for the person who decided on the measure, without a reason, or when nothing waits
        """
        self.ensure_one()
        self._check_any_group(MANAGERS)
        if self.decided_by_id == self.env.user:
            raise UserError(self.env._("You decided on this measure yourself: another person must answer the appeal."))
        if not (answer or "").strip():
            raise UserError(self.env._("Say why: the provider reads the answer."))
        measure = self.sudo()
        measure.lock_for_update()
        if measure.stage != "appealed":
            raise UserError(self.env._("No appeal waits here for an answer."))
        measure._guarded_write(
            {
                "outcome": outcome,
                "answer": answer.strip(),
                "answered_by_id": self.env.uid,
                "answered_at": fields.Datetime.now(),
            }
        )
        measure.activity_feedback(["mail.mail_activity_data_todo"])
        provider = measure.provider_id
        if outcome == "kept":
            env = provider._in_their_language().env
            provider._tell_managers(
                env._("Your appeal was examined: the measure stays"), paragraphs(env._("Reason:"), measure.answer)
            )
        elif measure.kind == "suspension":
            provider._lift(measure.cause, answer)
        else:
            provider._take_back(measure, answer)

    # -------------------------------------------------------------------- end
    def _end(self, note):
        """Note that the measures are over, once; the caller moves the provider."""
        if not self:
            return
        self.sudo()._guarded_write(
            {"ended_at": fields.Datetime.now(), "ended_by_id": self.env.uid, "end_note": (note or "").strip()}
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    # ---------------------------------------------------------------- buttons
    def action_lift(self):
        """Open the form that lifts this suspension."""
        self.ensure_one()
        return self.provider_id.action_lift()
