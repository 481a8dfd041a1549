"""The common case of this addon's tests."""

from odoo.addons.aptic_base.tests.common import ApticCase


class EligibilityCase(ApticCase):
    """``ApticCase`` and what eligibility adds to it."""

    @classmethod
    def _french_company(cls):
        """A company with the French chart of accounts, in euros: its default sale tax is VAT 20 %."""
        company = cls.env["res.company"].create(
            {"name": "Médias-Cité (test)", "country_id": cls.env.ref("base.fr").id, "currency_id": cls.env.ref("base.EUR").id}
        )
        cls.env["account.chart.template"].try_loading("fr", company, install_demo=False)
        cls.env.user.company_ids |= company
        return company
