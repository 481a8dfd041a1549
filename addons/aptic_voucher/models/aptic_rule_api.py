from odoo import api, models
from odoo.addons.aptic_base.api import moment

from .. import rules
from .aptic_rule import RULE_MODELS


class ApticRule(models.Model):
    """A rule as its sponsor's own tools read it (see ``docs/api.md``)."""

    _inherit = "aptic.rule"

    def _api_row(self):
        """Kind, code and name of the records that it names, and its plain values (days, cents …)."""
        self.ensure_one()
        return self._api_plain(self._row(), self._allowed())

    @api.model
    def _api_plain(self, row, records):
        """A row of the rule engine as JSON.

        :param dict row: a row that the engine understands
        :param records: those whose ids it carries
        """
        is_provider = records and records._name == "aptic.provider"
        plain = {name: row[name] for name in rules.kind_of(row).values if name != "ids"}
        return {
            "kind": row["kind"],
            "values": [{"code": (one.siret if is_provider else one.code) or None, "name": one.name} for one in records],
            **plain,
        }


class ApticAllotment(models.Model):
    _inherit = "aptic.allotment"

    def _api_row(self):
        """Who may hand out how many booklets."""
        self.ensure_one()
        territory = self.territory_id
        return {
            "distributor": self.distributor_id.name or None,
            "territory": {"code": territory.code or None, "name": territory.name} if territory else None,
            "booklets": self.booklet_limit or None,
        }


class ApticAmendment(models.Model):
    _inherit = "aptic.amendment"

    def _api_rows(self):
        """What was asked for after the confirmation, and what became of it: dict from id to a JSON row."""
        asked = [row for amendment in self for row in amendment.changes if rules.kind_of(row)]
        found = {}
        for model in set(RULE_MODELS.values()):
            ids = {number for row in asked if RULE_MODELS.get(row["kind"]) == model for number in row["ids"]}
            found[model] = self.env[model].browse(sorted(ids)).exists()
        return {
            amendment.id: {
                "stage": amendment.stage,
                "asked_at": moment(amendment.asked_at),
                "decided_at": moment(amendment.decided_at),
                "answer": amendment.answer or None,
                "changes": [
                    self.env["aptic.rule"]._api_plain(row, self._api_named(row, found))
                    for row in amendment.changes
                    if rules.kind_of(row)
                ],
            }
            for amendment in self
        }

    @api.model
    def _api_named(self, row, found):
        """The records that a row names, among those that were read together."""
        if row["kind"] not in RULE_MODELS:
            return ()
        records = found[RULE_MODELS[row["kind"]]]
        return records.filtered(lambda record: record.id in row["ids"])
