import { NameAndSignature } from "@web/core/signature/name_and_signature";

/**
 * Name and signature of the person who signs: drawn, or the name written by the machine for whom cannot draw (keyboard,
 * voice, trembling hand). Core's component with controls that have names, and without taking the focus away from the text.
 */
export class CharterSignature extends NameAndSignature {
    static template = "aptic_eligibility.CharterSignature";

    setup() {
        super.setup();
        this.state.showSignatureArea = true;
    }

    /** Core's way to the name box; here the reader is still at the top of the charter. */
    focusName() {}

    onClear() {
        if (this.state.signMode === "auto") {
            this.setMode("draw");
        } else {
            this.onClickSignDrawClear();
        }
    }
}
