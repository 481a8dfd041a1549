{
    "name": "APTIC Point of Scan",
    "summary": "The desk's screen where #APTIC vouchers are scanned",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": ["aptic_voucher", "aptic_eligibility", "barcodes"],
    "data": [
        "security/ir.model.access.csv",
        "data/watch_data.xml",
        "wizards/aptic_watch_answer_views.xml",
        "views/aptic_watch_menus.xml",
        "views/aptic_attempt_views.xml",
        "views/aptic_attempt_alarm_views.xml",
        "views/aptic_lockout_views.xml",
        "views/aptic_provider_views.xml",
        "views/portal_hub_templates.xml",
        "views/portal_scan_templates.xml",
        "views/portal_kit_templates.xml",
        "views/portal_receipt_templates.xml",
        "views/portal_lockout_templates.xml",
        "views/portal_redemption_templates.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "barcodes/static/src/barcode_service.js",
            "aptic_pos/static/src/**/*",
        ],
        "web.assets_unit_tests_setup": [
            "aptic_pos/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "aptic_pos/static/tests/*.test.js",
        ],
        "web.assets_tests": [
            "aptic_pos/static/tests/tours/*.js",
        ],
    },
    "installable": True,
}
