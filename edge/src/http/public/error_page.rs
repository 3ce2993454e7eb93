//! The page for a person who opened a URL that cannot be served, in the language of the page that was requested.

use crate::fetch;
use crate::http::html::{self, BUILD_PATH, locale_file};
use crate::http::incoming::Incoming;
use crate::http::locale::language;
use crate::http::response::HandlerResponse;
use embark_protocol::{Problem, SiteId};

/// The error page for a problem. Its texts come from the widget's locale files. `site`: whose hosted page it offers
/// as the way on; `None`: there is none to offer.
pub async fn error_page(
    problem: &Problem,
    site: Option<&SiteId>,
    incoming: &Incoming<'_>,
) -> HandlerResponse {
    let language = language(incoming);
    let path = [BUILD_PATH, "/", &locale_file(language.tag)].concat();
    let file = fetch::read_asset(incoming.env, &path).await;
    let texts = file.and_then(|file| serde_json::from_slice(&file).ok());
    HandlerResponse::Page(html::error_page(problem, site, language, texts.as_ref()))
}
