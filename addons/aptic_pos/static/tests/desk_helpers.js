import { press } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { Scan } from "@aptic_pos/scan/scan";

// What the tests of the desk's screen share: a desk, a server that says yes, and hands.

export const CODE = withCheck("0000000001" + "123456789012");
export const OTHER = withCheck("0000000002" + "210987654321");
export const OFFERS = [
    { id: 1, name: "Impôts", level: "Maîtriser", price_cents: 1000, audience_ids: [] },
    { id: 2, name: "Imprimante 3D", level: "Augmenter", price_cents: 1200, audience_ids: [8] },
];
export const DESK = {
    places: [{ id: 5, name: "Fablab", town: "Bordeaux", provider: "Fablab", provider_id: 3, offers: OFFERS }],
    audiences: [
        { id: 7, name: "Tout public" },
        { id: 8, name: "Seniors" },
    ],
};

export function withCheck(body) {
    return body + String(98n - ((BigInt(body) * 100n) % 97n)).padStart(2, "0");
}

export function lookAt(codes) {
    return {
        status: "ok",
        vouchers: codes.map((code) => ({
            serial: Number(code.slice(0, 10)),
            face_cents: 1000,
            accepted_until: "2030-01-31",
            sponsor: "Département",
        })),
        offer_ids: null,
        audience_ids: null,
        message_args: {},
    };
}

export function answerTo(params) {
    const face = 1000 * params.codes.length;
    return {
        status: "done",
        redemption_id: 1,
        face_cents: face,
        price_cents: params.price_cents,
        copay_cents: Math.max(0, params.price_cents - face),
        serials: [],
        message_args: {},
    };
}

export function tryOut(params) {
    return { ...answerTo(params), status: "ok", redemption_id: null };
}

export function takeBack({ redemption_id }) {
    return { status: "undone", redemption_id, face_cents: 1000, copay_cents: 200 };
}

export async function openDesk({
    check = lookAt,
    redeem = answerTo,
    rehearse = tryOut,
    undo = takeBack,
    desk = DESK,
} = {}) {
    onRpc("/my/aptic/scan/test", async (request) => rehearse((await request.json()).params));
    onRpc("/my/aptic/scan/undo", async (request) => undo((await request.json()).params));
    onRpc("/my/aptic/scan/check", async (request) => check((await request.json()).params.codes));
    onRpc("/my/aptic/scan/redeem", async (request) => redeem((await request.json()).params));
    localStorage.removeItem("aptic_pos.place");
    await mountWithCleanup(Scan, { props: { desk } });
    await animationFrame();
}

export async function settle() {
    for (let frame = 0; frame < 4; frame++) {
        await animationFrame();
    }
}

export async function scan(code) {
    for (const key of [...code, "Enter"]) {
        await press(key);
    }
    await settle();
}

export async function choose(number) {
    await press(number);
    await advanceTime(500);
    await settle();
}

/** One person served: a voucher for the second service, 2 € to collect. */
export async function serve(code) {
    await scan(code);
    await choose("2");
    await choose("1");
    await press("Enter");
    await settle();
}

export const stage = () =>
    document.querySelector(".o_aptic_scan, .o_aptic_scan *")?.closest(".o_aptic_scan").dataset.stage;
