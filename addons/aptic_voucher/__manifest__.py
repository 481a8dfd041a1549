{
    "name": "APTIC Vouchers",
    "summary": "Orders, rules, funding, codes, booklets, ledger and redemption of the #APTIC vouchers",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": ["aptic_base", "account", "l10n_fr_account", "queue_job"],
    "data": [
        "security/ir.model.access.csv",
        "security/aptic_voucher_rules.xml",
        "security/aptic_redemption_security.xml",
        "data/aptic_voucher_data.xml",
        "views/aptic_order_views.xml",
        "views/portal_order_templates.xml",
        "views/res_config_settings_views.xml",
    ],
    "demo": [
        "demo/aptic_order_demo.xml",
    ],
    "assets": {
        "web.assets_frontend": ["aptic_voucher/static/src/interactions/*.js"],
    },
    "installable": True,
}
