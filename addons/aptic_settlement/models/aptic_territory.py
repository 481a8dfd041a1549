from odoo import models


class ApticTerritory(models.Model):
    _inherit = "aptic.territory"

    def _at_level(self, level):
        """The territory of each that is of a level.

        Overseas collectivities have no region: the highest territory under the country stands for it. A territory above
        the level stands for itself.

        :param level: ``region``, ``department`` or ``country``
        :return: ``{territory id: territory id}``
        """
        above = {
            place.id: [int(part) for part in (place.parent_path or f"{place.id}/").split("/") if part]
            for place in self.sudo()
        }
        ancestors = self.sudo().browse({node for path in above.values() for node in path})
        kinds = {node.id: node.kind for node in ancestors}

        def receiver(path):
            own = [node for node in path if kinds[node] == level]
            return (own or [node for node in path if kinds[node] != "country"] or path)[0]

        return {place: receiver(path) for place, path in above.items()}
