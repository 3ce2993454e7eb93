//! Meta apps, their webhooks, and what Meta calls about them.

use crate::content::Content;
use crate::description::{Access, Description, get, patch, post, put};
use crate::parameters::{after_row, limit, one_of, query};
use embark_protocol::ProblemCode::{
    AppMisconfigured, BadJson, BadRequest, MetaRefused, MetaUnavailable, NotFound, UnknownSite,
};
use embark_protocol::admin::{
    AppSettings, AppWebhook, AssignRequest, AssignResponse, SecretValue, UnclaimedPage,
};
use embark_protocol::checklist::{Checklist, ChecklistMark};
use embark_protocol::doctor::DoctorReport;
use embark_protocol::quota::QuotaStatus;
use embark_protocol::secrets::SecretList;
use embark_protocol::user_callbacks::{UserCallback, UserCallbackPage, UserCallbackStatus};
use embark_protocol::webhook_setup::AppWebhookStatus;

pub fn list() -> Description {
    get("/v1/admin/apps", Access::Operator)
        .about("The settings of all apps, without secrets.")
        .answers(200, "The apps.", Some(Content::list_of::<AppSettings>()))
}

pub fn get_app() -> Description {
    get("/v1/admin/apps/{app}", Access::Operator)
        .about("The settings of an app, without secrets.")
        .gives::<AppSettings>("The settings.")
        .refuses(&[NotFound])
}

pub fn put_app() -> Description {
    stored(put("/v1/admin/apps/{app}", Access::Operator))
        .about("Adds or replaces an app.")
        .takes::<AppSettings>()
}

pub fn patch_app() -> Description {
    stored(patch("/v1/admin/apps/{app}", Access::Operator))
        .about("Adds an app, or changes the settings that the patch names.")
        .takes_content(Content::patch_of::<AppSettings>())
}

/// Settings that KV has a copy of.
fn stored(description: Description) -> Description {
    let settings = || Some(Content::of::<AppSettings>());
    description
        .answers(200, "The settings, stored.", settings())
        .answers(202, COPY_FOLLOWS, settings())
        .refuses(&[BadJson, BadRequest])
        .replaces_version()
}

pub fn quota() -> Description {
    get("/v1/admin/apps/{app}/quota", Access::Operator)
        .about("How many new businesses the app took on in the last seven days.")
        .gives::<QuotaStatus>("The quota.")
        .refuses(&[NotFound])
}

pub fn solution_quota() -> Description {
    get("/v1/admin/solutions/{solution}/quota", Access::Operator)
        .about(
            "How many new businesses connected through a partner solution in the last seven days.",
        )
        .notes("A solution that this deployment does not know is answered with none.")
        .gives::<QuotaStatus>("The quota.")
}

pub fn check() -> Description {
    doctor(get("/v1/admin/apps/{app}/doctor", Access::Operator))
        .about("Checks what usually goes wrong with an app, before a customer meets it.")
        .refuses(&[NotFound])
}

pub fn get_checklist() -> Description {
    get("/v1/admin/apps/{app}/checklist", Access::Operator)
        .about("The partner's own way to the first live customer, step by step.")
        .notes("Checks the app as the doctor does: it takes some seconds.")
        .gives::<Checklist>("The steps.")
        .refuses(&[NotFound])
}

pub fn mark_step() -> Description {
    put("/v1/admin/apps/{app}/checklist/{step}", Access::Operator)
        .about("Marks a step of the checklist as done, or takes the mark back.")
        .notes("A step that the doctor reads is as the doctor finds it.")
        .takes::<ChecklistMark>()
        .answers(204, "It is marked.", None)
        .refuses(&[NotFound, BadJson])
}

/// The report of the doctor.
pub fn doctor(description: Description) -> Description {
    description
        .notes("Everything is read anew from Meta, the providers and the website: it takes some seconds. What cannot be read is `unknown`, and its finding has the reason.")
        .gives::<DoctorReport>("The checks.")
}

pub fn get_webhook() -> Description {
    at_meta(get("/v1/admin/apps/{app}/webhook", Access::Operator))
        .about("The app's webhook at Meta, compared with what it should be.")
}

pub fn put_webhook() -> Description {
    at_meta(put("/v1/admin/apps/{app}/webhook", Access::Operator))
        .about("Sets callback URL and fields at Meta, and reads them back.")
        .notes(
            "Meta verifies the URL before it responds. Fields that were set for other purposes are kept. Repeatable.",
        )
}

fn at_meta(description: Description) -> Description {
    description
        .gives::<AppWebhookStatus>("What Meta has, and what differs.")
        .refuses(&[NotFound, AppMisconfigured, MetaRefused, MetaUnavailable])
}

pub fn create_webhook() -> Description {
    post("/v1/admin/apps/{app}/webhook", Access::Operator)
        .about("Creates a verify token, in place of the one before.")
        .gives::<AppWebhook>("Callback URL and verify token, which is shown here only.")
        .refuses(&[NotFound])
}

pub fn put_secret() -> Description {
    secret(put(
        "/v1/admin/secrets/app/{app}/{app_secret}",
        Access::Operator,
    ))
    .about("Stores a secret of an app.")
}

pub fn list_secrets() -> Description {
    secrets(get("/v1/admin/secrets/app/{app}", Access::Operator))
        .about("Which of the secrets that an app may have are stored.")
        .refuses(&[NotFound])
}

/// Which secrets of apps and sites are stored.
pub fn secrets(description: Description) -> Description {
    description
        .notes("Names and times; no route returns a value.")
        .gives::<SecretList>("The secrets.")
}

/// Secrets of apps and sites.
pub fn secret(description: Description) -> Description {
    description
        .notes("No route returns it.")
        .takes::<SecretValue>()
        .answers(204, "It is stored.", None)
        .answers(202, COPY_FOLLOWS, Some(Content::object()))
        .refuses(&[NotFound, BadJson, BadRequest])
}

pub fn list_unclaimed() -> Description {
    get("/v1/admin/unclaimed", Access::Operator)
        .about("Accounts that no site owns and that Meta's webhooks said something of, the newest of the list first.")
        .with([after_row(), limit()])
        .gives::<UnclaimedPage>("A page.")
        .refuses(&[BadRequest])
}

pub fn assign_unclaimed() -> Description {
    post("/v1/admin/unclaimed/{waba}/assign", Access::Operator)
        .about("Signs an account that nobody owns up for a site.")
        .takes::<AssignRequest>()
        .gives::<AssignResponse>("The signup that was started.")
        .refuses(&[BadJson, UnknownSite, NotFound])
}

pub fn list_user_callbacks() -> Description {
    get("/v1/admin/callbacks", Access::Operator)
        .about("Meta's callbacks about people, the newest first.")
        .notes("Those with the status `unmatched` wait for an operator.")
        .with([
            query(
                "status",
                "Only those with this status.",
                one_of(&UserCallbackStatus::ALL.map(UserCallbackStatus::as_str)),
            ),
            after_row(),
            limit(),
        ])
        .gives::<UserCallbackPage>("A page.")
        .refuses(&[BadRequest])
}

pub fn close_user_callback() -> Description {
    post("/v1/admin/callbacks/{code}", Access::Operator)
        .about("Says that a deletion without a match is done. Repeatable.")
        .gives::<UserCallback>("The callback.")
        .refuses(&[NotFound])
}

/// When an answer is 202.
pub const COPY_FOLLOWS: &str = "Stored; pages are served with it within minutes.";
