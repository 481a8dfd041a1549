const GUARDS = ["csrf_token", "form_token", "form_version"];
const NOT_TYPED = ["file", "password", "hidden", "submit", "button", "image", "reset", "fieldset", "output"];

/**
 * What a person types into a form, as the interactions of forms see it.
 *
 * The scripts of a page come after the page: on a slow network a form is filled in before them, and the browser puts
 * back what was typed when one returns to a page. No event tells either, so an interaction looks for it in `start()`.
 */

/** Fields of a form that hold what a person typed: no guards, no files, no passwords. */
export function fieldsOf(form) {
    return [...form.elements].filter(
        (field) => field.name && !GUARDS.includes(field.name) && !NOT_TYPED.includes(field.type)
    );
}

/** Whether a field is ticked, not written into. */
export function isChoice(field) {
    return ["checkbox", "radio"].includes(field.type);
}

/** Whether a field, or the group of a radio button, holds something else than what the server sent. */
export function isTouched(field) {
    if (field.type === "radio" && field.form) {
        return fieldsOf(field.form).some(
            (button) => button.type === "radio" && button.name === field.name && isSwitched(button)
        );
    }
    if (isChoice(field)) {
        return isSwitched(field);
    }
    if (field.type === "select-multiple") {
        return [...field.options].some((option) => option.selected !== option.defaultSelected);
    }
    if (field.type === "select-one") {
        const options = [...field.options];
        const sent =
            options.findLast((option) => option.defaultSelected) || options.find((option) => !option.disabled);
        return Boolean(sent) && !sent.selected;
    }
    return field.value !== field.defaultValue;
}

function isSwitched(field) {
    return field.checked !== field.defaultChecked;
}
