"""The clock on the wall of a place in France, by its INSEE code. Plain Python."""

OVERSEAS = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}


def zone_of(code):
    """Return the name of the time zone of a municipality.

    :param str code: its INSEE code
    """
    return OVERSEAS.get((code or "")[:3], "Europe/Paris")
