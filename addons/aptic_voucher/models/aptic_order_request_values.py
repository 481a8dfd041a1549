from odoo import api, models
from odoo.addons.aptic_base.models.aptic_provider_catalogue import SHOWN_STATES
from odoo.fields import Domain

from .aptic_rule import FIELD_OF_KIND, RULE_MODELS

# The kinds whose values are searched for by name, not ticked.
PICKED_KINDS = ("territory", "service", "provider", "excluded_provider")
SUGGESTIONS = 10


class ApticOrder(models.Model):
    """Which records a sponsor may choose for its rules, and how it finds them."""

    _inherit = "aptic.order"

    def _own_rules(self):
        """The rules that the sponsor's form shows and replaces: one of each kind.

        Of two rules of one kind both must agree, which that form cannot say: they stay as staff made them.
        """
        kinds = self.rule_ids.mapped("kind")
        return self.rule_ids.filtered(lambda rule: kinds.count(rule.kind) == 1)

    def _proposed_domain(self, kind):
        """What may be chosen for a kind: of providers those of the public catalogue, and those of the order's rules."""
        if RULE_MODELS[kind] != "aptic.provider":
            return Domain.TRUE
        chosen = self.rule_ids.filtered(lambda rule: rule.kind == kind).provider_ids
        return Domain("state", "in", SHOWN_STATES) | Domain("id", "in", chosen.ids)

    def _proposed_values(self, kind, texts):
        """The records that texts of a form choose for a kind, without those that are not proposed (sudo).

        :param str kind: a key of ``FIELD_OF_KIND``
        :param list texts: ids as a form sends them, or anything else
        """
        assert kind in FIELD_OF_KIND
        chosen = Domain("id", "in", sorted(self._read_ids(texts)))
        return self.env[RULE_MODELS[kind]].sudo().search(chosen & self._proposed_domain(kind))

    @api.model
    def _suggest_values(self, kind, term):
        """Services or providers for a picker, by a part of the name: ten at most.

        :return: list of ``{"id", "name", "code", "kind"}`` where ``kind`` tells two of one name apart
        """
        pattern = self._read_pattern(term)
        if not pattern:
            return []
        domain = Domain("name", "ilike", pattern) & self._proposed_domain(kind)
        found = self.env[RULE_MODELS[kind]].sudo().search(domain, limit=SUGGESTIONS)
        detail = "category_id.name" if kind == "service" else "city"
        return [
            {"id": one.id, "name": one.name, "code": "", "kind": ", ".join(filter(None, one.mapped(detail)))}
            for one in found
        ]

    @api.model
    def _read_pattern(self, term):
        """What was typed into a picker, without what LIKE would take for its own; empty under two characters."""
        pattern = (self._read_text(term[:60]) or "").replace("\\", "").replace("%", "").replace("_", "")
        return pattern if len(pattern) > 1 else ""
