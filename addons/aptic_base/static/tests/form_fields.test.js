import { fieldsOf, isTouched } from "@aptic_base/interactions/form_fields";
import { expect, getFixture, test } from "@odoo/hoot";

function formOf(html) {
    const form = document.createElement("form");
    form.innerHTML = html;
    getFixture().append(form);
    return form;
}

function touched(form) {
    return fieldsOf(form)
        .filter(isTouched)
        .map((field) => field.id);
}

test("guards, files, passwords and buttons are not what a person types", () => {
    const form = formOf(`
        <input type="hidden" name="csrf_token" value="a"/>
        <input type="hidden" name="form_token" value="b"/>
        <input type="file" name="files"/>
        <input type="password" name="password"/>
        <fieldset name="group"><input name="siret"/></fieldset>
        <input id="nameless"/>
        <textarea name="words"></textarea>
        <button type="submit" name="act" value="save">Save</button>`);
    expect(fieldsOf(form).map((field) => field.name)).toEqual(["siret", "words"]);
});

test("what the server sent is not touched, whatever the kind of field", () => {
    const form = formOf(`
        <input id="text" name="text" value="sent"/>
        <input id="number" name="number" type="number" value="20"/>
        <input id="date" name="date" type="date" value="2026-11-29"/>
        <textarea id="words" name="words">sent</textarea>
        <input id="tick" name="tick" type="checkbox" checked="checked"/>
        <input id="five" name="size" type="radio" value="5" checked="checked"/>
        <input id="ten" name="size" type="radio" value="10"/>
        <select id="chosen" name="chosen"><option>A</option><option selected="selected">B</option></select>
        <select id="first" name="first"><option disabled="disabled">…</option><option>A</option></select>
        <select id="empty" name="empty"></select>
        <select id="many" name="many" multiple="multiple"><option>A</option><option selected="selected">B</option></select>`);
    expect(touched(form)).toEqual([]);
});

test("what is typed, chosen or ticked is touched", () => {
    const form = formOf(`
        <input id="text" name="text" value="sent"/>
        <input id="number" name="number" type="number" value="20"/>
        <textarea id="words" name="words">sent</textarea>
        <input id="tick" name="tick" type="checkbox" checked="checked"/>
        <input id="still" name="still" type="checkbox"/>
        <select id="chosen" name="chosen"><option>A</option><option selected="selected">B</option></select>
        <select id="first" name="first"><option value="">…</option><option>A</option></select>
        <select id="many" name="many" multiple="multiple"><option>A</option><option>B</option></select>`);
    form.querySelector("#text").value = "";
    form.querySelector("#number").value = "25";
    form.querySelector("#words").value = "sent, then more";
    form.querySelector("#tick").checked = false;
    form.querySelector("#chosen").selectedIndex = 0;
    form.querySelector("#first").selectedIndex = 1;
    form.querySelector("#many").options[1].selected = true;
    expect(touched(form)).toEqual(["text", "number", "words", "tick", "chosen", "first", "many"]);
});

test("a group of radio buttons is touched as a whole", () => {
    const form = formOf(`
        <input id="five" name="size" type="radio" value="5" checked="checked"/>
        <input id="ten" name="size" type="radio" value="10"/>
        <input id="twenty" name="size" type="radio" value="20"/>
        <input id="mine" name="who" type="radio" value="mine"/>`);
    form.querySelector("#ten").checked = true;
    expect(touched(form)).toEqual(["five", "ten", "twenty"]);
});
