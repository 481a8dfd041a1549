from odoo import api, models
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fr import siret as siret_number


def normalised_siret(text):
    """Return a SIRET without its spaces and dots."""
    return "".join(sign for sign in text or "" if sign.isalnum())


def is_siret(text):
    """Tell whether ``text`` is a SIRET: 14 digits with their check digits (La Poste has a rule of its own)."""
    try:
        return siret_number.validate(text) == text and len(text) == 14
    except StdnumError:
        return False


class ApticSiretMixin(models.AbstractModel):
    """An organisation with a SIRET: kept without spaces, and on its partner too, where invoices take it from.

    The model has a field ``siret`` and inherits from its partner (``_inherits``).
    """

    _name = "aptic.siret.mixin"
    _description = "Organisation with a SIRET"

    @api.model_create_multi
    def create(self, vals_list):
        """Normalise the SIRET."""
        return super().create([self._with_registry(vals) for vals in vals_list])

    def write(self, vals):
        """Normalise the SIRET."""
        return super().write(self._with_registry(vals))

    @api.model
    def _with_registry(self, vals):
        if "siret" not in vals:
            return vals
        siret = normalised_siret(vals["siret"])
        return {**vals, "siret": siret, "company_registry": siret}
