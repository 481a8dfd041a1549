import { _t } from "@web/core/l10n/translation";
import { dayText, euros } from "./money";

const ANOTHER = () => _t("Ask for another voucher, or for another way to pay.");

function listed(names) {
    return (names || []).join(", ");
}

const ELSEWHERE = () => _t("The beneficiary can use it in another place.");

function ruleAdvice(args) {
    return args.names?.length
        ? _t("It is reserved for: %(names)s. The beneficiary can use it there.", { names: listed(args.names) })
        : _t("Do not give the service for it: write to the #APTIC team with its serial.");
}

function datesAdvice(args) {
    const days = { first: args.from && dayText(args.from), last: args.until && dayText(args.until) };
    if (days.first && days.last) {
        return _t("It can be used from %(first)s to %(last)s: offer the beneficiary an appointment then.", days);
    }
    if (days.first) {
        return _t("It can be used from %(first)s on: offer the beneficiary an appointment then.", days);
    }
    return days.last
        ? _t("It could be used until %(last)s. Ask for another voucher, or for another way to pay.", days)
        : ANOTHER();
}

// Each refusal: what is the matter, and what to do about it.
export const REFUSALS = {
    unknown: (args) =>
        args.reason === "digits"
            ? [_t("This code was misread or mistyped."), _t("Scan it again, or compare the 24 digits group by group.")]
            : [
                  _t("This is not a voucher of #APTIC."),
                  _t("Do not give the service for it. If it looks genuine, write to the #APTIC team with its serial."),
              ],
    inactive: () => [
        _t("This voucher is not active yet."),
        _t("It cannot pay for anything today. The beneficiary can ask whoever handed it over."),
    ],
    expired: (args) => [
        args.day
            ? _t("This voucher could be used until %(day)s.", { day: dayText(args.day) })
            : _t("This voucher has expired."),
        ANOTHER(),
    ],
    blocked: () => [
        _t("This voucher is blocked: it was reported lost or stolen, or was replaced."),
        _t("Do not accept it. The beneficiary can ask whoever handed it over."),
    ],
    used: (args) => [
        !args.day
            ? _t("This voucher has been used already.")
            : args.place
              ? _t("This voucher was used already, with you, on %(day)s: %(place)s.", {
                    day: dayText(args.day),
                    place: args.place,
                })
              : _t("This voucher was used already on %(day)s.", { day: dayText(args.day) }),
        args.own ? _t("Look at your scans of that day before asking for another voucher.") : ANOTHER(),
    ],
    territory: (args) => [_t("This voucher is not accepted in this municipality."), ruleAdvice(args)],
    place_type: (args) => [_t("This voucher is not accepted in this type of place."), ruleAdvice(args)],
    service: (args) =>
        args.reason === "rule"
            ? [_t("This voucher does not pay for this service."), ruleAdvice(args)]
            : [_t("This service is not given here."), _t("Choose another service, or reload the page.")],
    audience: (args) =>
        args.reason === "rule"
            ? [
                  _t("This voucher is not meant for this audience."),
                  _t("It is meant for: %(names)s. Check the audience with the beneficiary.", {
                      names: listed(args.names),
                  }),
              ]
            : [_t("This service is not meant for this audience."), _t("Choose another audience or another service.")],
    dates: (args) => [_t("This voucher is not accepted on this day."), datesAdvice(args)],
    weekdays: (args) => [
        _t("This voucher is not accepted on this day of the week."),
        _t("It can be used on: %(names)s. Offer the beneficiary an appointment then.", { names: listed(args.names) }),
    ],
    max_price: (args) => [
        _t("This service costs more than this voucher may pay for: %(price)s at most.", { price: euros(args.cents) }),
        _t("Choose a service at a lower price, or ask for another voucher."),
    ],
    no_copay: () => [
        _t("With this voucher nothing may be left to pay."),
        _t("Add a voucher until the whole price is covered, or choose a service at a lower price."),
    ],
    max_per_day: (args) => [
        _t("Vouchers of one booklet that may be used on the same day: %(count)s.", { count: args.count }),
        _t("Go on without it: the beneficiary can use it on another day."),
    ],
    provider: (args) =>
        args.reason === "rule" && args.kind === "excluded_provider"
            ? [_t("This voucher is not accepted by your organisation."), ELSEWHERE()]
            : args.reason === "rule"
              ? [_t("This voucher is reserved for other organisations."), ruleAdvice(args)]
              : args.reason === "state"
                ? [
                      args.names?.length
                          ? _t("Your organisation is suspended: %(causes)s.", { causes: listed(args.names) })
                          : _t("Your organisation may not scan vouchers at the moment."),
                      args.advice ||
                          _t(
                              "Its membership has ended or is not complete: its manager finds the reason under “My organisations”."
                          ),
                  ]
                : [
                      _t("You may not scan here."),
                      _t("Ask a manager of the organisation to give you the role of mediator, then reload the page."),
                  ],
    place_closed: () => [
        _t("This place does not take vouchers at this date."),
        _t("Change the place above, or ask a manager to correct its opening dates."),
    ],
    price: (args) => [
        args.price_cents
            ? _t("The price of this service has changed: it is %(price)s now.", { price: euros(args.price_cents) })
            : _t("This service has no price."),
        _t("Reload the page, then scan again."),
    ],
    operators: () => [
        _t("These vouchers were issued by two operators, which pay apart."),
        _t("Take those of one of them: give the others back to the beneficiary, who pays the rest."),
    ],
    too_many: () => [
        _t("That is more vouchers than this service costs."),
        _t("Give one voucher back to the beneficiary: remove it from the list."),
    ],
    locked_out: () => [
        _t("Too many wrong codes today: you can no longer scan."),
        _t("A manager of your organisation can lift this, under “My organisations”; so can the #APTIC team."),
    ],
    throttled: () => [
        _t("Too many wrong codes: scanning is stopped here for ten minutes."),
        _t("Wait, then scan vouchers of #APTIC only. If it happens again, write to the #APTIC team."),
    ],
    busy: () => [
        _t("This voucher is being scanned somewhere else at this very moment."),
        _t("Press Enter to try again."),
    ],
    key_reused: () => [
        _t("This act was already sent with other vouchers."),
        _t("Press Escape to start over, and look at your scans of today."),
    ],
    network: () => [
        _t("The network did not answer."),
        _t("Press Enter to try again: the voucher will never be counted twice."),
    ],
    session: () => [_t("You have been logged out."), _t("Reload the page and log in again.")],
    server: () => [
        _t("The #APTIC server had a problem."),
        _t("Press Enter to try again: the voucher will never be counted twice."),
    ],
    storage: () => [
        _t("This machine can keep nothing more."),
        _t(
            "Do not give the service yet: press Enter to try again with the network, and free some space on this machine."
        ),
    ],
    page: () => [
        _t("This page had a problem."),
        _t("Scan again. If it happens once more, reload the page: what waits on this machine stays there."),
    ],
    cancelled: () => [
        _t("This scan was cancelled since: its vouchers can be used again."),
        _t("It is not paid. If the service was given, scan the vouchers again."),
    ],
    invalid: () => [_t("The server did not understand this page."), _t("Reload the page, then scan again.")],
    photo: () => [
        _t("No voucher was found in the photo."),
        _t(
            "Take it again: the voucher flat, in the light, its bar code across the whole width. Or type the 24 digits."
        ),
    ],
    twice: () => [_t("This voucher is in the list already."), _t("Scan another one, or go on.")],
    not_last: () => [
        _t("You have scanned since: only your last scan can be taken back here."),
        _t("Open “My scans”: a manager of your organisation can cancel this one, with a reason."),
    ],
    too_late: () => [
        _t("It is too late to take this scan back here."),
        _t("A manager of your organisation can still cancel it under “My scans”, until it is settled."),
    ],
    settled: () => [
        _t("This scan is settled already: it can no longer be taken back."),
        _t("Write to the #APTIC team: it can correct it on your next statement."),
    ],
    held: () => [
        _t("This scan is under verification: it cannot be taken back."),
        _t("Write to the #APTIC team: it can cancel it for you."),
    ],
    kept_already: () => [
        _t("This voucher waits on this machine already: it was scanned without network."),
        _t("Ask for another voucher. What became of that scan is told at the top of this page."),
    ],
    kept_full: (args) => [
        _t("Scans that wait on this machine: %(count)s. It can keep no more.", { count: args.count }),
        _t("Do not give the service for it before the network is back: the scans are sent then by themselves."),
    ],
    kept_old: (args) => [
        _t("A scan has been waiting on this machine for more than %(hours)s hours.", { hours: args.hours }),
        _t("Connect this machine to a network first, another wifi or a telephone: the scans are sent by themselves."),
    ],
    stale: (args) => [
        args.reason === "age"
            ? _t("This scan waited more than %(days)s days, or the clock of this machine is wrong.", {
                  days: args.days,
              })
            : _t("The server can no longer open this scan: it waited too long."),
        _t(
            "Scan the voucher again if the beneficiary still has it. Otherwise write to the #APTIC team with its serial."
        ),
    ],
    no_service: () => [_t("No service of this place can be paid with this voucher."), ELSEWHERE()],
};

// Where the voucher is good all the same: anybody can look that up by its public serial.
const ELSEWHERE_STATUSES = ["territory", "place_type", "service", "provider", "no_service", "place_closed"];

/**
 * Where to read on about a refusal: the places that take the voucher, or why the organisation is stopped.
 *
 * @param {string} status
 * @param {Object} args
 * @returns {{kind: string, href: string, address: string}|null}
 */
function furtherOf(status, args) {
    if (args.reason === "state") {
        return args.state === "suspended"
            ? { kind: "measure", href: `/my/aptic/provider/${args.provider_id}/measure`, address: "" }
            : null;
    }
    if (!args.serial || !ELSEWHERE_STATUSES.includes(status)) {
        return null;
    }
    const href = `/aptic/check/${String(args.serial).padStart(10, "0")}`;
    return { kind: "places", href, address: `${window.location.host}/aptic/check` };
}

/** Refusals that another try can mend: Enter sends the same act again. */
export const RETRIABLE = ["busy", "network", "server", "storage"];

/**
 * Return what the person at the desk is told.
 *
 * @param {string} status a refusal's code
 * @param {Object} [args] what the server says about it
 * @returns {{status: string, title: string, advice: string, args: Object, further: Object|null}}
 */
export function refusal(status, args = {}) {
    const known = args || {};
    const [title, advice] = (REFUSALS[status] || REFUSALS.invalid)(known);
    return { status, title: String(title), advice: String(advice), args: known, further: furtherOf(status, known) };
}
