import io
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.signature_pdf import Signing
from PIL import Image, ImageDraw

from .. import scores

# By number of the demonstration provider: the themes answered badly, days since the decision, the plan.
STORIES = {
    1: ((), 210, "yearly"),
    2: ((), 200, "yearly"),
    3: ((), 185, "monthly"),
    4: ((), 170, "monthly"),
    5: ((), 160, "yearly"),
    6: ((), 150, "monthly"),
    7: ((), 140, "monthly"),
    8: ((), 130, "yearly"),
    9: ((), 12, None),
    10: ((), 3, None),
    11: (("territories", "innovation"), 25, None),
    12: (("innovation",), None, None),
    13: ((), 120, "monthly"),
}
SIGNED = (*range(1, 10), 13)
STROKES = ((0, 60), (30, 10), (50, 85), (90, 30), (120, 70), (150, 25), (190, 60), (260, 40))


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_eligibility(self):
        """Give the demonstration's providers the applications, decisions, signatures and plans of their states.

        It may run again: providers that have an application are left alone.
        """
        for number, (weak, days, plan) in STORIES.items():
            provider = self.env.ref(f"aptic_base.demo_provider_{number:02}")
            if provider.application_ids:
                continue
            at = fields.Datetime.now() - timedelta(days=days or 1)
            application = provider._load_demo_application(weak, at - timedelta(days=2))
            if days:
                provider._load_demo_decision(application, at)
            if number in SIGNED:
                provider._load_demo_signature(at + timedelta(days=4))
            if plan:
                self.env["aptic.subscription"]._guarded_create([{"provider_id": provider.id, "plan": plan}])

    def _load_demo_manager(self):
        return self.member_ids.filtered(lambda member: member.role == "manager").user_id[:1] or self.env.user

    def _load_demo_application(self, weak, at):
        survey = self.env["survey.survey"]._eligibility_in_force()
        partner = self._load_demo_manager().partner_id
        user_input = self.env["survey.user_input"].create(
            {
                "survey_id": survey.id,
                "partner_id": partner.id,
                "email": partner.email,
                "state": "done",
                "start_datetime": at - timedelta(minutes=26),
                "end_datetime": at,
            }
        )
        lines = []
        for page in survey.page_ids:
            for question in page.question_ids:
                choices = question.suggested_answer_ids.sorted("answer_score", reverse=True)
                wanted = slice(-1, None) if page.aptic_theme_id.code in weak else slice(0, 1)
                if question.question_type == "multiple_choice" and wanted.start == 0:
                    wanted = slice(0, 3)
                lines += [
                    {
                        "user_input_id": user_input.id,
                        "question_id": question.id,
                        "answer_type": "suggestion",
                        "suggested_answer_id": choice.id,
                    }
                    for choice in choices[wanted]
                ]
        self.env["survey.user_input.line"].create(lines)
        application = self.env["aptic.application"]._guarded_create(
            [
                {
                    "provider_id": self.id,
                    "user_input_id": user_input.id,
                    "version": survey.aptic_version,
                    "state": "submitted",
                    "submitted_at": at,
                }
            ]
        )
        themes = application._score_themes()
        application._guarded_write({"theme_scores": themes, "proposal": scores.propose(themes)})
        return application

    def _load_demo_decision(self, application, at):
        application._guarded_write({"state": "decided"})
        self.env["aptic.decision"]._guarded_create(
            [
                {
                    "application_id": application.id,
                    "provider_id": self.id,
                    "version": application.version,
                    "theme_scores": application.theme_scores,
                    "proposal": application.proposal,
                    "outcome": application.proposal,
                    "decided_by_id": self.env.ref("aptic_base.demo_user_camille").id,
                    "decided_at": at,
                }
            ]
        )

    def _load_demo_signature(self, at):
        image = Image.new("RGBA", (280, 100), (0, 0, 0, 0))
        ImageDraw.Draw(image).line(STROKES, fill=(20, 20, 60, 255), width=4, joint="curve")
        drawing = io.BytesIO()
        image.save(drawing, "PNG")
        signing = Signing(
            self.name,
            self.siret,
            self.representative_name or self.name,
            self.representative_capacity or "",
            at.replace(microsecond=0),
            "192.0.2.10",
            drawing.getvalue(),
        )
        signatures = self.env["aptic.charter.signature"].with_context(lang="fr_FR")
        signatures._store(self.env["aptic.charter"]._current(), self, self._load_demo_manager(), signing)
