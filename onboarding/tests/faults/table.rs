//! What a fault at a call means for the signup, right after the fault. Written from Meta's documentation of error
//! codes (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>,
//! <https://developers.facebook.com/docs/graph-api/guides/error-handling>) and from what each step may repeat.
//!
//!     go              goes on by itself within half a minute; only progress is shown
//!     wait            waits for Meta as long as Meta asks, and shows that (`W:meta_unavailable`)
//!     W:code          waits, and shows this problem
//!     A:kind[/code]   asks the customer for input, and shows what was wrong with the last one
//!     R:code          the customer must go through Meta's popup again, under the same signup
//!     F:code          has failed with this problem
//!     ok              stays connected; the report goes on by itself
//!     warn            stays connected; the report warns of what could not be read
//!     .               Meta does not reply this to this call
//!
//! Whatever goes on or waits ends connected, except for `lost`: it goes on by itself and ends in
//! `R:answer_lost`, because the code is spent and the token was not received.

/// The calls, in the order in which a signup makes them. Repeated ones: `subscribed_apps` is read by the inspect
/// step (apps), after a subscription without a reply (apps2) and by the report (apps3); the number is read after
/// a registration without a reply (phone), after a verification (phone2) and by the report (phone3).
pub const COLUMNS: [&str; 14] = [
    "exchange",
    "debug",
    "waba",
    "phones",
    "apps",
    "subscribe",
    "apps2",
    "register",
    "phone",
    "request",
    "verify",
    "phone2",
    "phone3",
    "apps3",
];

/// One row per fault. For the names see `Fault::by_name`.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str)] = &[
    // No reply that can be relied on. A read is repeated; after a change the state is read first.
    ("timeout",     "go    go go go go    go go    go go    go go go    ok ok"),
    ("reset",       "go    go go go go    go go    go go    go go go    ok ok"),
    ("reset_done",  "lost  go go go go    go go    go go    go go go    ok ok"),
    ("truncated",   "lost  go go go go    go go    go go    go go go    ok ok"),
    ("wrong_types", "lost  go go go go    go go    go go    go go go    ok ok"),
    ("nested",      "lost  go go go go    go go    go go    go go go    ok ok"),
    ("large",       "lost  go go go go    go go    go go    go go go    ok ok"),
    ("html502",     "go    go go go go    go go    go go    go go go    ok ok"),
    ("html502_done","lost  go go go go    go go    go go    go go go    ok ok"),
    ("html503+2",   "go    go go go go    go go    go go    go go go    ok ok"),
    ("html503+120", "go    wait wait wait wait    wait wait    go go    wait wait wait    ok ok"),
    // A refusal that is not in Meta's format, of a proxy for instance.
    ("html302",     "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused F:meta_refused  warn warn"),
    ("nested400",   "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused F:meta_refused  warn warn"),
    // Not done, and to be repeated: a read soon, a registration later because a number has only three, an
    // exchange within the 30 s that a code lives, or not at all.
    ("text429",     "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("text429+7",   "go    go go go go    go go    wait wait    go go go    ok ok"),
    ("text429+120", "R:meta_unavailable  wait wait wait wait    wait wait    wait wait \
                   wait wait wait    ok ok"),
    ("131000",      "go    go go go go    go go    wait go    go go go    ok ok"),
    ("2_as_200",    "go    go go go go    go go    wait go    go go go    ok ok"),
    ("2",           "go    go go go go    go go    wait go    go go go    ok ok"),
    ("transient",   "go    go go go go    go go    wait go    go go go    ok ok"),
    ("133004",      ".     . . . .    . .    wait go    go go go    . ."),
    ("4",           "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("80007",       ".     . wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("80008",       "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("80014",       "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("12",          "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("613",         "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("80007_text",  "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("131057",      ".     . . . .    wait wait    wait wait    wait wait wait    ok ok"),
    // Code 1 means a wrong client secret at the exchange, which may just have been rotated, and an unknown error at any
    // other call.
    ("1",           "go    go go go go    go go    wait go    go go go    ok ok"),
    // With status 500 it is Meta's own trouble at the exchange as well.
    ("1_as_500",    "go    go go go go    go go    wait go    go go go    ok ok"),
    ("101_system",  "go    go go go go    go go    wait go    go go go    ok ok"),
    // An unknown code with status 500: the call may have taken effect.
    ("987654_as_500", "go  go go go go    go go    go go    go go go    ok ok"),
    // The app, its secret or its permissions: the operator must act.
    ("3",           "F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured  F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   warn warn"),
    ("10",          "F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured  F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   warn warn"),
    ("101",         "F:app_misconfigured  F:app_misconfigured . . .    . .    . .    . . .    . ."),
    ("191",         "F:app_misconfigured  . . . .    . .    . .    . . .    . ."),
    ("200",         "F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured  F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   warn warn"),
    // The token: another launch issues a new one.
    ("102",         "R:token_invalid  R:token_invalid R:token_invalid R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid  R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid R:token_invalid  warn warn"),
    ("190",         "R:token_invalid  R:token_invalid R:token_invalid R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid  R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid R:token_invalid  warn warn"),
    ("190/460",     ".  . R:token_invalid R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid  R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid R:token_invalid  warn warn"),
    // The token does not reach the account or the number.
    ("33",          ".  . R:waba_unreachable R:waba_unreachable R:waba_unreachable \
                   R:waba_unreachable R:waba_unreachable  R:phone_not_in_waba R:phone_not_in_waba \
                   R:phone_not_in_waba R:phone_not_in_waba R:phone_not_in_waba  warn warn"),
    ("100/33",      ".  . R:waba_unreachable R:waba_unreachable R:waba_unreachable \
                   R:waba_unreachable R:waba_unreachable  R:phone_not_in_waba R:phone_not_in_waba \
                   R:phone_not_in_waba R:phone_not_in_waba R:phone_not_in_waba  warn warn"),
    ("803",         ".  . R:waba_unreachable R:waba_unreachable R:waba_unreachable \
                   R:waba_unreachable R:waba_unreachable  R:phone_not_in_waba R:phone_not_in_waba \
                   R:phone_not_in_waba R:phone_not_in_waba R:phone_not_in_waba  warn warn"),
    // Refusals with a problem of their own.
    ("100",         "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   A:verification/number_refused A:verification_code/input_invalid F:meta_refused  warn warn"),
    ("100/36007",   "R:code_expired  . . . .    . .    . .    . . .    . ."),
    ("100/36008",   "go              . . . .    . .    . .    . . .    . ."),
    ("100/36009",   "R:code_spent    . . . .    . .    . .    . . .    . ."),
    ("368",         ".  . F:meta_refused F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:account_locked .  F:account_locked F:account_locked .  warn warn"),
    ("131031",      ".  . F:meta_refused F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:account_locked .  F:account_locked F:account_locked .  warn warn"),
    ("133005",      ".  . . . .  . .  A:pin/pin_mismatch .  . . .  . ."),
    ("133005_data", ".  . . . .  . .  A:pin/pin_mismatch .  . . .  . ."),
    ("133000",      ".  . . . .  . .  go .  . . .  . ."),
    ("133006",      ".  . . . .  . .  A:verification .  . . .  . ."),
    ("133008",      ".  . . . .  . .  W:pin_locked .  . . .  . ."),
    ("133009",      ".  . . . .  . .  W:pin_too_soon .  . . .  . ."),
    ("133010",      ".  . . . .  . .  F:meta_refused .  . . .  . ."),
    ("133015",      ".  . . . .  . .  wait .  . . .  . ."),
    ("133016",      ".  . . . .  . .  W:register_budget .  . . .  . ."),
    ("136024",      ".  . . . .  . .  . .  A:verification/number_refused . .  . ."),
    ("136025",      ".  . . . .  . .  . .  . A:verification_code/input_invalid .  . ."),
    // An undocumented code.
    ("987654",      "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused F:meta_refused  warn warn"),
];

/// The end of a signup whose call times out at every attempt.
#[rustfmt::skip]
pub const ALWAYS_TIMES_OUT: &str = "R:answer_lost  F:meta_unavailable F:meta_unavailable F:meta_unavailable \
    F:meta_unavailable  F:meta_unavailable F:meta_unavailable  R:deadline_passed F:meta_unavailable \
    F:meta_unavailable F:meta_unavailable F:meta_unavailable  warn warn";
