//! The page for a person who opened a URL that cannot be served, in the language of the page that was requested.

use crate::http::html;
use crate::http::incoming::Incoming;
use crate::http::locale::language;
use crate::http::response::HandlerResponse;
use crate::http::texts;
use embark_onboarding::web::locale::Language;
use embark_onboarding::web::messages::Messages;
use embark_protocol::{Problem, SiteId};

/// The error page for a problem. Its texts come from the widget's locale files; where they cannot be read, it is in English.
/// `site`: the page has a link to the hosted page of this site, where the person can begin again. `None`: it has no link,
/// because which site was meant is not known.
pub async fn error_page(
    problem: &Problem,
    site: Option<&SiteId>,
    incoming: &Incoming<'_>,
) -> HandlerResponse {
    let (language, texts) = words(problem, incoming).await;
    HandlerResponse::Page(html::error_page(problem, site, language, texts.as_ref()))
}

/// The error page in the frame of a customer's page.
pub async fn refused_frame(problem: &Problem, incoming: &Incoming<'_>) -> HandlerResponse {
    let (language, texts) = words(problem, incoming).await;
    HandlerResponse::Page(html::refused_frame(problem, language, texts.as_ref()))
}

async fn words(
    problem: &Problem,
    incoming: &Incoming<'_>,
) -> (&'static Language, Option<Messages>) {
    incoming.trace.set_problem(problem.code);
    let language = language(incoming);
    let texts = texts::read_or_english(incoming.env, language).await;
    (language, texts)
}
