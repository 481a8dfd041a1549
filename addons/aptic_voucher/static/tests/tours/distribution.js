import { registry } from "@web/core/registry";

/** What a scanner does: it types and ends with Enter. (Enter sends a form in a browser only, not here.) */
function scan(textOf) {
    return async (helpers) => {
        await helpers.edit(textOf());
        await helpers.press("Enter");
    };
}

const lotSerials = () => document.querySelector("dd.font-monospace").textContent.match(/\d{10}/g);
const lastLot = () =>
    [...document.querySelectorAll("[data-lot]")].sort((one, two) => two.dataset.lot - one.dataset.lot)[0];

registry.category("web_tour.tours").add("aptic_distribution", {
    steps: () => [
        { trigger: "#receive_first", run: scan(() => lotSerials()[0]) },
        { trigger: "#receive_last:focus", run: scan(() => lotSerials()[1]) },
        { trigger: ".o_aptic_scan_form button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".o_aptic_lot_parts .list-group-item" },
        { trigger: ".o_aptic_hand_out_link", run: "click", expectUnloadPage: true },
        { trigger: "#hand_out_one:focus", run: scan(() => lastLot().textContent.match(/\d{10}/)[0]) },
        { trigger: ".o_aptic_hand_out_one button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success .font-monospace" },
        { trigger: "[data-figure=handed]:contains('1')" },
        { trigger: "#hand_out_one:focus" },
    ],
});
