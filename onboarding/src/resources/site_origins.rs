//! The origins of a site.

use crate::web::origin::Origin;
use embark_protocol::admin::SiteSettings;

/// Whether text is exactly one of the site's origins.
pub fn allows_origin(config: &SiteSettings, page_origin: &str) -> bool {
    Origin::parse(page_origin)
        .is_some_and(|origin| config.origins.iter().any(|own| own == origin.as_str()))
}
