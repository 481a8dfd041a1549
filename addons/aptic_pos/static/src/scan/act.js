// One act of payment as the screen knows it: plain functions, no screen and no network.

/** What the vouchers pay, in cents. */
export function faceTotal(vouchers) {
    return vouchers.reduce((total, voucher) => total + voucher.face_cents, 0);
}

/** What the beneficiary adds, in cents: vouchers give no change. */
export function copayment(vouchers, priceCents) {
    return Math.max(0, priceCents - faceTotal(vouchers));
}

/** Whether one voucher could be left out and the price still be paid. */
export function isTooMany(vouchers, priceCents) {
    const smallest = Math.min(...vouchers.map((voucher) => voucher.face_cents));
    return vouchers.length > 0 && faceTotal(vouchers) - smallest >= priceCents;
}

/** How many more vouchers like the first one the price can take. */
export function roomFor(vouchers, priceCents) {
    return vouchers.length ? Math.ceil(copayment(vouchers, priceCents) / vouchers[0].face_cents) : 0;
}

/**
 * Number what can be chosen; what the vouchers' rules exclude comes last, without a number.
 *
 * @param {Object[]} items with `id`
 * @param {number[]|null} accepted ids that the vouchers accept, null for all
 * @param {number[]} [offered] ids that the service is made for, empty for all
 * @returns {Object[]} items with `number` ("1", or "01" when there are more than nine; null when excluded)
 */
export function choices(items, accepted, offered = []) {
    const isOpen = (item) =>
        (!accepted || accepted.includes(item.id)) && (!offered.length || offered.includes(item.id));
    const open = items.filter(isOpen);
    const width = open.length > 9 ? 2 : 1;
    return [
        ...open.map((item, index) => ({ ...item, number: String(index + 1).padStart(width, "0") })),
        ...items.filter((item) => !isOpen(item)).map((item) => ({ ...item, number: null })),
    ];
}

/** A name for one act, the same for every try of it. */
export function newKey() {
    if (crypto.randomUUID) {
        return crypto.randomUUID();
    }
    // Without HTTPS there is no randomUUID; the same randomness is there.
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The time at the desk as the server wants it: UTC, to the second. */
export function clientTime(date = new Date()) {
    return date.toISOString().slice(0, 19);
}
