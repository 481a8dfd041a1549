import { loadJS } from "@web/core/assets";
import { buildZXingBarcodeDetector } from "@web/core/barcode/ZXingBarcodeDetector";
import { isWellFormed, normalise } from "./codes";

const ZXING = "/web/static/lib/zxing-library/zxing-library.js";
// A voucher carries a QR code too, for everybody's eyes: only the bar code is the one that pays.
const FORMATS = ["code_128"];
const WIDTHS = [1600, 1000, 2400]; // in pixels; too fine a picture is as hard to read as too coarse a one

/** Whether the browser has a reader of its own for them (Chrome on Android has). */
async function hasDetector() {
    if (!("BarcodeDetector" in window)) {
        return false;
    }
    const formats = await BarcodeDetector.getSupportedFormats();
    return FORMATS.every((format) => formats.includes(format));
}

/** Return what reads the vouchers' kind of bar code: the browser's own reader, or the library that Odoo carries. */
export async function newDetector() {
    if (await hasDetector()) {
        return new BarcodeDetector({ formats: FORMATS });
    }
    await loadJS(ZXING);
    return new (buildZXingBarcodeDetector(window.ZXing))({ formats: FORMATS });
}

/**
 * Return the code of the voucher in a photo, or null. The photo does not leave the machine.
 *
 * @param {Blob} file
 * @returns {Promise<string|null>}
 * @throws when the file is no picture
 */
export async function readPhoto(file) {
    const picture = await createImageBitmap(file);
    try {
        const isNative = await hasDetector();
        const read = isNative ? readNative : readWithLibrary;
        if (!isNative) {
            await loadJS(ZXING);
        }
        for (const width of WIDTHS) {
            for (const isTurned of isNative ? [false] : [false, true]) {
                const found = (await read(drawn(picture, width, isTurned))).map(normalise).find(isWellFormed);
                if (found) {
                    return found;
                }
            }
        }
        return null;
    } finally {
        picture.close();
    }
}

/** The picture at a size, and a quarter turned where the voucher may stand upright. */
function drawn(picture, longest, isTurned) {
    const ratio = Math.min(1, longest / Math.max(picture.width, picture.height));
    const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * ratio)));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = isTurned ? [height, width] : [width, height];
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    if (isTurned) {
        pen.translate(height, 0);
        pen.rotate(Math.PI / 2);
    }
    pen.drawImage(picture, 0, 0, width, height);
    return canvas;
}

async function readNative(canvas) {
    const found = await new BarcodeDetector({ formats: FORMATS }).detect(canvas);
    return found.map((code) => code.rawValue);
}

async function readWithLibrary(canvas) {
    const { ZXing } = window;
    const reader = new ZXing.MultiFormatReader();
    reader.setHints(
        new Map([
            [ZXing.DecodeHintType.POSSIBLE_FORMATS, [ZXing.BarcodeFormat.CODE_128]],
            [ZXing.DecodeHintType.TRY_HARDER, true],
        ])
    );
    const light = new ZXing.HTMLCanvasElementLuminanceSource(canvas);
    for (const Binarizer of [ZXing.HybridBinarizer, ZXing.GlobalHistogramBinarizer]) {
        try {
            return [reader.decodeWithState(new ZXing.BinaryBitmap(new Binarizer(light))).getText()];
        } catch {
            // Nothing that can be read: another way may.
        }
    }
    return [];
}
