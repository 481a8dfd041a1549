import base64
import io
from datetime import timedelta

from odoo import api, fields, models
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

# By number of the demonstration provider: papers by code that are not simply accepted.
ACCEPTED = range(1, 10)
DIFFERENT = {
    1: {"association_id": ("accepted", 21)},  # ends in three weeks
    9: {"company_kbis": ("received", None), "company_kyc": ("missing", None)},
    10: {
        "association_jo": ("accepted", None),
        "association_ag": ("refused", None),
        "association_statutes": ("received", None),
        "association_id": ("received", 900),
    },
    12: {"association_jo": ("received", None)},
}
# Persons of nobody: name, day of birth, share in percent.
OWNERS = {
    4: (("Nadia Fontaine", "1979-04-12", 40.0), ("Marc Tessier", "1984-11-03", 35.5)),
    8: (("Hélène Roussel", "1990-06-21", 100.0),),
    9: (("Idriss Benali", "1987-02-08", 60.0),),
}
SOLE_OWNER = (8,)
REFUSAL = "Le compte rendu n'est pas signé."


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_papers(self):
        """Give the demonstration's providers the papers of their states: small PDFs that say that they are examples.

        It may run again: providers that have papers are left alone.
        """
        kinds = self.env["aptic.paper.type"].search([("required", "=", True)]).grouped("legal_form")
        for number in (*ACCEPTED, *(key for key in DIFFERENT if key not in ACCEPTED)):
            provider = self.env.ref(f"aptic_base.demo_provider_{number:02}")
            if not provider.paper_ids:
                provider._load_demo_owners(number)
                self.env["aptic.paper"]._guarded_create(
                    [
                        vals
                        for kind in kinds.get(provider.legal_form, ())
                        for owner in (provider.owner_ids if kind.per_owner else [provider.owner_ids.browse()])
                        for vals in provider._prepare_demo_papers(number, kind, owner)
                    ]
                )

    def _load_demo_owners(self, number):
        for name, birth_date, share in OWNERS.get(number, ()):
            self.env["aptic.beneficial.owner"]._declare(
                self, name, fields.Date.to_date(birth_date), self.env.ref("base.fr"), share
            )

    def _prepare_demo_papers(self, number, kind, owner):
        """Return the values of the example of a type, in a list; an empty one for what is not there."""
        usual = ("accepted" if number in ACCEPTED else "missing", 900)
        state, days = DIFFERENT.get(number, {}).get(kind.code, usual)
        sole = number in SOLE_OWNER
        if state == "missing" or (sole and kind in self._demo_kbis().waived_type_ids):
            return []
        today = fields.Date.context_today(self)
        checked = state in ("accepted", "refused")
        document = self._draw_demo_paper(kind, owner)
        return [
            {
                "provider_id": self.id,
                "type_id": kind.id,
                "owner_id": owner.id,
                "document": base64.b64encode(document),
                "size": len(document),
                "filename": f"{kind.code}.pdf",
                "mimetype": "application/pdf",
                "pages": 1,
                "issued_on": kind.max_age_months and today - timedelta(days=20),
                "expires_on": kind.has_expiry and today + timedelta(days=days or 900),
                "state": state,
                "reason": state == "refused" and REFUSAL,
                "ended_on": state == "refused" and fields.Datetime.now(),
                "waives": sole and kind == self._demo_kbis(),
                "received_by_id": self._demo_sender().id,
                "checked_by_id": checked and self.env.ref("aptic_base.demo_user_camille").id,
                "checked_on": checked and fields.Datetime.now(),
            }
        ]

    def _demo_kbis(self):
        return self.env.ref("aptic_base.paper_type_company_kbis")

    def _demo_sender(self):
        return self.member_ids.filtered(lambda member: member.role == "manager").user_id[:1] or self.env.user

    def _draw_demo_paper(self, kind, owner):
        """An A4 page that names itself."""
        out = io.BytesIO()
        page = Canvas(out, pagesize=A4, invariant=1)
        page.setTitle(kind.with_context(lang="fr_FR").name)
        lines = (kind.with_context(lang="fr_FR").name, self.name, f"SIRET {self.siret}", owner.name, "EXEMPLE")
        for number, line in enumerate(filter(None, lines)):
            page.setFont("Helvetica", 16 if number else 20)
            page.drawString(60, 760 - 40 * number, line)
        page.save()
        return out.getvalue()
