from datetime import date

from dateutil.relativedelta import relativedelta
from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .. import scores
from .res_config_settings import MOST_MONTHS, REAPPLY

PARIS = "Europe/Paris"


class ApticApplication(models.Model):
    """One run of the questionnaire by a provider, from its first page to a person's decision."""

    _name = "aptic.application"
    _description = "Application"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    user_input_id = fields.Many2one(
        "survey.user_input", string="Answers", required=True, index=True, ondelete="restrict", readonly=True
    )
    survey_id = fields.Many2one(related="user_input_id.survey_id", string="Questionnaire")
    version = fields.Char(string="Version of the questionnaire", readonly=True)
    state = fields.Selection(
        [("draft", "Being filled in"), ("submitted", "To review"), ("decided", "Decided")],
        string="Status",
        required=True,
        default="draft",
        tracking=True,
        readonly=True,
        copy=False,
    )
    submitted_at = fields.Datetime(readonly=True, copy=False)
    theme_scores = fields.Json(readonly=True, copy=False)
    score_bars = fields.Html(string="Themes", compute="_compute_score_bars", sanitize=False)
    proposal = fields.Selection([("eligible", "Eligible"), ("declined", "Not eligible yet")], readonly=True, copy=False)
    decision_ids = fields.One2many("aptic.decision", "application_id")
    on_paper = fields.Boolean(string="Received on paper", readonly=True, copy=False)
    received_on = fields.Date(string="Received on", readonly=True, copy=False)
    entered_by_id = fields.Many2one(
        "res.users", string="Answers entered by", readonly=True, copy=False, ondelete="restrict"
    )
    measure_ids = fields.One2many(related="provider_id.measure_ids", string="Measures against this provider")
    outcome = fields.Selection(related="decision_ids.outcome", string="Outcome")

    _guarded_fields = frozenset(
        {
            "provider_id",
            "user_input_id",
            "version",
            "state",
            "submitted_at",
            "theme_scores",
            "proposal",
            "on_paper",
            "received_on",
            "entered_by_id",
        }
    )

    _open_unique = models.UniqueIndex(
        "(provider_id) WHERE state != 'decided'", "This provider has an application in progress already."
    )
    _review_idx = models.Index("(submitted_at) WHERE state = 'submitted'")

    @api.depends("provider_id")
    def _compute_display_name(self):
        for application in self:
            application.display_name = self.env._("Application of %s", application.provider_id.name)

    @api.depends("theme_scores")
    @api.depends_context("lang")
    def _compute_score_bars(self):
        names = {theme.id: theme.name for theme in self.env["aptic.theme"].sudo().search([])}
        for application in self:
            application.score_bars = Markup().join(
                Markup(
                    '<div class="d-flex align-items-center gap-2 mb-2"><span class="w-25">%s</span>'
                    '<div class="progress flex-grow-1" role="img" aria-label="%s"><div class="progress-bar bg-%s" '
                    'style="width: %s%%"></div></div><span>%s %% / %s %%</span></div>'
                )
                % (
                    names.get(theme["theme_id"], theme["code"]),
                    f"{theme['score']} %",
                    "success" if theme["score"] >= theme["threshold"] else "warning",
                    theme["score"],
                    theme["score"],
                    theme["threshold"],
                )
                for theme in application.theme_scores or []
            )

    # ------------------------------------------------------------------ start
    @api.model
    def _start(self, provider, user):
        """Open the questionnaire of a provider, or resume the one in progress.

        :param provider: ``aptic.provider`` record
        :param user: ``res.users`` record of the manager who answers
        :return: the application; its ``user_input_id`` knows the address of the questionnaire
        :raise UserError: when an application is under review, or was declined too recently
        """
        provider.ensure_one()
        provider.lock_for_update()
        application = self.search([("provider_id", "=", provider.id), ("state", "!=", "decided")])
        if application.state == "submitted":
            raise UserError(self.env._("Your application is under review: you will be told by e-mail."))
        if application.on_paper:
            raise UserError(self.env._("The #APTIC team is recording the application that you sent on paper."))
        if application:
            if application.user_input_id.partner_id != user.partner_id:
                application.user_input_id.partner_id = user.partner_id
            return application
        if provider.state not in ("draft", "declined", "struck_off"):
            raise UserError(self.env._("Your eligibility is decided already."))
        day = self._reapply_day(provider)
        if day == date.max:
            raise UserError(self.env._("Your organisation was struck off: no new application is possible."))
        if day and day > self._today():
            raise UserError(self.env._("A new application is possible from %s.", format_date(self.env, day)))
        survey = self.env["survey.survey"]._eligibility_in_force()
        user_input = survey.with_context(aptic_application=True)._create_answer(user=user)
        # The applicant neither follows the application nor reads what is said on it.
        return self.with_context(mail_create_nosubscribe=True)._guarded_create(
            [{"provider_id": provider.id, "user_input_id": user_input.id, "version": survey.aptic_version}]
        )

    @api.model
    def _start_on_paper(self, provider, received_on, scan=None, name=""):
        """Open the questionnaire to enter the answers that a provider gave on paper, or resume it.

        :param provider: ``aptic.provider`` record
        :param date received_on: when the paper arrived
        :param bytes scan: the paper itself, kept with the application
        :param str name: of the file
        :return: the application; the current user enters its answers
        :raise AccessError: for anyone but the team
        :raise UserError: when the provider answers on the portal itself, or may not apply now
        """
        self._check_any_group(("aptic_base.group_aptic_user",))
        applications = self.sudo()
        application = applications.search([("provider_id", "=", provider.id), ("state", "=", "draft")])
        if application and not application.on_paper:
            raise UserError(self.env._("This organisation is filling in the questionnaire on the portal itself."))
        if received_on and received_on > self._today():
            raise UserError(self.env._("The paper cannot arrive after today."))
        if not application:
            application = applications._start(provider.sudo(), self.env.user)
            application._guarded_write({"on_paper": True, "received_on": received_on or self._today()})
            provider.sudo().message_post(
                body=self.env._(
                    "Application received on paper on %(day)s, entered by %(user)s.",
                    day=format_date(self.env, application.received_on),
                    user=self.env.user.name,
                )
            )
        application._enter(self.env.user)
        if scan:
            upload = self.env["aptic.upload"]._checked(scan, name)
            application.message_post(
                body=self.env._("The paper, as it was received."), attachments=[(upload.name, upload.data)]
            )
        return application

    def _enter(self, user):
        """Let a member of the team go on with the answers of a paper; traced."""
        if self.entered_by_id != user:
            self._guarded_write({"entered_by_id": user.id})
            self.message_post(body=self.env._("Answers entered by %s.", user.name))
        self.user_input_id.partner_id = user.partner_id

    def action_enter_answers(self):
        """Go on entering the answers of a paper."""
        self.ensure_one()
        application = self._start_on_paper(self.provider_id, self.received_on)
        return application._open_questionnaire()

    def _open_questionnaire(self):
        return {"type": "ir.actions.act_url", "url": self.user_input_id.get_start_url(), "target": "self"}

    @api.model
    def _today(self):
        """The day in France, by which delays count."""
        return fields.Date.context_today(self.with_context(tz=PARIS))

    @api.model
    def _reapply_day(self, provider):
        """First day on which a provider may apply again: after a diagnosis, or after a striking off.

        :return: a date (``date.max``: never), or None when nothing has to be waited for
        """
        striking_off = provider._striking_off()
        if striking_off:
            return striking_off.reapply_from or date.max
        last = self.env["aptic.decision"].sudo().search([("provider_id", "=", provider.id)], order="id desc", limit=1)
        if provider.state != "declined" or last.outcome != scores.DECLINED:
            return None
        months = self.env["ir.config_parameter"]._get_number(REAPPLY, 3, most=MOST_MONTHS)
        decided_on = fields.Datetime.context_timestamp(self.with_context(tz=PARIS), last.decided_at).date()
        return decided_on + relativedelta(months=months)

    # ----------------------------------------------------------------- submit
    def _submit(self):
        """Score finished questionnaires and put them before a reviewer."""
        for application in self._set_state(("draft",), "submitted"):
            themes = application._score_themes()
            application._guarded_write(
                {
                    "theme_scores": themes,
                    "proposal": scores.propose(themes),
                    "submitted_at": fields.Datetime.now(),
                }
            )
            application.provider_id._apply()

    def _score_themes(self):
        """Scores by theme of the answers given.

        :return: list of dicts ``theme_id``, ``code``, ``score`` and ``threshold`` (percents), ``weak_question_ids``
        """
        self.ensure_one()
        obtained = dict(
            self.env["survey.user_input.line"]._read_group(
                [("user_input_id", "=", self.user_input_id.id)], ["question_id"], ["answer_score:sum"]
            )
        )
        themes = []
        for page in self.survey_id.page_ids.filtered("aptic_theme_id"):
            theme, got, most, weak = page.aptic_theme_id, 0, 0, []
            for question in page.question_ids:
                points = scores.possible(question.question_type, question.suggested_answer_ids.mapped("answer_score"))
                got += obtained.get(question, 0)
                most += points
                if scores.is_weak(obtained.get(question, 0), points):
                    weak.append(question.id)
            themes.append(
                {
                    "theme_id": theme.id,
                    "code": theme.code,
                    "score": scores.percentage(got, most),
                    "threshold": theme.threshold,
                    "weak_question_ids": weak,
                }
            )
        return themes

    # ----------------------------------------------------------------- decide
    def action_confirm(self):
        """A reviewer agrees with what the scores propose."""
        for application in self:
            application._decide(application.proposal)

    def _decide(self, outcome, reason=None):
        """Write the decision of the current user and move the provider on.

        :param str outcome: ``eligible`` or ``declined``
        :param str reason: required when the outcome is not the proposed one
        :return: the ``aptic.decision``
        :raise AccessError: for anyone but a reviewer
        """
        self.ensure_one()
        if not (self.env.su or self.env.user.has_group("aptic_base.group_aptic_reviewer")):
            raise AccessError(self.env._("Only a reviewer decides on an application."))
        application = self.sudo()
        if outcome != application.proposal and not (reason or "").strip():
            raise UserError(self.env._("Say why you decide otherwise than the questionnaire proposes."))
        if not application._set_state(("submitted",), "decided"):
            raise UserError(self.env._("This application is decided already."))
        decision = application.env["aptic.decision"]._guarded_create(
            [
                {
                    "application_id": application.id,
                    "provider_id": application.provider_id.id,
                    "version": application.version,
                    "theme_scores": application.theme_scores,
                    "proposal": application.proposal,
                    "outcome": outcome,
                    "reason": (reason or "").strip() or False,
                    "decided_by_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                }
            ]
        )
        if outcome == scores.ELIGIBLE:
            application.provider_id._declare_eligible()
        else:
            application.provider_id._decline()
        decision._tell_provider()
        return decision

    def action_open_answers(self):
        """Open the answers as the applicant gave them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "survey.user_input",
            "res_id": self.user_input_id.id,
            "view_mode": "form",
            "views": [(self.env.ref("aptic_eligibility.survey_user_input_view_form").id, "form")],
        }
