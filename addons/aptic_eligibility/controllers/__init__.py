from . import dossier, downloads, join, kit, subscription
from . import reading
