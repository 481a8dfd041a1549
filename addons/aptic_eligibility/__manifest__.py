{
    "name": "APTIC Eligibility",
    "summary": "Questionnaire, decision, charter and subscription of the providers of #APTIC",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": ["aptic_base", "survey", "contract"],
    "data": [
        "security/ir.model.access.csv",
        "data/subscription_data.xml",
    ],
    "installable": True,
}
