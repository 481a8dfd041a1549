import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("aptic_order_request", {
    steps: () => [
        { trigger: "#quantity", run: "edit 57" },
        { trigger: "#message", run: "edit Bons premiers clics" },
        { trigger: ".o_aptic_ready .o_aptic_term", run: "edit Bordeaux" },
        { trigger: ".o_aptic_found button:contains('33063')", run: "click" },
        { trigger: ".o_aptic_chip:contains('Bordeaux')" },
        { trigger: ".o_aptic_term", run: "edit 64445" },
        { trigger: ".o_aptic_found button:contains('Pau')", run: "click" },
        { trigger: ".o_aptic_chip:contains('Pau') .btn-close", run: "click" },
        { trigger: ".o_aptic_chosen:not(:contains('Pau'))" },
        { trigger: "#quantity", run: "edit 60" },
        { trigger: ".o_aptic_order_form button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".o_aptic_life" },
        { trigger: "dd:contains('Bordeaux')" },
    ],
});
