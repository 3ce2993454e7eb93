//! Query parameters of lists.

use super::incoming::Incoming;
use embark_onboarding::resources::backend::{EventFilter, SignupCursor};
use embark_onboarding::resources::backup::{Position, is_backup_id};
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_onboarding::resources::signup_export::ExportFormat;
use embark_onboarding::resources::signup_search::SearchTerm;
use embark_onboarding::web::request_url;
use embark_protocol::backend::SignupFilter;
use embark_protocol::user_callbacks::UserCallbackStatus;
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, SignupStatus, SiteId, WabaId};

/// Which signups, after which one: `status=…&reference=…&waba_id=…&phone_number_id=…&search=…&changed_before=…&after=…`.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn signup_page(
    incoming: &Incoming<'_>,
) -> Result<(SignupFilter, Option<SignupCursor>), Problem> {
    known(incoming, &[FILTERS, &["after", "limit"]].concat())?;
    let after = optional(incoming, "after", SignupCursor::parse).map_err(bad_cursor)?;
    Ok((signup_filter(incoming)?, after))
}

fn signup_filter(incoming: &Incoming<'_>) -> Result<SignupFilter, Problem> {
    let status = optional(incoming, "status", status);
    Ok(SignupFilter {
        status: status.map_err(|()| bad_status())?,
        reference: incoming.query("reference"),
        waba_id: optional(incoming, "waba_id", |text| WabaId::parse(text).ok())
            .map_err(|()| bad("waba_id: 5 to 20 digits"))?,
        phone_number_id: optional(incoming, "phone_number_id", |text| {
            PhoneNumberId::parse(text).ok()
        })
        .map_err(|()| bad("phone_number_id: 5 to 20 digits"))?,
        search: incoming.query("search").map(search).transpose()?,
        changed_before: optional(incoming, "changed_before", |text| text.parse().ok())
            .map_err(|()| bad("changed_before: Unix milliseconds"))?,
    })
}

/// Which signups are exported, and how: `format=…` (`csv`), and the filters of [`signup_page`].
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn signup_export(incoming: &Incoming<'_>) -> Result<(SignupFilter, ExportFormat), Problem> {
    known(incoming, &[FILTERS, &["format"]].concat())?;
    let format = optional(incoming, "format", ExportFormat::parse);
    let format = format.map_err(|()| bad("format: csv or jsonl"))?;
    let format = format.unwrap_or(ExportFormat::Csv);
    Ok((signup_filter(incoming)?, format))
}

/// What the console's list of signups is asked for: `status=…&search=…&after=…`. Fields that a form left empty filter nothing.
pub struct SignupSearch {
    /// Which of its signups.
    pub filter: SignupFilter,
    /// Where the page before ended.
    pub after: Option<SignupCursor>,
}

/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn signup_search(incoming: &Incoming<'_>) -> Result<SignupSearch, Problem> {
    let given = |name: &str| incoming.query(name).filter(|text| !text.is_empty());
    let status = given("status")
        .map(|text| status(&text).ok_or_else(bad_status))
        .transpose()?;
    let after = given("after").map(|text| SignupCursor::parse(&text).ok_or(()));
    Ok(SignupSearch {
        filter: SignupFilter {
            status,
            search: given("search").map(search).transpose()?,
            ..SignupFilter::default()
        },
        after: after.transpose().map_err(bad_cursor)?,
    })
}

/// Which events: `after=…&delivery=dead&order=newest`.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn event_page(incoming: &Incoming<'_>) -> Result<EventFilter, Problem> {
    known(incoming, &["after", "delivery", "order", "limit"])?;
    let after = optional(incoming, "after", |text| text.parse().ok());
    let dead = optional(incoming, "delivery", |text| (text == "dead").then_some(()));
    let newest = optional(incoming, "order", |text| (text == "newest").then_some(()));
    let filter = EventFilter {
        after: after.map_err(bad_cursor)?.unwrap_or_default(),
        dead: dead.map_err(|()| bad("delivery: dead"))?.is_some(),
        newest_first: newest.map_err(|()| bad("order: newest"))?.is_some(),
    };
    if filter.newest_first && incoming.query("after").is_some() {
        return Err(bad("order=newest takes no after: go on with after alone"));
    }
    Ok(filter)
}

/// The account that a page of accounts comes after: `after=…`. `None`: the first page.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn account_page(incoming: &Incoming<'_>) -> Result<Option<WabaId>, Problem> {
    known(incoming, &["after", "limit"])?;
    optional(incoming, "after", |text| WabaId::parse(text).ok()).map_err(bad_cursor)
}

/// The site that a page of sites comes after: `after=…`. `None`: the first page.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn site_page(incoming: &Incoming<'_>) -> Result<Option<SiteId>, Problem> {
    known(incoming, &["after"])?;
    optional(incoming, "after", |text| SiteId::parse(text).ok()).map_err(bad_cursor)
}

/// The entry of the audit log that a page comes after: `after=…`. `None`: the first page.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn audit_page(incoming: &Incoming<'_>) -> Result<Option<u64>, Problem> {
    known(incoming, &["after", "limit"])?;
    optional(incoming, "after", |text| text.parse().ok()).map_err(bad_cursor)
}

/// The id of a backup, and where its next page begins: `backup=…&after=…`.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape, or without `backup`.
pub fn backup_page(incoming: &Incoming<'_>) -> Result<(String, Position), Problem> {
    known(incoming, &["backup", "after"])?;
    let backup = incoming.query("backup").filter(|id| is_backup_id(id));
    let backup = backup.ok_or_else(|| bad("backup: the id of a backup that was begun"))?;
    let after = optional(incoming, "after", Position::parse).map_err(bad_cursor)?;
    Ok((backup, after.unwrap_or(Position::START)))
}

/// The row that a page of a list by time comes after: `after=…`. `None`: the first page.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn list_page(incoming: &Incoming<'_>) -> Result<Option<ListCursor>, Problem> {
    known(incoming, &["after", "limit"])?;
    optional(incoming, "after", ListCursor::parse).map_err(bad_cursor)
}

/// Which callbacks about people, after which one: `status=…&after=…`.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn callback_page(
    incoming: &Incoming<'_>,
) -> Result<(Option<UserCallbackStatus>, Option<ListCursor>), Problem> {
    known(incoming, &["status", "after", "limit"])?;
    let status = optional(incoming, "status", UserCallbackStatus::parse);
    let after = optional(incoming, "after", ListCursor::parse);
    Ok((
        status.map_err(|()| bad("status: working, done or unmatched"))?,
        after.map_err(bad_cursor)?,
    ))
}

/// How many days counts are of: `days=…`; 30 if it is absent.
///
/// # Errors
/// `bad_request`: it is not a number from 1 to 400.
pub fn days(incoming: &Incoming<'_>) -> Result<u32, Problem> {
    known(incoming, &["days"])?;
    let days = optional(incoming, "days", |text| {
        text.parse().ok().filter(|days| (1..=400).contains(days))
    });
    let days = days.map_err(|()| bad("days: a number from 1 to 400"))?;
    Ok(days.unwrap_or(DEFAULT_DAYS))
}

/// The parameter `limit`; 100 if it is absent.
///
/// # Errors
/// `bad_request`: it is not a number from 1 to 500.
pub fn limit(incoming: &Incoming<'_>) -> Result<u32, Problem> {
    let is_allowed = |limit: &u32| (1..=MAX_LIMIT).contains(limit);
    let limit = optional(incoming, "limit", |text| {
        text.parse().ok().filter(is_allowed)
    });
    let limit = limit.map_err(|()| bad("limit: a number from 1 to 500"))?;
    Ok(limit.unwrap_or(DEFAULT_LIMIT))
}

/// A parameter that may be absent.
///
/// # Errors
/// It is there, and `parse` does not take it.
fn optional<T>(
    incoming: &Incoming<'_>,
    name: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ()> {
    match incoming.query(name) {
        Some(text) => parse(&text).map(Some).ok_or(()),
        None => Ok(None),
    }
}

/// Refuses a parameter that the list does not have: a filter whose name is misspelt would let everything through.
fn known(incoming: &Incoming<'_>, names: &[&str]) -> Result<(), Problem> {
    let url = incoming.url();
    let query = request_url::query_string(&url);
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    match parameters.find(|(name, _)| !names.contains(&&**name)) {
        Some((name, _)) => {
            let name: String = name.chars().take(40).collect();
            Err(bad(&[
                &name,
                ": there is no such parameter; ",
                &names.join(", "),
            ]
            .concat()))
        }
        None => Ok(()),
    }
}

fn status(text: &str) -> Option<SignupStatus> {
    let mut all = SignupStatus::ALL.into_iter();
    all.find(|status| status.as_str() == text)
}

/// What is searched for, if it can be.
fn search(text: String) -> Result<String, Problem> {
    match SearchTerm::parse(&text) {
        Some(_) => Ok(text),
        None => Err(bad("search: 2 to 100 characters")),
    }
}

fn bad_status() -> Problem {
    bad(
        "status: launched, running, waiting, needs_input, connected, connected_without_number, relaunch, failed or abandoned",
    )
}

fn bad_cursor((): ()) -> Problem {
    bad("after: the field next of the page before")
}

fn bad(detail: &str) -> Problem {
    Problem::new(ProblemCode::BadRequest).with_detail(detail)
}

/// The parameters of [`SignupFilter`].
const FILTERS: &[&str] = &[
    "status",
    "reference",
    "waba_id",
    "phone_number_id",
    "search",
    "changed_before",
];
const DEFAULT_DAYS: u32 = 30;
const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;
