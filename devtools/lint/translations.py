"""The French of the addons is complete."""

from .. import i18n
from ..paths import aptic_addons


def french(context):
    """Compare every addon's fr.po with the terms exported from a database."""
    names = aptic_addons()
    templates = i18n.export(context.tree, names) if names else {}
    return [problem for name in names for problem in i18n.incomplete(name, templates[name])]
