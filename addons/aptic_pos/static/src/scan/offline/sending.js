// What the server says of acts that waited, and what becomes of each: plain functions, no screen and no network.

/** How many acts go in one request. */
export const BATCH = 50;

/** Answers that say nothing about the act: it stays, and is sent again later. */
const STAYS = ["busy", "throttled", "locked_out", "stranger", "network", "session", "server"];

/**
 * Tell what becomes of an act.
 *
 * @param {Object} act as the store keeps it
 * @param {Object|undefined} answer the server's, `undefined` when there is none for this act
 * @returns {"paid"|"differs"|"refused"|"stays"}
 */
export function fate(act, answer) {
    if (!answer || STAYS.includes(answer.status)) {
        return "stays";
    }
    if (answer.status !== "done") {
        return "refused";
    }
    return answer.face_cents === act.face && answer.copay_cents === act.copay ? "paid" : "differs";
}

/**
 * Sort acts by what the answers say of them.
 *
 * @param {Object[]} acts that were sent
 * @param {Object[]} answers of the server, each with its `client_key`
 * @returns {{changed: Object[], gone: number[], fates: Object}} what to write, ids to forget, fate by client key
 */
export function settled(acts, answers) {
    const byKey = new Map(answers.map((answer) => [answer.client_key, answer]));
    const changed = [];
    const gone = [];
    const fates = {};
    for (const act of acts) {
        const answer = byKey.get(act.key);
        fates[act.key] = fate(act, answer);
        if (fates[act.key] === "paid") {
            gone.push(act.id);
        } else if (fates[act.key] !== "stays") {
            const { status, message_args = {}, face_cents, copay_cents } = answer;
            changed.push({ ...act, state: fates[act.key], answer: { status, message_args, face_cents, copay_cents } });
        }
    }
    return { changed, gone, fates };
}

/**
 * Tell why no more can be kept, or null.
 *
 * @param {Object[]} waiting acts that wait, the oldest first
 * @param {Object} limits
 * @param {number} limits.most acts
 * @param {number} limits.hours how old the oldest may be
 * @param {number} now in milliseconds
 * @returns {{status: string, args: Object}|null}
 */
export function limitReached(waiting, { most, hours }, now) {
    if (waiting.length >= most) {
        return { status: "kept_full", args: { count: most } };
    }
    if (waiting.length && now - Date.parse(waiting[0].at) > hours * 3_600_000) {
        return { status: "kept_old", args: { hours } };
    }
    return null;
}
