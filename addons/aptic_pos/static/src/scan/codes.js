// What a scanner or a person types, turned into the 24 digits of a voucher. The server does the same and decides.

export const LENGTH = 24;

const AZERTY = mapping("à&é\"'(-è_çÀÉÈÇ§!’", "01234567890279684");
const SHIFTED_QWERTY = mapping(")!@#$%^&*(", "0123456789");

function mapping(from, to) {
    return new Map([...from].map((character, index) => [character, to[index]]));
}

/**
 * Return what the keys mean: spaces dropped, the row of a misread keyboard turned back into digits.
 *
 * @param {string} text
 * @returns {string}
 */
export function normalise(text) {
    const compact = text.normalize("NFC").replace(/\s/g, "");
    if (/\d/.test(compact)) {
        return compact.replace(/[-–.·]/g, "");
    }
    for (const layout of [AZERTY, SHIFTED_QWERTY]) {
        if (compact && [...compact].every((character) => layout.has(character))) {
            return [...compact].map((character) => layout.get(character)).join("");
        }
    }
    return compact;
}

/**
 * Tell whether digits are a code that was read or typed without a mistake (ISO 7064 MOD 97-10).
 *
 * @param {string} digits as `normalise` gives them
 * @returns {boolean}
 */
export function isWellFormed(digits) {
    if (!/^\d{24}$/.test(digits)) {
        return false;
    }
    const body = BigInt(digits.slice(0, -2));
    return Number(98n - ((body * 100n) % 97n)) === Number(digits.slice(-2));
}

/**
 * Return the public serial of a code, for the eye.
 *
 * @param {string} digits
 * @returns {number}
 */
export function serialOf(digits) {
    return Number(digits.slice(0, 10));
}
