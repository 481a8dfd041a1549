from . import dossier, join
