from . import dossier, join, kit, subscription
