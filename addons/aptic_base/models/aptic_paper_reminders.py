from datetime import timedelta

from odoo import api, fields, models

from .aptic_ending_mixin import BATCH
from .aptic_provider import REVIEWERS
from .aptic_provider_papers import as_list


class ApticPaper(models.Model):
    """Documents that end: the managers are told in time, the team when it is too late."""

    _inherit = "aptic.paper"

    _end_field = "expires_on"

    overdue_told = fields.Boolean(
        string="The team knows that it is overdue", readonly=True, copy=False, help="Past the period of grace."
    )

    _guarded_fields = frozenset({"overdue_told"})

    @api.model
    def _cron_remind(self):
        """Tell managers 30 and 7 days before the end of an accepted document and on its last day, once each."""
        self._remind_in_time([("state", "=", "accepted"), ("provider_id.state", "!=", "struck_off")])

    def _remind(self, stage):
        """Write one message to each provider, about those documents for which nothing newer was sent.

        :param int stage: one of ``STAGES``
        """
        needs = self.provider_id._paper_needs()
        for provider, papers in self.grouped("provider_id").items():
            ending = {
                number
                for need in needs[provider.id]
                if need.state in ("expiring", "expired") and not need.waiting
                for number in need.papers
            }
            papers = papers.filtered(lambda paper, ending=ending: paper.id in ending)
            if not papers:
                continue
            theirs = provider._in_their_language()
            lines = [
                theirs.env._(
                    "%(type)s: valid until %(day)s.",
                    type=paper.type_id.name,
                    day=provider._format_day(paper.expires_on),
                )
                for paper in papers.with_env(theirs.env)
            ]
            intro = (
                theirs.env._("These documents end soon. Send newer ones on the page “My papers” of #APTIC:")
                if stage
                else theirs.env._(
                    "Send newer documents on the page “My papers” of #APTIC; these end today or have ended:"
                )
            )
            provider._tell_managers(
                theirs.env._("Documents of your #APTIC dossier end")
                if not stage
                else theirs.env._("Documents of your #APTIC dossier end soon"),
                as_list(intro, lines),
            )
            if not stage:
                papers._tell_team(self.env._("Documents that end: newer ones are due"))

    @api.model
    def _cron_overdue(self):
        """Propose to the team to suspend active providers whose required document ended more than the grace ago.

        A person decides: whoever holds vouchers should not find the door closed because a card has run out, and the
        provider may be at the counter of the town hall for the new one.
        """
        grace = self.env["ir.config_parameter"]._get_number("aptic_base.papers_grace_days", 60, most=3660)
        limit = fields.Date.context_today(self) - timedelta(days=grace)
        overdue = self.search(
            [
                ("state", "=", "accepted"),
                ("expires_on", "<", limit),
                ("overdue_told", "=", False),
                ("provider_id.state", "=", "active"),
            ],
            limit=BATCH,
        )
        needs = overdue.provider_id._paper_needs()
        expired = {
            number
            for provider in overdue.provider_id
            for need in needs[provider.id]
            if need.required and need.state == "expired"
            for number in need.papers
        }
        late = overdue.filtered(lambda paper: paper.id in expired)
        for _provider, papers in late.grouped("provider_id").items():
            papers._tell_team(self.env._("Decide on a suspension: the dossier is no longer complete"))
        overdue._guarded_write({"overdue_told": True})

    def _tell_team(self, summary):
        """Give somebody of the team an activity on the provider of these documents."""
        provider = self.provider_id
        provider.ensure_one()
        officer = self.checked_by_id.filtered("active")[:1]
        if not officer or not any(officer.has_group(group) for group in REVIEWERS):
            groups = self.env.ref("aptic_base.group_aptic_reviewer") | self.env.ref("aptic_base.group_aptic_manager")
            officer = groups[:1].user_ids.filtered("active")[:1] or groups.user_ids.filtered("active")[:1]
        ours = provider.with_context(lang=officer.lang or self.env.lang)
        lines = [f"{paper.type_id.name}: {provider._format_day(paper.expires_on)}" for paper in self]
        ours.activity_schedule(
            "mail.mail_activity_data_todo", user_id=officer.id, summary=summary, note=as_list(summary, lines)
        )
