//! Where a person came from.

use crate::resources::site_origins::allows_origin;
use crate::web::origin::Origin;
use embark_protocol::admin::SiteSettings;
use url::Url;

/// Whether a page was opened from one of the site's pages or from our own, by the `Referer` header of its request
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-10.1.3>). No other page can claim that in a person's browser; a page
/// may leave it out.
pub fn is_opened_by_site(config: &SiteSettings, own_origin: &str, referrer: &str) -> bool {
    let origin = Url::parse(referrer).ok();
    let origin = origin.and_then(|url| Origin::from_url(&url));
    origin.is_some_and(|origin| {
        origin.as_str() == own_origin || allows_origin(config, origin.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::site::tests::config;

    #[test]
    fn page_is_opened_by_pages_of_the_site_and_our_own_only() {
        let is_opened =
            |referrer| is_opened_by_site(&config(), "https://signup.partner.example", referrer);
        for referrer in [
            "https://shop.example/",
            "https://www.shop.example/settings?a=1",
            "https://signup.partner.example/frame?site=acme",
        ] {
            assert!(is_opened(referrer), "{referrer}");
        }
        for referrer in [
            "",
            "https://evil.example/https://shop.example/",
            "http://shop.example/",
            "https://shop.example.evil.example/",
            "https://shop.example:444/",
            "about:blank",
        ] {
            assert!(!is_opened(referrer), "{referrer}");
        }
    }
}
