//! A launch document with what the page around it needs.

use embark_onboarding::web::origin::Origin;
use embark_protocol::launch::LaunchDocument;

/// A launch document, and what the page around it needs.
pub struct Launch {
    /// The document.
    pub document: LaunchDocument,
    /// Who may frame the page: a source list of `frame-ancestors`.
    pub frame_ancestors: String,
    /// The origin of the site's logo. `None`: it has none, or the page does not show it.
    pub logo_origin: Option<Origin>,
}
