//! What the console's pages have in common: head, navigation, and the pieces that they consist of.

use super::session::Session;
use crate::http::admin::access;
use crate::http::html::{BUILD_PATH, Page};
use crate::http::response::HandlerResponse;
use crate::http::security_headers;
use embark_protocol::Problem;
use embark_protocol::secrets::SecretList;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;

const STYLESHEET: &str = include_str!("console.css");

/// The pages of the navigation: path below `/console`, and name.
const NAVIGATION: &[(&str, &str)] = &[
    ("", "Overview"),
    ("/signups", "Signups"),
    ("/accounts", "Accounts"),
    ("/events", "Events"),
    ("/sites", "Sites"),
    ("/apps", "Apps"),
    ("/health", "Health"),
    ("/unclaimed", "Unclaimed"),
    ("/callbacks", "Callbacks"),
    ("/audit", "Audit"),
    ("/operators", "Operators"),
];

/// A page of an operator who is signed in. `path`: that of the navigation which it belongs to.
pub fn page(session: &Session, path: &str, title: &str, content: &Markup) -> HandlerResponse {
    response(200, session, path, title, content)
}

/// The page with a problem, in place of what was asked for.
pub fn problem_page(session: &Session, problem: &Problem) -> HandlerResponse {
    let content = html! {
        (problem_card(problem))
        p { a href="/console" { "Back to the overview" } }
    };
    response(problem.status, session, "none", "Problem", &content)
}

fn response(
    status: u16,
    session: &Session,
    path: &str,
    title: &str,
    content: &Markup,
) -> HandlerResponse {
    let operator = &session.operator;
    let body = html! {
        a.skip href="#main" { "Skip to content" }
        header.top {
            a.brand href="/console" { "Embark" }
            nav aria-label="Console" {
                ul {
                    @for (target, name) in NAVIGATION {
                        li {
                            a href={ "/console" (target) } aria-current=[(*target == path).then_some("page")] { (name) }
                        }
                    }
                }
            }
            form.who method="post" action="/console/sign-out" {
                (csrf(session))
                span { bdi { (operator.name) } " · " (operator.role.as_str()) }
                button.quiet type="submit" { "Sign out" }
            }
        }
        main id="main" {
            h1 { (title) }
            (content)
        }
    };
    document(status, title, &body)
}

/// The page that asks for a token. `problem`: why the request before was refused. `behind_access`: whether Cloudflare Access has
/// let the request through.
pub fn sign_in_page(problem: Option<&Problem>, behind_access: bool) -> HandlerResponse {
    let status = problem.map_or(200, |problem| problem.status);
    let body = html! {
        main.narrow id="main" {
            p.brand { "Embark" }
            h1 { "Sign in" }
            @if let Some(problem) = problem { (problem_card(problem)) }
            form.stack method="post" action="/console/sign-in" {
                label for="token" { "Operator token" }
                input id="token" name="token" type="password" required autocomplete="current-password";
                p.hint { "The token that an owner gave you, or the deployment's " code { "EMBARK_OPERATOR_TOKEN" } "." }
                button type="submit" { "Sign in" }
            }
            @if behind_access {
                p {
                    @if problem.is_none() { a href="/console" { "Go on as who you are at Cloudflare Access" } " · " }
                    a href="/cdn-cgi/access/logout" { "Sign out of Cloudflare Access" }
                }
            }
        }
    };
    document(status, "Sign in", &body)
}

fn document(status: u16, title: &str, body: &Markup) -> HandlerResponse {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · Embark" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                // Its own styles are not in the Content Security Policy, and nothing of the pages needs them.
                meta name="htmx-config" content=r#"{"includeIndicatorCSS":false}"#;
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLESHEET)) }
                script defer src={ (BUILD_PATH) "/htmx.js" } {}
                script defer src={ (BUILD_PATH) "/console.js" } {}
            }
            body { (body) }
        }
    };
    HandlerResponse::Page(Page {
        status,
        headers: security_headers::console_page(STYLESHEET),
        html: document.into_string(),
    })
}

/// The field by which a form shows that it came from a page of the session.
pub fn csrf(session: &Session) -> Markup {
    html! { input type="hidden" name="csrf" value=(session.csrf_token()); }
}

/// A form of one button.
pub fn button(session: &Session, action: &str, name: &str) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (csrf(session))
            button type="submit" { (name) }
        }
    }
}

/// The form of a list that adds to it. `what`: one of the list, as `app`.
pub fn add_form(session: &Session, action: &str, what: &str, fields: &Markup) -> Markup {
    html! {
        section.card {
            h2 { "New " (what) }
            form.stack method="post" action=(action) {
                (csrf(session))
                (fields)
                button type="submit" { "Add the " (what) }
            }
        }
    }
}

/// A table, which scrolls by itself where it is wider than the page. `head`: the cells of its head.
pub fn table(head: &Markup, rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table {
                thead { tr { (head) } }
                tbody { (rows) }
            }
        }
    }
}

/// Whether the operator may change things.
pub fn may_change(session: &Session) -> bool {
    access::may_change(&session.operator)
}

/// What went wrong, and who must act.
pub fn problem_card(problem: &Problem) -> Markup {
    html! {
        section.card.bad role="alert" {
            p { strong { (problem.title) "." } }
            @if let Some(detail) = &problem.detail { p { (detail) } }
            @if !problem.errors.is_empty() {
                ul {
                    @for error in &problem.errors { li { code { (error.field) } ": " (error.detail) } }
                }
            }
            p.hint {
                code { (problem.code.as_str()) } " · who must act: " (problem.remedy.as_str())
                @if let Some(code) = &problem.meta_code { " · Meta’s code " (code) }
                @if let Some(trace) = &problem.fbtrace_id { " · trace " code { (trace) } }
            }
        }
    }
}

/// Something that was done.
pub fn notice(text: &str) -> Markup {
    html! { p.card.good role="status" { (text) } }
}

/// Which secrets are stored. None of them is ever shown.
pub fn secret_table(list: &SecretList) -> Markup {
    html! {
        @if list.secrets.is_empty() { p.hint { "None is stored." } }
        @else {
            (table(&html! { th { "Name" } th { "Stored" } th { "Last set (UTC)" } }, &html! {
                @for secret in &list.secrets {
                    tr {
                        td { code { (secret.name) } }
                        td { (status(if secret.stored { "yes" } else { "no" })) }
                        td { (optional_time(secret.set_at)) }
                    }
                }
            }))
        }
    }
}

/// A value that is shown once.
pub fn shown_once(what: &str, value: &str) -> Markup {
    html! {
        section.card.good role="status" {
            p { strong { (what) } }
            p { code.secret { (value) } }
            p.hint { "Copy it now: it is not shown again." }
        }
    }
}

/// A moment.
pub fn time(unix_millis: u64) -> Markup {
    let iso = iso(unix_millis);
    let shown = iso.get(..16).unwrap_or_default().replace('T', " ");
    html! { time datetime=(iso) { (shown) } }
}

/// A moment, with its seconds.
pub fn exact_time(unix_millis: u64) -> Markup {
    let iso = iso(unix_millis);
    let shown = iso.get(..19).unwrap_or_default().replace('T', " ");
    html! { time datetime=(iso) { (shown) } }
}

/// A moment that may be unknown.
pub fn optional_time(unix_millis: Option<u64>) -> Markup {
    html! { @match unix_millis { Some(at) => (time(at)), None => "–" } }
}

fn iso(unix_millis: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are exact in a double"
    )]
    let date = js_sys::Date::new(&(unix_millis as f64).into());
    // A time that is no date has no text.
    if date.get_time().is_nan() {
        return String::new();
    }
    date.to_iso_string().into()
}

/// A day, counted from 1970-01-01.
pub fn date(day: u32) -> String {
    let iso = iso(u64::from(day) * 86_400_000);
    iso.get(..10).unwrap_or_default().to_owned()
}

/// How long, as people say it.
pub fn duration(seconds: u32) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A value in words, as its name on the wire has them: the heading of a check.
pub fn heading(value: &impl Serialize) -> String {
    let name = wire_name(value).replace('_', " ");
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A value as it is on the wire; empty if that has no name.
pub fn wire_name(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    let name = value.as_ref().and_then(|value| value.as_str());
    name.unwrap_or_default().to_owned()
}

/// The status of a signup, coloured.
pub fn status(name: &str) -> Markup {
    let kind = match name {
        "connected"
        | "connected_without_number"
        | "delivered"
        | "done"
        | "checked"
        | "ok"
        | "yes" => "good",
        "failed" | "dead" | "problem" | "to_do" => "bad",
        "abandoned" => "muted",
        "needs_input" | "relaunch" | "pending" | "attention" | "unmatched" => "warn",
        _ => "plain",
    };
    html! { span class={ "badge " (kind) } { (name.replace('_', " ")) } }
}
