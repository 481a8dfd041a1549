"""The common case of this addon's tests."""

import base64
import io

from odoo.addons.aptic_base.tests.common import ApticCase
from PIL import Image, ImageDraw

NEW_SIRET = "55208131766522"


def drawn_signature():
    """A hand-drawn-like signature: PNG in base64, as the browser sends it."""
    image = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(10, 80), (80, 20), (150, 70), (290, 30)], fill=(0, 0, 0, 255), width=4)
    return png(image)


def png(image):
    """Return a picture as the browser sends it: PNG in base64."""
    output = io.BytesIO()
    image.save(output, "PNG")
    return base64.b64encode(output.getvalue()).decode()


class EligibilityCase(ApticCase):
    """``ApticCase`` and what eligibility adds to it: a provider at the beginning of its way, and builders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("aptic_eligibility.survey_eligibility")
        cls.charter = cls.env["aptic.charter"]._current()
        cls.provider = cls._provider(
            "Acteur nouveau (test)",
            NEW_SIRET,
            state="draft",
            representative_name="Ada Martin",
            representative_capacity="Présidente",
        )
        cls._accept_papers(cls.provider)
        cls.manager, _member = cls._member(cls.provider, "manager", "manager_new")
        cls.mediator, _member = cls._member(cls.provider, "mediator", "mediator_new")

    # --------------------------------------------------------------- builders
    @classmethod
    def _start(cls, provider=None, user=None):
        return cls.env["aptic.application"]._start(provider or cls.provider, user or cls.manager)

    @classmethod
    def _answer(cls, application, best=True, weak_theme=None):
        """Answer everything with the best (or worst) choices, except ``weak_theme`` with the worst ones; submit."""
        user_input = application.user_input_id
        user_input._mark_in_progress()
        for page in cls.survey.page_ids:
            good = best and page.aptic_theme_id.code != weak_theme
            for question in page.question_ids:
                choices = question.suggested_answer_ids.sorted("answer_score")
                if question.question_type == "multiple_choice":
                    chosen = choices if good else choices[:0]
                else:
                    chosen = choices[-1:] if good else choices[:1]
                user_input._save_lines(question, [str(choice.id) for choice in chosen])
        user_input._mark_done()
        return application

    @classmethod
    def _decided(cls, best=True, **options):
        application = cls._answer(cls._start(), best, **options)
        return application.with_user(cls.reviewer)._decide(application.proposal)

    @classmethod
    def _sign(cls, provider=None, **values):
        defaults = {"name": "Ada Martin", "capacity": "Présidente", "image": drawn_signature(), "ip": "192.0.2.7"}
        return cls.env["aptic.charter.signature"]._sign(provider or cls.provider, cls.manager, **{**defaults, **values})

    @classmethod
    def _french_company(cls):
        """A company with the French chart of accounts, in euros: its default sale tax is VAT 20 %."""
        cls.env.ref("base.EUR").active = True
        company = cls.env["res.company"].create(
            {
                "name": "Médias-Cité (test)",
                "country_id": cls.env.ref("base.fr").id,
                "currency_id": cls.env.ref("base.EUR").id,
            }
        )
        cls.env["account.chart.template"].try_loading("fr", company, install_demo=False)
        cls.env.user.company_ids |= company
        return company
