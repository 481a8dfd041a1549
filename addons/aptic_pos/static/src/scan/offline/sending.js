// What the server says of acts that waited, and what becomes of each: plain functions, no screen and no network.

/** How many acts go in one request. */
export const BATCH = 50;

/** Answers that say nothing about the act: it stays, and is sent again later. */
export const STAYS = ["busy", "throttled", "locked_out", "stranger", "network", "session", "server"];

/** Those of them that the other acts would get too: nothing more is sent for now, and the person is told. */
const STOPS = ["stranger", "throttled", "locked_out"];

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
    if (statusOf(answer) !== "done") {
        return "refused";
    }
    return answer.face_cents === act.face && answer.copay_cents === act.copay ? "paid" : "differs";
}

/** What an answer says of its act today: an act that was done and cancelled since is not paid. */
export function statusOf({ status, message_args }) {
    return status === "done" && message_args?.reason === "cancelled" ? "cancelled" : status;
}

/** Why nothing more is to be sent after these answers, or undefined. */
export function stopOf(answers) {
    return answers.find((answer) => STOPS.includes(answer.status))?.status;
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
            const { message_args = {}, face_cents, copay_cents } = answer;
            const told = { status: statusOf(answer), message_args, face_cents, copay_cents };
            changed.push({ ...act, state: fates[act.key], answer: told });
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
