//! Signups that are connected: renewals, transfers and reports.

use crate::content::Content;
use crate::description::{Access, Description, get, post};
use crate::parameters::{days, one_of, query};
use crate::routes::backend::signup_filter;
use embark_protocol::ProblemCode::{
    AppScopeMissing, BadJson, BadRequest, CodeSpent, Conflict, DeadlinePassed, NotFound,
    NotLaunched, PhoneNotInWaba, ScopeMissing, SignupCancelled, TokenForeign, TokenInvalid,
    UnknownSite, WabaMismatch, WabaUnreachable,
};
use embark_protocol::admin::{LinkResponse, RenewalRequest, TransferRequest};
use embark_protocol::backend::{AllSignupsPage, SignupCancellation, SignupRetry};
use embark_protocol::report::ReadinessReport;
use embark_protocol::signup_calls::SignupCalls;
use embark_protocol::signup_counts::SignupCounts;

pub fn list_all() -> Description {
    get("/v1/admin/signups", Access::Operator)
        .about("The signups of all sites, the one that changed last first.")
        .notes("A site that does not reply in time is in `missing_sites`.")
        .with(signup_filter())
        .gives::<AllSignupsPage>("A page.")
        .refuses(&[BadRequest])
}

pub fn create_renewal() -> Description {
    post("/v1/admin/renewals", Access::Operator)
        .about("A link, valid for two weeks, by which a customer renews the token of one account.")
        .takes::<RenewalRequest>()
        .gives::<LinkResponse>("The link.")
        .refuses(&[BadJson, UnknownSite])
}

pub fn list_calls() -> Description {
    get(
        "/v1/admin/sites/{site}/signups/{signup}/calls",
        Access::Operator,
    )
    .about("What a signup asked of Meta and of providers, and what came of it.")
    .gives::<SignupCalls>("The calls.")
    .refuses(&[NotFound, UnknownSite])
}

pub fn cancel() -> Description {
    post(
        "/v1/admin/sites/{site}/signups/{signup}/cancel",
        Access::Operator,
    )
    .about("Ends a signup that has not ended, for good.")
    .notes(
        "A call that is under way is not broken off: the signup ends when that has, and calls nobody afterwards. Repeatable.",
    )
    .gives::<SignupCancellation>("Where the signup stands.")
    .refuses(&[NotFound, Conflict, UnknownSite])
}

pub fn retry() -> Description {
    post(
        "/v1/admin/sites/{site}/signups/{signup}/retry",
        Access::Operator,
    )
    .about("Has a signup tried again now: one that waits, or one that has failed, from the step that failed.")
    .notes(
        "Reads from Meta again what a question to the customer rests on. Neither registers nor shares anything twice, and cuts no wait short that Meta named: the response says until when the signup waits. Repeatable.",
    )
    .gives::<SignupRetry>("Where the signup stands by now.")
    .refuses(&[
        NotFound,
        UnknownSite,
        Conflict,
        SignupCancelled,
        CodeSpent,
        DeadlinePassed,
        AppScopeMissing,
        ScopeMissing,
        TokenForeign,
        TokenInvalid,
        WabaMismatch,
    ])
}

pub fn export() -> Description {
    let mut parameters = signup_filter();
    parameters.retain(|parameter| !["after", "limit"].contains(&parameter.name.as_str()));
    let format = one_of(&["csv", "jsonl"]);
    parameters.push(query("format", "As what; `csv` if it is absent.", format));
    get("/v1/admin/sites/{site}/signups/export", Access::Operator)
        .about("All signups of a site that match, as a file that is written while it is sent.")
        .notes(
            "Each signup once. A response that breaks off is incomplete. In CSV numbers have no plus, and cells that a spreadsheet would take for a formula begin with an apostrophe. A line of JSON is a `SignupSummary`. It leaves an entry in the audit log.",
        )
        .with(parameters)
        .answers(200, "The signups.", Some(Content::texts("text/csv", &["application/jsonl"])))
        .refuses(&[BadRequest, UnknownSite])
}

pub fn counts() -> Description {
    let about = "Of signups that began within so many days, today included.";
    get("/v1/admin/sites/{site}/counts", Access::Operator)
        .about("How many signups came how far.")
        .with([query("days", about, days())])
        .gives::<SignupCounts>("The counts.")
        .refuses(&[BadRequest, UnknownSite])
}

pub fn transfer_number() -> Description {
    post("/v1/admin/numbers/{number}/transfer", Access::Operator)
        .about("Moves a number to another site.")
        .notes(
            "First reads the account's numbers from Meta, with the customer's token. Repeatable.",
        )
        .takes::<TransferRequest>()
        .gives::<TransferRequest>("The site that owns it now.")
        .refuses(&[
            BadJson,
            NotFound,
            UnknownSite,
            Conflict,
            WabaUnreachable,
            PhoneNotInWaba,
        ])
}

pub fn get_report() -> Description {
    get("/v1/admin/signups/{signup}/report", Access::Operator)
        .about("The readiness report of a connected signup, as it was last read.")
        .gives::<ReadinessReport>("The report.")
        .refuses(&[NotLaunched])
}

pub fn refresh_report() -> Description {
    post("/v1/admin/signups/{signup}/report", Access::Operator)
        .about("Reads the readiness report from Meta again; answers before that is done.")
        .answers(
            202,
            "The report as it was.",
            Some(Content::of::<ReadinessReport>()),
        )
        .refuses(&[NotLaunched, Conflict])
}
