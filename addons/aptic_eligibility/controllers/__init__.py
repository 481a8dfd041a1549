from . import dossier, downloads, join, kit, subscription
