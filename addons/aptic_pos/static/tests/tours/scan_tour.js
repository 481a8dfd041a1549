import { registry } from "@web/core/registry";

const AZERTY = [..."à&é\"'(-è_ç"];

function type(keys) {
    for (const key of keys) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
}

function codes() {
    return new URLSearchParams(window.location.search).get("tour_codes").split(",");
}

function numberOf(text) {
    const choice = [...document.querySelectorAll(".o_aptic_choice")].find((node) => node.textContent.includes(text));
    return choice.dataset.number;
}

registry.category("web_tour.tours").add("aptic_pos_scan", {
    steps: () => [
        {
            content: "a typing error is told at once",
            trigger: ".o_aptic_scan[data-stage=voucher]",
            run: () => type([..."1".repeat(24), "Enter"]),
        },
        {
            content: "then a scanner that believes it is on another keyboard",
            trigger: ".o_aptic_scan[data-stage=voucher] .o_aptic_problem[data-status=unknown]",
            run: () => type([...[...codes()[0]].map((digit) => AZERTY[digit]), "Enter"]),
        },
        {
            content: "the service by its number",
            trigger: ".o_aptic_scan[data-stage=service] .o_aptic_voucher",
            run: () => type([numberOf("Impôts (test)")]),
        },
        {
            content: "the audience by its number",
            trigger: ".o_aptic_scan[data-stage=audience] .o_aptic_choice",
            run: () => type([...numberOf("Seniors (test)")]),
        },
        {
            content: "what is left to collect is shown",
            trigger: '.o_aptic_scan[data-stage=confirm] .o_collect[data-cents="200"]',
            run: () => type(["Enter"]),
        },
        {
            content: "paid; the same voucher again is the next person's",
            trigger: '.o_aptic_scan[data-stage=done] .o_collect[data-cents="200"]',
            run: () => type([...codes()[0], "Enter"]),
        },
        {
            content: "it is used, here; two others pay for a dearer service",
            trigger: ".o_aptic_scan[data-stage=voucher] .o_aptic_problem[data-status=used]",
            run: () => type([...codes()[1], "Enter"]),
        },
        {
            content: "choose it",
            trigger: ".o_aptic_scan[data-stage=service]",
            run: () => type([numberOf("Imprimante 3D (test)")]),
        },
        {
            content: "a second voucher while the audience is asked",
            trigger: '.o_aptic_scan[data-stage=audience] .o_aptic_summary .o_copay[data-cents="1000"]',
            run: () => type([...codes()[2], "Enter"]),
        },
        {
            content: "nothing is left to collect",
            trigger: '.o_aptic_scan[data-stage=audience] .o_aptic_summary .o_copay[data-cents="0"]',
            run: () => type([...numberOf("Tout public (test)")]),
        },
        { content: "confirm", trigger: ".o_aptic_scan[data-stage=confirm] .o_nothing", run: () => type(["Enter"]) },
        {
            content: "paid in full",
            trigger: ".o_aptic_scan[data-stage=done] .o_nothing",
            run: () => type(["Escape"]),
        },
        { content: "ready for the next person", trigger: ".o_aptic_scan[data-stage=voucher]" },
    ],
});
