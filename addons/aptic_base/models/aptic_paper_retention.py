from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain

BATCH = 100
NEVER_ACTIVE = ("draft", "applied", "eligible", "declined", "chartered")


class ApticPaper(models.Model):
    """Documents that are no longer needed: their bytes go, a row without personal data stays."""

    _inherit = "aptic.paper"

    @api.model
    def _cron_erase(self):
        """Erase refused and replaced documents after some months, and those of former providers after some years."""
        cron = self.env["ir.cron"]
        erased = 0
        for model in (self, self.env["aptic.beneficial.owner"], self.env["aptic.hosting"]):
            domain = model._erasable()
            while records := model.search(domain, limit=BATCH, order="id").try_lock_for_update():
                records._erase()
                erased += len(records)
                if not cron._commit_progress(len(records), remaining=model.search_count(domain)):
                    return
        if erased:
            self.env["ir.attachment"].sudo()._gc_file_store()

    @api.model
    def _keep_refused_months(self):
        """How long what was refused is kept."""
        return self.env["ir.config_parameter"]._get_number("aptic_base.papers_keep_refused_months", 3, most=1200)

    @api.model
    def _former_providers(self):
        """The providers whose relation with #APTIC ended too long ago to keep anything of their dossier.

        :return: ``Domain`` of providers
        """
        years = self.env["ir.config_parameter"]._get_number("aptic_base.papers_keep_years", 5, most=100)
        limit = fields.Datetime.now() - relativedelta(years=years)
        return Domain("relation_ended_on", "<", limit.date()) | (
            Domain("state", "in", NEVER_ACTIVE)
            & Domain("write_date", "<", limit)
            & ~Domain("paper_ids", "any", [("create_date", ">=", limit)])
        )

    @api.model
    def _erasable(self):
        months = self.env["aptic.paper"]._keep_refused_months()
        limit = fields.Datetime.now() - relativedelta(months=months)
        return Domain("state", "!=", "erased") & (
            (Domain("state", "in", ("refused", "replaced")) & Domain("ended_on", "<", limit))
            | Domain("provider_id", "any", self._former_providers())
        )

    def _erase(self):
        """Delete the bytes, what was said about them and what names persons; keep what proves that they were here."""
        papers = self.sudo().with_context(tracking_disable=True)
        self.env["ir.attachment"]._erase_files(papers)
        papers.activity_ids.unlink()
        papers.message_ids.unlink()
        papers._guarded_write(
            {
                "state": "erased",
                "erased_on": fields.Date.context_today(self),
                "owner_id": False,
                "filename": False,
                "mimetype": False,
                "size": 0,
                "pages": 0,
                "issued_on": False,
                "expires_on": False,
                "reason": False,
                "waives": False,
                "received_by_id": False,
            }
        )


class ApticHosting(models.Model):
    _inherit = "aptic.hosting"

    @api.model
    def _erasable(self):
        months = self.env["aptic.paper"]._keep_refused_months()
        limit = fields.Datetime.now() - relativedelta(months=months)
        return Domain("filename", "!=", False) & (
            (Domain("state", "=", "refused") & Domain("write_date", "<", limit))
            | Domain("provider_id", "any", self.env["aptic.paper"]._former_providers())
        )

    def _erase(self):
        """Delete the convention's bytes and what was said about it; that there was one, with whom and when, stays."""
        stays = self.sudo().with_context(tracking_disable=True)
        self.env["ir.attachment"]._erase_files(stays)
        stays.activity_ids.unlink()
        stays.message_ids.unlink()
        stays._guarded_write({"erased_on": fields.Date.context_today(self), "filename": False, "mimetype": False})


class ApticBeneficialOwner(models.Model):
    _inherit = "aptic.beneficial.owner"

    @api.model
    def _erasable(self):
        months = self.env["aptic.paper"]._keep_refused_months()
        limit = fields.Date.context_today(self) - relativedelta(months=months)
        return Domain("erased_on", "=", False) & (
            Domain("ended_on", "<", limit) | Domain("provider_id", "any", self.env["aptic.paper"]._former_providers())
        )

    def _erase(self):
        """Forget who the persons are; the row says that somebody was declared."""
        self.sudo()._guarded_write(
            {
                "erased_on": fields.Date.context_today(self),
                "name": False,
                "birth_date": False,
                "country_id": False,
                "share": 0,
            }
        )
