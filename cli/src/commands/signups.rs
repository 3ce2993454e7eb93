//! `signups` and `signup`: the signups of a site.

use super::signup_pages::{Filter, MAX_LIMIT, Pages};
use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::pages::Cursors;
use crate::progress::Progress;
use crate::table::{rfc3339, table};
use crate::visible::visible;
use crate::worker::{Worker, id};
use anyhow::Result;
use clap::{Args, Subcommand};
use embark_protocol::id::{SignupId, SiteId};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Args)]
pub struct ListSignups {
    /// Of this site; without it, of all sites
    #[arg(value_parser = id(SiteId::parse))]
    site: Option<SiteId>,
    #[command(flatten)]
    filter: Filter,
    /// How many of them, at most 500
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LIMIT)), conflicts_with = "all")]
    limit: u32,
    /// Those behind this one: `next` of the page before
    #[arg(long, value_name = "CURSOR", conflicts_with = "all")]
    after: Option<String>,
    /// All of them, page by page
    #[arg(long)]
    all: bool,
}

#[derive(Subcommand)]
pub enum SignupsTask {
    /// Ends a signup that has not ended, for good. A call to Meta that is under way is not broken off
    #[command(after_help = CANCEL_EXAMPLES)]
    Cancel(ShowSignup),
    /// Has a signup tried again now: one that waits, or one that has failed, from the step that failed. A wait that Meta named is
    /// not cut short
    #[command(after_help = RETRY_EXAMPLES)]
    Retry(ShowSignup),
}

#[derive(Args)]
pub struct ShowSignup {
    /// The site, by its key
    #[arg(value_parser = id(SiteId::parse))]
    site: SiteId,
    /// The signup, as `signups` lists it
    #[arg(value_parser = id(SignupId::parse))]
    signup: SignupId,
}

impl ShowSignup {
    fn path(&self) -> AdminPath {
        AdminPath::new("sites")
            .join(&self.site)
            .join("signups")
            .join(&self.signup)
    }
}

/// Lists signups, or does something with one of them.
///
/// # Errors
/// When the Worker refuses.
pub fn run(
    list_args: &ListSignups,
    task: Option<SignupsTask>,
    worker: &Worker<'_>,
) -> Result<Answer> {
    match task {
        Some(SignupsTask::Cancel(args)) => cancel(&args, worker),
        Some(SignupsTask::Retry(args)) => retry(&args, worker),
        None => list(list_args, worker),
    }
}

fn cancel(args: &ShowSignup, worker: &Worker<'_>) -> Result<Answer> {
    let document = worker.post(args.path().join("cancel"), &json!({}))?;
    let text = match document["status"].as_str().unwrap_or_default() {
        "failed" => "cancelled: nothing more is called at Meta".to_owned(),
        "connected" | "connected_without_number" => {
            "too late: the call that was under way has connected it".to_owned()
        }
        status => format!(
            "{}: a call is under way, and the signup ends when that has",
            visible(status)
        ),
    };
    Ok(Answer::new(document, text))
}

fn retry(args: &ShowSignup, worker: &Worker<'_>) -> Result<Answer> {
    let document = worker.post(args.path().join("retry"), &json!({}))?;
    let text = describe_retry(&document);
    Ok(Answer::new(document, text))
}

fn describe_retry(retry: &Value) -> String {
    let status = visible(&text(&retry["status"])).replace('_', " ");
    let problem = &retry["problem"];
    let mut text = match retry["waits_until"].is_null() {
        true => status,
        false => format!("{status} until {}", rfc3339(&retry["waits_until"])),
    };
    for part in [&problem["title"], &problem["detail"]] {
        if let Some(part) = part.as_str() {
            text.push_str(": ");
            text.push_str(&visible(part));
        }
    }
    text
}

/// Lists signups.
fn list(args: &ListSignups, worker: &Worker<'_>) -> Result<Answer> {
    if args.all {
        return list_all(args, worker);
    }
    let pages = Pages::new(worker, args.site.as_ref(), &args.filter, args.limit);
    let page = pages.read(args.after.as_deref())?;
    let (text, missing) = (describe(page.signups()), page.missing_sites());
    let answer = with_missing(Answer::new(page.document, text), &missing);
    Ok(match page.next {
        Some(next) => answer.with_note(format!(
            "there are more: --after {}, or --all",
            visible(&next)
        )),
        None => answer,
    })
}

fn list_all(args: &ListSignups, worker: &Worker<'_>) -> Result<Answer> {
    let pages = Pages::new(worker, args.site.as_ref(), &args.filter, MAX_LIMIT);
    let mut signups: Vec<Value> = Vec::new();
    let mut missing = BTreeSet::new();
    let mut cursors = Cursors::default();
    let mut after = None;
    let progress = Progress::count("signups")?;
    loop {
        let page = pages.read(after.as_deref())?;
        progress.add(page.signups().len());
        signups.extend_from_slice(page.signups());
        missing.extend(page.missing_sites());
        if cursors.next(page.next.as_deref())?.is_none() {
            break;
        }
        after = page.next;
    }
    let text = describe(&signups);
    let document = json!({ "signups": signups, "missing_sites": missing });
    let missing: Vec<_> = missing.into_iter().collect();
    Ok(with_missing(Answer::new(document, text), &missing))
}

fn with_missing(answer: Answer, sites: &[String]) -> Answer {
    match sites {
        [] => answer,
        _ => answer.with_note(format!(
            "not included, as they did not reply: {}",
            visible(&sites.join(", "))
        )),
    }
}

/// Prints one signup.
///
/// # Errors
/// When the Worker refuses.
pub fn show(args: &ShowSignup, worker: &Worker<'_>) -> Result<Answer> {
    Ok(Answer::document(worker.get(args.path())?))
}

/// With the column `site` where the signups are of several.
fn describe(signups: &[Value]) -> String {
    let head = [
        "signup",
        "changed",
        "status",
        "reference",
        "number",
        "reason",
    ];
    let rows: Vec<_> = signups.iter().map(row).collect();
    if signups.iter().all(|signup| signup["site"].is_null()) {
        return table(head, &rows);
    }
    let with_site =
        |site: String, [id, changed, status, reference, number, reason]: [String; 6]| {
            [site, id, changed, status, reference, number, reason]
        };
    let rows: Vec<_> = signups
        .iter()
        .zip(rows)
        .map(|(signup, row)| with_site(text(&signup["site"]), row))
        .collect();
    table(
        with_site("site".to_owned(), head.map(str::to_owned))
            .each_ref()
            .map(String::as_str),
        &rows,
    )
}

fn row(signup: &Value) -> [String; 6] {
    let connected = &signup["connected"];
    [
        text(&signup["id"]),
        rfc3339(&signup["changed_at"]),
        text(&signup["status"]),
        text(&signup["reference"]["id"]),
        text(&connected["display_phone_number"]),
        text(&signup["reason"]),
    ]
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub const LIST_EXAMPLES: &str = "Examples:
  embark signups --search Lucky
  embark signups acme
  embark signups acme --status needs_input
  embark signups acme --reference customer-7 --json
  embark signups acme --search Lucky
  embark signups acme --all --json > signups.json";

pub const CANCEL_EXAMPLES: &str = "Examples:
  embark signups cancel acme 0123456789abcdef0123456789abcdef";

pub const RETRY_EXAMPLES: &str = "Examples:
  embark signups retry acme 0123456789abcdef0123456789abcdef";

pub const SHOW_EXAMPLES: &str = "Examples:
  embark signup acme 0123456789abcdef0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signup_with_a_status_of_a_newer_worker_is_listed() {
        let signups = [json!({
            "id": "s", "status": "resting", "started_at": 0, "changed_at": 1_700_000_000_000_u64,
            "reference": {"id": "customer-7", "verified": true},
            "connected": {"display_phone_number": "+49 30 1234"},
        })];
        assert_eq!(
            describe(&signups),
            "signup  changed               status   reference   number       reason\n\
             s       2023-11-14T22:13:20Z  resting  customer-7  +49 30 1234"
        );
    }

    #[test]
    fn retry_says_where_the_signup_stands_and_until_when_it_waits() {
        let waits = json!({
            "signup": "s", "status": "waiting", "waits_until": 1_700_000_000_000_u64,
            "problem": {"code": "meta_unavailable", "title": "Meta does not answer at the moment"},
        });
        assert_eq!(
            describe_retry(&waits),
            "waiting until 2023-11-14T22:13:20Z: Meta does not answer at the moment"
        );
        let asks = json!({"signup": "s", "status": "needs_input"});
        assert_eq!(describe_retry(&asks), "needs input");
    }
}
