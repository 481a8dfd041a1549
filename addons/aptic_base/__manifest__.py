{
    "name": "APTIC Base",
    "summary": "Parties, places, territories, service référentiel, offers, papers and roles of #APTIC",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": ["mail", "portal", "auth_signup", "l10n_fr", "base_iban"],
    "data": [
        "security/aptic_security.xml",
        "security/ir.model.access.csv",
    ],
    "application": True,
    "installable": True,
}
