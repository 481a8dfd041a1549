import { describe, expect, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { contains } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { answerTo, choose, CODE, DESK, lookAt, openDesk, OTHER, scan, serve, settle, stage } from "./desk_helpers";

defineMailModels();

describe("the desk, several things at once", () => {
    test("an error of the page is told, and the desk goes on", async () => {
        expect.errors(2);
        const answers = [() => ({ status: "ok" }), lookAt];
        await openDesk({ check: (codes) => answers.shift()(codes), redeem: () => null });
        await scan(CODE);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "page");
        await scan(CODE);
        expect(stage()).toBe("service");
        await choose("1");
        await choose("1");
        await press("Enter");
        await settle();
        expect(stage()).toBe("confirm");
        expect(".o_aptic_problem").toHaveAttribute("data-status", "page");
        expect.verifyErrors([/TypeError|undefined/, /TypeError|undefined/]);
    });

    /** Answers to checks that come when they are let. */
    function heldChecks() {
        const held = [];
        const check = (codes) => new Promise((resolve) => held.push((answer = lookAt(codes)) => resolve(answer)));
        return { held, check };
    }

    async function toConfirm() {
        await choose("2");
        await choose("1");
        expect(stage()).toBe("confirm");
    }

    test("nothing is confirmed while a voucher is looked at", async () => {
        const { held, check } = heldChecks();
        await openDesk({
            check,
            redeem: (params) => {
                expect.step(`${params.codes.length} vouchers`);
                return answerTo(params);
            },
        });
        await scan(CODE);
        held.shift()();
        await settle();
        await toConfirm();
        await scan(OTHER);
        await press("Enter");
        await settle();
        expect(stage()).toBe("confirm");
        expect(".o_aptic_confirm .btn-success").not.toBeEnabled();
        held.shift()();
        await settle();
        expect(".o_aptic_voucher").toHaveCount(2);
        await press("Enter");
        await settle();
        expect.verifySteps(["2 vouchers"]);
    });

    test("a voucher is taken out after what is being looked at, not instead of it", async () => {
        const { held, check } = heldChecks();
        await openDesk({ check });
        await scan(CODE);
        held.shift()();
        await settle();
        await scan(OTHER);
        await contains(".o_aptic_voucher button").click();
        await settle();
        expect(held.length).toBe(1);
        held.shift()();
        await settle();
        expect(held.length).toBe(1);
        held.shift()();
        await settle();
        expect(".o_aptic_voucher").toHaveCount(1);
        expect(".o_aptic_voucher small:first").toHaveText(/No\. 2/);
    });

    test("Enter tries a second voucher again that could not be looked at, and does not pay without it", async () => {
        const answers = [lookAt, () => ({ status: "busy", message_args: {} }), lookAt];
        await openDesk({
            check: (codes) => answers.shift()(codes),
            redeem: (params) => {
                expect.step(`${params.codes.length} vouchers`);
                return answerTo(params);
            },
        });
        await scan(CODE);
        await toConfirm();
        await scan(OTHER);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "busy");
        await press("Enter");
        await settle();
        expect(".o_aptic_voucher").toHaveCount(2);
        expect.verifySteps([]);
        await press("Enter");
        await settle();
        expect.verifySteps(["2 vouchers"]);
    });

    test("a second voucher that is refused is read before Enter pays without it", async () => {
        const answers = [lookAt, () => ({ status: "used", message_args: {} })];
        await openDesk({
            check: (codes) => answers.shift()(codes),
            redeem: (params) => {
                expect.step(`${params.codes.length} vouchers`);
                return answerTo(params);
            },
        });
        await scan(CODE);
        await toConfirm();
        await scan(OTHER);
        expect(".o_aptic_confirm .btn-success").toHaveText(/Go on without this voucher/);
        await press("Enter");
        await settle();
        expect(".o_aptic_problem").toHaveCount(0);
        expect(stage()).toBe("confirm");
        expect.verifySteps([]);
        await press("Enter");
        await settle();
        expect.verifySteps(["1 vouchers"]);
    });

    test("an undo that failed is not tried again by the Enter of a later trouble", async () => {
        const answers = [lookAt, () => ({ status: "busy", message_args: {} }), lookAt];
        await openDesk({
            check: (codes) => answers.shift()(codes),
            undo: () => {
                expect.step("undo");
                throw new Error("lost");
            },
        });
        await serve(CODE);
        await press("Delete");
        await settle();
        expect(".o_aptic_problem").toHaveAttribute("data-status", "server");
        await scan(OTHER);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "busy");
        await press("Enter");
        await settle();
        expect(stage()).toBe("service");
        expect.verifySteps(["undo"]);
    });

    test("Delete takes nothing back while the next voucher is looked at", async () => {
        const { held, check } = heldChecks();
        await openDesk({ check, undo: () => expect.step("undo") });
        await scan(CODE);
        held.shift()();
        await settle();
        await toConfirm();
        await press("Enter");
        await settle();
        await scan(OTHER);
        await press("Delete");
        await settle();
        held.shift()();
        await settle();
        expect(stage()).toBe("service");
        expect.verifySteps([]);
    });

    test("while an act is on its way the place stays, and a scan is told not to be taken", async () => {
        let answer;
        const desk = { ...DESK, places: [...DESK.places, { ...DESK.places[0], id: 6, name: "Médiathèque" }] };
        await openDesk({
            desk,
            redeem: (params) => new Promise((resolve) => (answer = () => resolve(answerTo(params)))),
        });
        await choose("1");
        await serve(CODE);
        expect(stage()).toBe("sending");
        expect(".o_aptic_place button").not.toBeEnabled();
        await scan(OTHER);
        expect(".o_aptic_scan > [role=status].visually-hidden").toHaveText(/not taken/);
        answer();
        await settle();
        expect(stage()).toBe("done");
        expect(".o_aptic_recent li").toHaveCount(1);
    });

    test("an act that was cancelled since is not shown as paid, and Enter makes a new one", async () => {
        const keys = [];
        await openDesk({
            redeem: (params) => {
                keys.push(params.client_key);
                const message_args = keys.length === 1 ? { reason: "cancelled" } : {};
                return { ...answerTo(params), message_args };
            },
        });
        await serve(CODE);
        expect(stage()).toBe("confirm");
        expect(".o_aptic_problem").toHaveAttribute("data-status", "cancelled");
        await press("Enter");
        await settle();
        expect(stage()).toBe("done");
        expect(keys[0]).not.toBe(keys[1]);
    });

    test("Enter spares the wait after a number, and what a hand adds to a code does nothing", async () => {
        await openDesk();
        await contains("#aptic_typed").edit(CODE, { confirm: false });
        await settle();
        expect(stage()).toBe("service");
        await press("Enter");
        await settle();
        expect(stage()).toBe("service");
        await press("1");
        await press("Enter");
        await settle();
        expect(stage()).toBe("audience");
    });
});
