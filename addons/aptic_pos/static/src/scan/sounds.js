import { browser } from "@web/core/browser/browser";

const STORED = "aptic_pos.sound";
const TUNES = {
    good: [660, 880],
    kept: [660, 660],
    bad: [220, 165],
    tick: [880],
    test: [880, 880],
    undone: [440, 330],
};
const NOTE_SECONDS = 0.11;

let context = null;

/** Whether sounds are wanted on this machine. */
export function isSoundOn() {
    return browser.localStorage.getItem(STORED) !== "off";
}

/** Remember whether sounds are wanted on this machine. */
export function setSound(on) {
    browser.localStorage.setItem(STORED, on ? "on" : "off");
}

/**
 * Play a short tune: `good`, `bad`, `tick`, `test` or `undone`. Never fails: a desk without sound works too.
 *
 * @param {string} name
 */
export function play(name) {
    const Context = window.AudioContext;
    if (!isSoundOn() || !Context || !navigator.userActivation?.hasBeenActive) {
        return;
    }
    context ||= new Context();
    TUNES[name].forEach((frequency, index) => {
        const start = context.currentTime + index * NOTE_SECONDS;
        const oscillator = context.createOscillator();
        const volume = context.createGain();
        oscillator.frequency.value = frequency;
        volume.gain.setValueAtTime(0.15, start);
        volume.gain.exponentialRampToValueAtTime(0.001, start + NOTE_SECONDS);
        oscillator.connect(volume).connect(context.destination);
        oscillator.start(start);
        oscillator.stop(start + NOTE_SECONDS);
    });
}
