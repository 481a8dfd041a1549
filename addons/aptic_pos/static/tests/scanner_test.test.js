import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";

import { expect, test } from "@odoo/hoot";
import { edit, press, queryAll } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains } from "@web/../tests/web_test_helpers";
import "@aptic_pos/scanner_test/scanner_test";

setupInteractionWhiteList("aptic_pos.scanner_test");

const CODE = "01234567890123456789";
const VERDICTS = ["good", "layout", "no_enter", "wrong"];
const PAGE = `
    <div class="o_aptic_scanner_test" data-code="${CODE}">
        <input/>
        ${VERDICTS.map((verdict) => `<div class="d-none" data-verdict="${verdict}">${verdict}</div>`).join("")}
    </div>`;

function shown() {
    return queryAll("[data-verdict]:not(.d-none)").map((answer) => answer.dataset.verdict);
}

async function scan(text, { enter = true } = {}) {
    await contains("input").click();
    await edit(text);
    if (enter) {
        await press("Enter");
    }
    await advanceTime(1000);
}

test("digits and Enter are well set", async () => {
    await startInteractions(PAGE);
    await scan(CODE);
    expect(shown()).toEqual(["good"]);
});

test("signs of another keyboard are understood", async () => {
    await startInteractions(PAGE);
    await scan("à&é\"'(-è_çà&é\"'(-è_ç");
    expect(shown()).toEqual(["layout"]);
});

test("a missing Enter is noticed", async () => {
    await startInteractions(PAGE);
    await scan(CODE, { enter: false });
    expect(shown()).toEqual(["no_enter"]);
});

test("another code is told, and a good one after it forgets that", async () => {
    await startInteractions(PAGE);
    await scan("3760123450017");
    expect(shown()).toEqual(["wrong"]);
    await scan(CODE);
    expect(shown()).toEqual(["good"]);
});
