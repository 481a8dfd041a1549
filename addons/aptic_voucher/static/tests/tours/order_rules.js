import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("aptic_order_rules", {
    steps: () => [
        { trigger: ".o_aptic_qualifying.o_aptic_ready .o_aptic_sentence:not(:empty)" },
        { trigger: ".form-check:contains('Médiathèque (test)') input[name=place_type]", run: "click" },
        { trigger: ".o_aptic_territories.o_aptic_ready .o_aptic_term", run: "edit 33063" },
        { trigger: ".o_aptic_found button:contains('33063')", run: "click" },
        { trigger: ".o_aptic_qualifying .o_aptic_list:not(.d-none) summary", run: "click" },
        { trigger: ".o_aptic_qualifying li:contains('Lieu A')" },
        { trigger: "#max_price", run: "edit 9" },
        { trigger: ".o_aptic_qualifying:not(:has(li:contains('Lieu A')))" },
        { trigger: "#max_price", run: "edit 15" },
        { trigger: ".o_aptic_qualifying li:contains('Lieu A')" },
        { trigger: "#max_price", run: "edit quinze" },
        { trigger: ".o_aptic_qualifying .o_aptic_advice:not(.d-none):not(:empty)" },
        { trigger: "#max_price", run: "edit 15" },
        { trigger: ".o_aptic_qualifying:has(.o_aptic_advice.d-none)" },
        { trigger: "#weekday_3", run: "click" },
        { trigger: "#weekday_6", run: "click" },
        { trigger: "#max_count", run: "edit 2" },
        { trigger: "#no_copay", run: "click" },
        { trigger: ".o_aptic_qualifying li:contains('Lieu A')" },
        { trigger: ".o_aptic_order_form button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".o_aptic_life" },
        { trigger: ".o_aptic_qualifying .o_aptic_list:not(.d-none) summary", run: "click" },
        { trigger: ".o_aptic_qualifying li:contains('Lieu A')" },
    ],
});
