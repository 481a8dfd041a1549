// Seals an act to the server's public key: JSON Web Encryption (RFC 7516), ECDH-ES on P-256 and A256GCM. The private half of
// the key pair made for it is thrown away, so that nothing on this machine can read the act back.

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const CIPHER = "A256GCM";
const TAG_BYTES = 16;

const encoder = new TextEncoder();

/**
 * Seal a value.
 *
 * @param {Object} value what JSON can say
 * @param {Object} key the server's public key, a JSON Web Key with its `kid`
 * @param {Object} names what the message says of itself in clear, protected against change
 * @returns {Promise<string>} five parts of base64url between dots, the second one empty
 */
export async function seal(value, key, names = {}) {
    const { kid, kty, crv, x, y } = key;
    const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, []);
    const ours = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
    const epk = await crypto.subtle.exportKey("jwk", ours.publicKey);
    const header = { alg: "ECDH-ES", enc: CIPHER, kid, epk: { kty, crv, x: epk.x, y: epk.y }, ...names };
    const protectedHeader = base64url(encoder.encode(JSON.stringify(header)));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = new Uint8Array(
        await crypto.subtle.encrypt(
            { name: "AES-GCM", iv, additionalData: encoder.encode(protectedHeader) },
            await contentKey(shared),
            encoder.encode(JSON.stringify(value))
        )
    );
    const parts = [iv, sealed.slice(0, -TAG_BYTES), sealed.slice(-TAG_BYTES)];
    return [protectedHeader, "", ...parts.map(base64url)].join(".");
}

/** The key of the message from what both sides compute (RFC 7518, section 4.6.2: one round, no names of the parties). */
async function contentKey(shared) {
    const info = [lengthOf(CIPHER.length), encoder.encode(CIPHER), lengthOf(0), lengthOf(0), lengthOf(256)];
    const round = [lengthOf(1), new Uint8Array(shared), ...info].flatMap((part) => [...part]);
    const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(round));
    return crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["encrypt"]);
}

/** A number as four bytes, the highest first. */
function lengthOf(number) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, number);
    return bytes;
}

function base64url(bytes) {
    return btoa(String.fromCharCode(...bytes))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
}
