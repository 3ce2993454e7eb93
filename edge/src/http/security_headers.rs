//! The security headers of pages: Content Security Policy
//! (<https://www.w3.org/TR/CSP3/>), referrer, opener and embedder.

use super::launch::Launch;
use crate::config::MetaOrigins;
use embark_onboarding::web::origin::Origin;
use embark_protocol::launch::LaunchMode;

/// Headers with their values.
pub type PageHeaders = Vec<(&'static str, String)>;

/// Of the page with the widget. It loads our own files and Meta's SDK, talks to our origin and to Meta, and is
/// framed by the pages that the site lists only. `style_hash`: of the one style sheet that it may contain.
pub fn widget_page(page: &Launch, meta: &MetaOrigins, style_hash: Option<&str>) -> PageHeaders {
    let sources = PageSources {
        logo: page.logo_origin.as_ref().map(Origin::as_str),
        style_hash,
    };
    widget_policy(&page.frame_ancestors, sources, meta, page.document.mode)
}

/// What a page may load besides its own files. `None`: nothing more.
#[derive(Default)]
struct PageSources<'a> {
    /// The origin of the site's logo.
    logo: Option<&'a str>,
    /// The source expression of the one style sheet in the page.
    style_hash: Option<&'a str>,
}

fn widget_policy(
    frame_ancestors: &str,
    sources: PageSources<'_>,
    meta: &MetaOrigins,
    mode: LaunchMode,
) -> PageHeaders {
    let (sdk, popups) = (&meta.sdk, meta.popups.join(" "));
    let styles = sources
        .style_hash
        .map_or("'self'".to_owned(), |hash| ["'self' ", hash].concat());
    let base = base_policy(frame_ancestors);
    let logo = sources
        .logo
        .map(|origin| [" ", origin].concat())
        .unwrap_or_default();
    let policy = format!(
        "{base}; script-src 'self' 'wasm-unsafe-eval' {sdk}; style-src {styles}; img-src 'self' data: {popups}{logo}; \
         connect-src 'self' {sdk} {popups}; frame-src https://staticxx.facebook.com {popups}"
    );
    let mut headers = with_policy(policy);
    if mode == LaunchMode::Page {
        // `same-origin` would cut the connection to Meta's popup.
        let opener = "same-origin-allow-popups".to_owned();
        headers.push(("cross-origin-opener-policy", opener));
    }
    headers
}

/// Of the error page. It loads nothing, and any page may frame it: it shows nothing but the error, which the site's
/// operator should be able to see.
pub fn error_page() -> PageHeaders {
    with_policy(base_policy("*"))
}

fn base_policy(frame_ancestors: &str) -> String {
    format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {frame_ancestors}"
    )
}

fn with_policy(policy: String) -> PageHeaders {
    vec![
        ("content-security-policy", policy),
        // Meta's SDK needs the page's origin; the path may be private.
        (
            "referrer-policy",
            "strict-origin-when-cross-origin".to_owned(),
        ),
        ("cross-origin-resource-policy", "cross-origin".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_names_meta_and_the_embedding_page() {
        let meta = MetaOrigins {
            graph: "https://graph.example".to_owned(),
            sdk: "https://sdk.example".to_owned(),
            popups: vec![
                "https://a.example".to_owned(),
                "https://b.example".to_owned(),
            ],
        };
        let ancestors = "https://shop.example https://admin.example";
        let headers = widget_policy(ancestors, PageSources::default(), &meta, LaunchMode::Frame);
        let policy = &headers[0].1;
        assert_eq!(
            policy,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors https://shop.example https://admin.example; \
             script-src 'self' 'wasm-unsafe-eval' https://sdk.example; style-src 'self'; \
             img-src 'self' data: https://a.example https://b.example; \
             connect-src 'self' https://sdk.example https://a.example https://b.example; \
             frame-src https://staticxx.facebook.com https://a.example https://b.example"
        );
        let sources = PageSources {
            logo: Some("https://cdn.example"),
            style_hash: Some("'sha256-abc='"),
        };
        let headers = widget_policy("'none'", sources, &meta, LaunchMode::Page);
        let images =
            "img-src 'self' data: https://a.example https://b.example https://cdn.example;";
        assert!(headers[0].1.contains(images), "{}", headers[0].1);
        let styles = "style-src 'self' 'sha256-abc=';";
        assert!(headers[0].1.contains(styles), "{}", headers[0].1);
    }
}
