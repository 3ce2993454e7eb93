//! The matrix: what a fault at a call means for the signup, right after it was met. Written from Meta's
//! error pages ("Cloud API error codes", "Handle errors") and from what each step may repeat.
//!
//!     go              goes on by itself within half a minute; nothing is shown but the progress
//!     wait            waits for Meta, as long as Meta asks, and says so (`W:meta_unavailable`)
//!     W:code          waits, and says why
//!     A:kind[/code]   asks a person, and says what was wrong with the last answer
//!     R:code          back to Meta's popup, under the same signup
//!     F:code          over; it says who must act
//!     ok              stays connected; the report goes on by itself
//!     warn            stays connected; the report says what could not be read
//!     .               Meta does not say this here
//!
//! All that go on or wait end connected, except for `lost`: goes on by itself, and ends in
//! `R:answer_lost`, because the code was spent and nobody heard the token.

/// The calls, in the order a signup makes them. `subscribed_apps` is read by inspect (apps), after an
/// unheard subscription (apps2) and by the report (apps3); the number after an unheard registration
/// (phone), after a verification (phone2) and by the report (phone3).
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

/// One row a fault: nothing heard, heard and not understood, and what Meta says. A `+n` is `Retry-After`
/// in seconds; `/n` a subcode.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str)] = &[
    // Nothing we may rely on was heard. Looks are repeated; what acts is looked at first.
    ("timeout",   "go    go go go go    go go    go go    go go go    ok ok"),
    ("reset",     "go    go go go go    go go    go go    go go go    ok ok"),
    ("landed",    "lost  go go go go    go go    go go    go go go    ok ok"),
    ("truncated", "lost  go go go go    go go    go go    go go go    ok ok"),
    ("type",      "lost  go go go go    go go    go go    go go go    ok ok"),
    ("deep",      "lost  go go go go    go go    go go    go go go    ok ok"),
    ("large",     "lost  go go go go    go go    go go    go go go    ok ok"),
    ("html",      "go    go go go go    go go    go go    go go go    ok ok"),
    ("html_done", "lost  go go go go    go go    go go    go go go    ok ok"),
    ("gone+2",    "go    go go go go    go go    go go    go go go    ok ok"),
    ("gone+120",  "go    wait wait wait wait    wait wait    go go    wait wait wait    ok ok"),
    // Somebody on the way says no, in words that are not Meta's.
    ("redirect",  "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused F:meta_refused  warn warn"),
    ("deep400",   "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused F:meta_refused  warn warn"),
    // Not done, and it may be done again: at once for a look, later for a number's three registrations,
    // within its 30 s for a code, or never.
    ("slow",      "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("slow+7",    "go    go go go go    go go    wait wait    go go go    ok ok"),
    ("slow+120",  "R:meta_unavailable  wait wait wait wait    wait wait    wait wait \
                   wait wait wait    ok ok"),
    ("inner",     "go    go go go go    go go    wait go    go go go    ok ok"),
    ("ok_error",  "go    go go go go    go go    wait go    go go go    ok ok"),
    ("2",         "go    go go go go    go go    wait go    go go go    ok ok"),
    ("transient", "go    go go go go    go go    wait go    go go go    ok ok"),
    ("133004",    ".     . . . .    . .    wait go    go go go    . ."),
    ("4",         "go    wait wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("80007",     ".     . wait wait wait    wait wait    wait wait    wait wait wait    ok ok"),
    ("131057",    ".     . . . .    wait wait    wait wait    wait wait wait    ok ok"),
    // Code 1 is a wrong client secret at the exchange, and "unknown" anywhere else.
    ("1",         "F:app_misconfigured  go go go go    go go    wait go    go go go    ok ok"),
    // The app, its secret or its permissions: the operator's.
    ("3",         "F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured  F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   warn warn"),
    ("10",        "F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured  F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   warn warn"),
    ("101",       "F:app_misconfigured  F:app_misconfigured . . .    . .    . .    . . .    . ."),
    ("191",       "F:app_misconfigured  . . . .    . .    . .    . . .    . ."),
    ("200",       "F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured  F:app_misconfigured \
                   F:app_misconfigured  F:app_misconfigured F:app_misconfigured F:app_misconfigured \
                   warn warn"),
    // The token: signing up again brings a new one.
    ("102",       "R:token_invalid  R:token_invalid R:token_invalid R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid  R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid R:token_invalid  warn warn"),
    ("190",       "R:token_invalid  R:token_invalid R:token_invalid R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid  R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid R:token_invalid  warn warn"),
    ("190/460",   ".  . R:token_invalid R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid  R:token_invalid R:token_invalid \
                   R:token_invalid R:token_invalid R:token_invalid  warn warn"),
    // The account or the number is not there for this token.
    ("33",        ".  . R:waba_unreachable R:waba_unreachable R:waba_unreachable \
                   R:waba_unreachable R:waba_unreachable  R:phone_not_in_waba R:phone_not_in_waba \
                   R:phone_not_in_waba R:phone_not_in_waba R:phone_not_in_waba  warn warn"),
    ("100/33",    ".  . R:waba_unreachable R:waba_unreachable R:waba_unreachable \
                   R:waba_unreachable R:waba_unreachable  R:phone_not_in_waba R:phone_not_in_waba \
                   R:phone_not_in_waba R:phone_not_in_waba R:phone_not_in_waba  warn warn"),
    ("803",       ".  . R:waba_unreachable R:waba_unreachable R:waba_unreachable \
                   R:waba_unreachable R:waba_unreachable  R:phone_not_in_waba R:phone_not_in_waba \
                   R:phone_not_in_waba R:phone_not_in_waba R:phone_not_in_waba  warn warn"),
    // A refusal with a word of its own.
    ("100",       "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   A:verification/number_refused A:verification_code/input_invalid F:meta_refused  warn warn"),
    ("100/36007", "R:code_expired  . . . .    . .    . .    . . .    . ."),
    ("100/36008", "go              . . . .    . .    . .    . . .    . ."),
    ("100/36009", "R:code_spent    . . . .    . .    . .    . . .    . ."),
    ("368",       ".  . F:meta_refused F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:account_locked .  F:account_locked F:account_locked .  warn warn"),
    ("131031",    ".  . F:meta_refused F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:account_locked .  F:account_locked F:account_locked .  warn warn"),
    ("133005",    ".  . . . .  . .  A:pin/pin_mismatch .  . . .  . ."),
    ("133006",    ".  . . . .  . .  A:verification .  . . .  . ."),
    ("133008",    ".  . . . .  . .  W:pin_locked .  . . .  . ."),
    ("133009",    ".  . . . .  . .  W:pin_too_soon .  . . .  . ."),
    ("133010",    ".  . . . .  . .  F:meta_refused .  . . .  . ."),
    ("133015",    ".  . . . .  . .  wait .  . . .  . ."),
    ("133016",    ".  . . . .  . .  W:register_budget .  . . .  . ."),
    ("136024",    ".  . . . .  . .  . .  A:verification/number_refused . .  . ."),
    ("136025",    ".  . . . .  . .  . .  . A:verification_code/input_invalid .  . ."),
    // A code nobody knows keeps its number and trace id.
    ("987654",    "F:meta_refused  F:meta_refused F:meta_refused F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused  F:meta_refused F:meta_refused \
                   F:meta_refused F:meta_refused F:meta_refused  warn warn"),
];

/// What happens where a call never succeeds: every try times out.
#[rustfmt::skip]
pub const FOR_EVER: &str = "R:answer_lost  F:meta_unavailable F:meta_unavailable F:meta_unavailable \
    F:meta_unavailable  F:meta_unavailable F:meta_unavailable  R:deadline_passed F:meta_unavailable \
    F:meta_unavailable F:meta_unavailable F:meta_unavailable  warn warn";
