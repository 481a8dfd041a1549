import { useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { isWellFormed, LENGTH, normalise } from "./codes";

// The longest pause between two keys of a scanner, in milliseconds: theirs is 150 at most, and an old machine with much
// to do adds to it. It is also what a number that is typed waits for, until it is known to be no scan (Enter spares that).
export const PAUSE_MS = 250;
const MOST_TYPED = 4; // keys of a person in one go: the numbers of two choices; more are a scanner's
const UNFINISHED_MS = 1000; // for a code that has begun and lacks digits: a machine that stands still spoils no scan
const SECOND_DIGIT_MS = 1500; // what a person may take between the two digits of a number
const LATE_END_MS = 400; // within which an Enter or Tab still belongs to a code that was taken without it

const FIELD =
    "textarea, select, [contenteditable='true']," +
    " input:not([type='button'], [type='checkbox'], [type='file'], [type='radio'], [type='submit'])";

/** The keys that came without a pause, and the field that they went into. */
class Burst {
    constructor() {
        this.clear();
    }

    clear() {
        Object.assign(this, { size: 0, text: "", digits: "", field: null, before: null });
    }

    /**
     * @param {KeyboardEvent} ev
     * @param {string|undefined} digit that is printed on the key, whatever the keyboard's layout makes of it
     */
    add(ev, digit) {
        if (!this.size && ev.target.matches?.(FIELD)) {
            const { value, selectionStart, selectionEnd } = ev.target;
            Object.assign(this, { field: ev.target, before: { value, selectionStart, selectionEnd } });
        }
        this.size += 1;
        this.text += ev.key.length === 1 ? ev.key : digit;
        this.digits += digit ?? " ";
    }

    /**
     * What was read: the digits on the keys when they are a code, whatever a hand has hit just before it; else what the
     * keyboard's layout made of them.
     */
    get code() {
        const last = this.digits.slice(-LENGTH);
        return this.size <= LENGTH + MOST_TYPED && isWellFormed(last) ? last : normalise(this.text);
    }

    /** The numbers that were typed, or nothing. */
    get typed() {
        const digits = [...this.text].map((character, index) =>
            this.digits[index] === " " ? normalise(character) : this.digits[index]
        );
        return digits.every((digit) => /^\d$/.test(digit)) ? digits.join("") : "";
    }

    /** Take out of the field what the scanner typed into it. */
    giveBack() {
        const { field, before } = this;
        if (before.value !== undefined && field.value !== before.value) {
            field.value = before.value;
            if (before.selectionStart !== null && before.selectionStart !== undefined) {
                field.setSelectionRange(before.selectionStart, before.selectionEnd);
            }
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }
}

/**
 * Listen to a keyboard that a person and a scanner share. Keys that follow each other without a pause are a scan, also
 * in a field (which is given its text back) and in front of a dialog; a few digits are numbers of choices.
 *
 * @param {Object} handlers
 * @param {(code: string) => void} handlers.scan
 * @param {() => number} handlers.width how many digits a choice has now
 * @param {(number: string) => void} handlers.choose
 * @param {() => void} handlers.confirm Enter
 * @param {() => void} handlers.startOver Escape
 * @param {() => void} handlers.back Backspace
 * @param {() => void} handlers.undo Delete
 * @param {() => void} handlers.toggleTest F2
 * @returns {{forget: () => void}} `forget` when somebody else has taken what was typed
 */
export function useKeys(handlers) {
    const burst = new Burst();
    let number = ""; // digits of a choice that still lacks one
    let timer = null;
    let takenAt = -Infinity;

    function wait(act, milliseconds) {
        browser.clearTimeout(timer);
        timer = browser.setTimeout(act, milliseconds);
    }

    function forget() {
        browser.clearTimeout(timer);
        burst.clear();
        number = "";
        takenAt = performance.now();
    }

    function take() {
        const { code } = burst;
        if (burst.field) {
            burst.giveBack();
        }
        forget();
        handlers.scan(code);
    }

    /** Whether the keys so far are a scanner's; what else a person types into a field or a dialog is not ours. */
    function isScan() {
        return burst.size > MOST_TYPED && (!(burst.field || hasDialog()) || isWellFormed(burst.code));
    }

    function settle() {
        if (isScan()) {
            return take();
        }
        const typed = burst.field || hasDialog() ? "" : burst.typed;
        burst.clear();
        number += typed;
        for (let turn = 0; turn < MOST_TYPED && number && number.length >= handlers.width(); turn++) {
            const width = handlers.width();
            const chosen = number.slice(0, width);
            number = number.slice(width);
            handlers.choose(chosen);
        }
        if (number) {
            wait(() => (number = ""), SECOND_DIGIT_MS);
        }
    }

    function hasDialog() {
        return Boolean(document.querySelector(".modal.show, .o_dialog"));
    }

    function swallow(ev) {
        ev.preventDefault();
        ev.stopImmediatePropagation();
    }

    /** Enter and Tab, with which most scanners end. */
    function onEnd(ev) {
        if (isScan()) {
            swallow(ev);
            take();
            takenAt = -Infinity;
        } else if (performance.now() - takenAt < LATE_END_MS) {
            swallow(ev);
            takenAt = -Infinity;
        } else if (ev.key === "Enter" && !hasDialog() && !ev.target.matches?.(FIELD)) {
            browser.clearTimeout(timer);
            if (burst.typed || number) {
                swallow(ev);
                settle();
                number = "";
            } else {
                burst.clear();
                if (!ev.target.matches?.("a, button, summary, [role='button']")) {
                    handlers.confirm();
                }
            }
        }
    }

    function onCommand(ev) {
        const commands = {
            Escape: handlers.startOver,
            F2: handlers.toggleTest,
            Backspace: handlers.back,
            Delete: handlers.undo,
        };
        const isTyping = ["Backspace", "Delete"].includes(ev.key) && ev.target.matches?.(FIELD);
        if (commands[ev.key] && !isTyping && !hasDialog() && !ev.shiftKey) {
            ev.preventDefault();
            browser.clearTimeout(timer);
            burst.clear();
            number = "";
            commands[ev.key]();
        }
    }

    function onKeydown(ev) {
        if (!ev.key || ev.ctrlKey || ev.altKey || ev.metaKey || ev.repeat) {
            return;
        }
        if (ev.key === "Enter" || ev.key === "Tab") {
            return onEnd(ev);
        }
        const [, digit] = /^(?:Digit|Numpad)(\d)$/.exec(ev.code || "") || [];
        if (digit === undefined && ev.key.length > 1) {
            return onCommand(ev);
        }
        burst.add(ev, digit);
        const isUnfinished = burst.size > MOST_TYPED && burst.size < LENGTH;
        wait(settle, isUnfinished ? UNFINISHED_MS : PAUSE_MS);
    }

    useExternalListener(window, "keydown", onKeydown, { capture: true });
    return { forget };
}
