import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { choices, copayment, isTooMany, newKey, roomFor } from "@aptic_pos/scan/act";
import { isWellFormed, normalise } from "@aptic_pos/scan/codes";
import {
    answerTo,
    choose,
    CODE,
    DESK,
    lookAt,
    openDesk,
    OTHER,
    scan,
    serve,
    settle,
    stage,
    takeBack,
    withCheck,
} from "./desk_helpers";

defineMailModels();

describe("plain functions", () => {
    test("keyboards are told apart", () => {
        expect(normalise("1234 5678-9012")).toBe("123456789012");
        expect(normalise("à&é\"'(-è_ç")).toBe("0123456789");
        expect(normalise("ÀÉÈÇ")).toBe("0279");
        expect(normalise(")!@#$%^&*(")).toBe("0123456789");
        expect(normalise("hello")).toBe("hello");
        expect(normalise("")).toBe("");
    });

    test("check digits find every wrong digit", () => {
        expect(isWellFormed(CODE)).toBe(true);
        for (let index = 0; index < 24; index++) {
            const wrong = CODE.slice(0, index) + ((Number(CODE[index]) + 1) % 10) + CODE.slice(index + 1);
            expect(isWellFormed(wrong)).toBe(false);
        }
        expect(isWellFormed(CODE.slice(1))).toBe(false);
    });

    test("amounts", () => {
        const voucher = { face_cents: 1000 };
        expect(copayment([voucher], 1200)).toBe(200);
        expect(copayment([voucher, voucher], 1200)).toBe(0);
        expect(isTooMany([voucher, voucher], 1200)).toBe(false);
        expect(isTooMany([voucher, voucher], 1000)).toBe(true);
        expect(isTooMany([], 1000)).toBe(false);
        expect(roomFor([voucher], 3000)).toBe(2);
    });

    test("choices are numbered, what is excluded comes last", () => {
        expect(choices([{ id: 1 }, { id: 2 }], [2]).map((choice) => choice.number)).toEqual(["1", null]);
        const many = Array.from({ length: 12 }, (_item, index) => ({ id: index }));
        expect(choices(many, null).map((choice) => choice.number)[11]).toBe("12");
        expect(choices(many, null)[0].number).toBe("01");
    });

    test("keys differ, with and without HTTPS", () => {
        expect(newKey()).not.toBe(newKey());
        expect(newKey().length).toBeGreaterThan(30);
    });
});

describe("the desk", () => {
    test("scan, choose, confirm, without a mouse", async () => {
        await openDesk({
            redeem: (params) => {
                expect.step(`${params.offer_id} ${params.audience_id} ${params.price_cents} ${params.codes}`);
                expect(params.client_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
                return answerTo(params);
            },
        });
        expect(stage()).toBe("voucher");
        await scan(CODE);
        expect(stage()).toBe("service");
        await choose("2");
        expect(stage()).toBe("audience");
        expect(".o_aptic_choice:disabled").toHaveText(/Tout public/);
        await choose("1");
        expect(stage()).toBe("confirm");
        expect(".o_collect").toHaveAttribute("data-cents", "200");
        await press("Enter");
        await settle();
        expect.verifySteps([`2 8 1200 ${CODE}`]);
        expect(stage()).toBe("done");
        await scan(OTHER);
        expect(stage()).toBe("service");
    });

    test("a second voucher joins, a third is too many", async () => {
        await openDesk();
        await scan(CODE);
        await scan(OTHER);
        expect(".o_aptic_voucher").toHaveCount(2);
        await scan(OTHER);
        expect(".o_aptic_problem").toHaveAttribute("data-status", "twice");
        await scan(withCheck("0000000003" + "000000000000"));
        expect(".o_aptic_problem").toHaveAttribute("data-status", "too_many");
        expect(".o_aptic_voucher").toHaveCount(2);
        await choose("1");
        expect(".o_aptic_problem").toHaveAttribute("data-status", "too_many");
        await press("Backspace");
        await settle();
        expect(".o_aptic_voucher").toHaveCount(1);
        await choose("1");
        expect(stage()).toBe("audience");
    });

    test("each refusal has its words", async () => {
        const statuses = [
            "unknown", "inactive", "expired", "blocked", "used", "territory", "place_type", "service", "audience",
            "provider", "place_closed", "price", "operators", "too_many", "throttled",
            "dates", "weekdays", "max_price", "no_copay", "max_per_day", "busy",
        ]; // prettier-ignore
        const queue = [...statuses];
        await openDesk({ check: () => ({ ...lookAt([]), status: queue.shift(), message_args: {} }) });
        const titles = new Set();
        for (const status of statuses) {
            await scan(CODE);
            expect(".o_aptic_problem").toHaveAttribute("data-status", status);
            const [text] = queryAllTexts(".o_aptic_problem");
            expect(text.length).toBeGreaterThan(30);
            titles.add(queryAllTexts(".o_aptic_problem .o_title")[0]);
        }
        expect(titles.size).toBe(statuses.length);
    });

    test("a lost answer is asked for again with the same key", async () => {
        const keys = [];
        await openDesk({
            redeem: (params) => {
                keys.push(`${params.client_key} ${params.client_time}`);
                if (keys.length === 1) {
                    throw new Error("lost");
                }
                return answerTo(params);
            },
        });
        await scan(CODE);
        await choose("1");
        await choose("1");
        await press("Enter");
        await settle();
        expect(stage()).toBe("confirm");
        expect(".o_aptic_problem").toHaveAttribute("data-status", "server");
        await press("Enter");
        await settle();
        expect(stage()).toBe("done");
        expect(keys.length).toBe(2);
        expect(keys[0]).toBe(keys[1]);
    });

    test("busy is tried again, quietly", async () => {
        let tries = 0;
        await openDesk({
            redeem: (params) => (++tries < 2 ? { status: "busy", message_args: {} } : answerTo(params)),
        });
        await scan(CODE);
        await choose("1");
        await choose("1");
        await press("Enter");
        await settle();
        await advanceTime(400);
        await settle();
        expect(tries).toBe(2);
        expect(stage()).toBe("done");
    });

    test("escape starts over, also while an answer is awaited", async () => {
        let answer;
        await openDesk({ check: (codes) => new Promise((resolve) => (answer = () => resolve(lookAt(codes)))) });
        await scan(CODE);
        await press("Escape");
        answer();
        await settle();
        expect(stage()).toBe("voucher");
        expect(".o_aptic_voucher").toHaveCount(0);
    });

    test("several places: one is chosen and remembered", async () => {
        const desk = { ...DESK, places: [...DESK.places, { ...DESK.places[0], id: 6, name: "Médiathèque" }] };
        await openDesk({ desk });
        expect(stage()).toBe("place");
        await choose("2");
        expect(stage()).toBe("voucher");
        expect(localStorage.getItem("aptic_pos.place")).toBe("6");
    });

    test("two digits typed at a person's pace", async () => {
        const audiences = Array.from({ length: 12 }, (_item, index) => ({ id: 20 + index, name: `Public ${index}` }));
        await openDesk({ desk: { ...DESK, audiences } });
        await scan(CODE);
        await choose("1");
        await press("1");
        await advanceTime(600);
        await press("2");
        await advanceTime(600);
        await settle();
        expect(stage()).toBe("confirm");
        expect(queryAllTexts(".o_aptic_confirm p")[0]).toBe("Public 11");
    });

    test("typed digits", async () => {
        await openDesk();
        await contains("#aptic_typed").edit(CODE.replace(/(\d{4})/g, "$1 "), { confirm: false });
        await settle();
        expect(stage()).toBe("service");
    });

    test("Delete takes the last act back, once", async () => {
        await openDesk({
            undo: (params) => {
                expect.step(`undo ${params.redemption_id}`);
                return takeBack(params);
            },
        });
        await serve(CODE);
        expect(stage()).toBe("done");
        await press("Delete");
        await settle();
        expect(stage()).toBe("undone");
        expect(".o_aptic_undone .o_collect").toHaveAttribute("data-cents", "200");
        expect(".o_aptic_recent li").toHaveText(/Imprimante 3D.*taken back/s);
        await press("Delete");
        await press("Enter");
        await settle();
        expect(stage()).toBe("voucher");
        await press("Delete");
        await settle();
        expect.verifySteps(["undo 1"]);
    });

    test("Delete takes nothing back while the next person is served", async () => {
        await openDesk({ undo: () => expect.step("undo") });
        await serve(CODE);
        await scan(OTHER);
        expect(stage()).toBe("service");
        await press("Delete");
        await settle();
        expect(stage()).toBe("service");
        expect.verifySteps([]);
    });

    test("an undo that was not heard of is asked for again; one that is refused is not", async () => {
        const answers = [
            () => {
                throw new Error("lost");
            },
            () => ({ status: "too_late", message_args: {} }),
        ];
        await openDesk({ undo: () => answers.shift()() });
        await serve(CODE);
        await press("Enter");
        await settle();
        await press("Delete");
        await settle();
        expect(".o_aptic_problem").toHaveAttribute("data-status", "server");
        await press("Enter");
        await settle();
        expect(".o_aptic_problem").toHaveAttribute("data-status", "too_late");
        expect(".o_aptic_undo").toHaveCount(0);
        await press("Delete");
        await settle();
        expect(answers.length).toBe(0);
    });

    test("an old act is not offered to be taken back", async () => {
        await openDesk();
        await serve(CODE);
        expect(".o_aptic_undo").toHaveCount(1);
        const later = performance.now() + 11 * 60 * 1000;
        patchWithCleanup(performance, { now: () => later });
        await press("Enter");
        await settle();
        expect(stage()).toBe("voucher");
        expect(".o_aptic_undo").toHaveCount(0);
    });

    test("testing is a mode of its own: it ends in what would happen, and forgets what was begun", async () => {
        await openDesk({ redeem: () => expect.step("redeem") });
        await scan(CODE);
        await press("F2");
        await settle();
        expect(stage()).toBe("voucher");
        expect(".o_aptic_scan.o_test .o_aptic_test_banner").toHaveCount(1);
        await serve(CODE);
        expect(stage()).toBe("tested");
        expect(".o_aptic_done").toHaveCount(0);
        expect(".o_aptic_tested .o_collect").toHaveAttribute("data-cents", "200");
        expect(".o_aptic_undo").toHaveCount(0);
        await press("Enter");
        await scan(CODE);
        expect(stage()).toBe("service");
        await press("F2");
        await settle();
        expect(stage()).toBe("voucher");
        expect(".o_test").toHaveCount(0);
        expect(".o_aptic_voucher").toHaveCount(0);
        expect.verifySteps([]);
    });

    test("a test refuses as the act would", async () => {
        await openDesk({ rehearse: () => ({ status: "no_copay", message_args: {} }) });
        await press("F2");
        await serve(CODE);
        expect(stage()).toBe("confirm");
        expect(".o_aptic_problem").toHaveAttribute("data-status", "no_copay");
    });

    test("two numbers typed in one go are two choices", async () => {
        await openDesk();
        await scan(CODE);
        await press("1");
        await press("2");
        await advanceTime(500);
        await settle();
        expect(stage()).toBe("confirm");
        expect(queryAllTexts(".o_aptic_confirm p")[0]).toBe("Seniors");
    });

    test("a space pressed on a button does not keep Enter from the next", async () => {
        await openDesk();
        await scan(CODE);
        await choose("1");
        await choose("1");
        await press(" ");
        await press("Enter");
        await settle();
        expect(stage()).toBe("done");
    });

    test("a code that comes haltingly is one code", async () => {
        await openDesk();
        for (const [index, digit] of [...CODE].entries()) {
            await press(digit);
            await advanceTime(index > 5 ? 600 : 100);
        }
        await settle();
        expect(stage()).toBe("service");
    });

    test("a service of a pathway shows its session", async () => {
        const sessions = [{ offer_id: 1, pathway: "Premiers pas", number: 3, count: 5, is_next: true }];
        await openDesk({ check: (codes) => ({ ...lookAt(codes), sessions }) });
        await scan(CODE);
        expect(".o_aptic_session.o_next").toHaveText("Premiers pas: session 3 of 5");
        await choose("1");
        await choose("1");
        expect(".o_aptic_confirm .o_aptic_session").toHaveCount(1);
        await press("Enter");
        await settle();
        expect(".o_aptic_done .o_aptic_session").toHaveText(/session 3 of 5/);
        expect(".o_aptic_recent a").toHaveAttribute("href", "/my/aptic/redemptions/1/receipt");
    });

    test("a voucher that is good elsewhere leads to its places", async () => {
        const refused = { status: "territory", message_args: { reason: "rule", serial: 12, names: ["Gironde"] } };
        await openDesk({ check: () => refused });
        await scan(CODE);
        expect(".o_aptic_problem a").toHaveAttribute("href", "/aptic/check/0000000012");
    });

    test("a suspended organisation is told why, and where to read on", async () => {
        const message_args = {
            state: "suspended",
            provider_id: 3,
            names: ["Dossier"],
            advice: "Pièces",
            reason: "state",
        };
        await openDesk({ check: () => ({ status: "provider", message_args }) });
        await scan(CODE);
        expect(".o_aptic_problem").toHaveText(/Dossier.*Pièces/s);
        expect(".o_aptic_problem a").toHaveAttribute("href", "/my/aptic/provider/3/measure");
    });
});
