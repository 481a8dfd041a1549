"""What French law wants on an invoice between professionals, beside what Odoo prints."""

from markupsafe import Markup


def mentions(env, *first):
    """Return the mentions of articles L441-9 and L441-10 of the Code de commerce (for public buyers R2192-31 and
    following of the Code de la commande publique), as HTML.

    :param env: in the buyer's language
    :param first: sentences that come before them
    """
    lines = (
        *first,
        env._(
            "Late payment: interest at three times the legal rate (for public buyers, the rate of the European "
            "Central Bank plus eight points), and 40 € for recovery costs."
        ),
        env._("No discount for early payment."),
    )
    return Markup("<p>%s</p>") % Markup("<br/>").join(lines)
