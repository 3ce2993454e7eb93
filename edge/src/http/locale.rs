//! The language of a page.

use super::incoming::Incoming;
use embark_onboarding::web::locale::{self, Language};

/// The language that a page is requested in: by its tag (`lang` in the query), else by the browser.
pub fn language(incoming: &Incoming<'_>) -> &'static Language {
    let lang = incoming.query("lang");
    let accepted = incoming.header("accept-language");
    locale::negotiate(lang.as_deref(), accepted.as_deref())
}
