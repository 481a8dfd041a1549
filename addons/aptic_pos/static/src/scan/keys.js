import { useExternalListener } from "@odoo/owl";
import { barcodeService } from "@barcodes/barcode_service";
import { normalise } from "./codes";

const MARGIN_MS = 30;
const SECOND_DIGIT_MS = 1500; // what a person may take between the two digits of a number

function isField(element) {
    return element.matches?.("input, textarea, select, [contenteditable='true']");
}

function isControl(element) {
    return element.matches?.("a, button, summary, [role='button']");
}

function digitOf(ev) {
    const named = /^(?:Digit|Numpad)(\d)$/.exec(ev.code || "");
    if (named) {
        return named[1];
    }
    const digit = normalise(ev.key);
    return /^\d$/.test(digit) ? digit : null;
}

/**
 * Listen for the keys of a person, beside a scanner that types on the same keyboard: a digit counts once nothing
 * followed it as fast as a scanner would.
 *
 * @param {Object} handlers
 * @param {() => number} handlers.width how many digits a choice has now
 * @param {(number: string) => void} handlers.choose
 * @param {() => void} handlers.confirm Enter
 * @param {() => void} handlers.startOver Escape
 * @param {() => void} handlers.back Backspace
 */
export function useKeys(handlers) {
    let typed = "";
    let timer = null;

    function forget() {
        typed = "";
    }

    function settle() {
        if (typed.length < handlers.width()) {
            timer = setTimeout(forget, SECOND_DIGIT_MS);
            return;
        }
        const number = typed;
        typed = "";
        if (number.length === handlers.width()) {
            handlers.choose(number);
        }
    }

    function onKeydown(ev) {
        if (ev.ctrlKey || ev.altKey || ev.metaKey || document.querySelector(".modal.show, .o_dialog")) {
            return;
        }
        if (ev.key === "Escape") {
            clearTimeout(timer);
            typed = "";
            handlers.startOver();
            return;
        }
        if (isField(ev.target)) {
            return;
        }
        if (ev.key === "Enter") {
            const isScan = ev.defaultPrevented || typed.length > 2;
            clearTimeout(timer);
            if (typed && !isScan) {
                settle();
            } else if (!isScan && !isControl(ev.target)) {
                handlers.confirm();
            }
            typed = "";
            return;
        }
        if (ev.key === "Backspace") {
            handlers.back();
            return;
        }
        const digit = digitOf(ev);
        if (digit !== null) {
            typed += digit;
            clearTimeout(timer);
            timer = setTimeout(settle, barcodeService.maxTimeBetweenKeysInMs + MARGIN_MS);
        }
    }

    // On the window, after the barcode service on the body has had its say.
    useExternalListener(window, "keydown", onKeydown);
}
