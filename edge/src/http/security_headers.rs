//! The security headers of pages: Content Security Policy
//! (<https://www.w3.org/TR/CSP3/>), referrer, opener and embedder.

use super::launch::Launch;
use crate::config::MetaOrigins;
use base64ct::{Base64, Encoding};
use embark_onboarding::web::origin::Origin;
use embark_protocol::launch::LaunchMode;
use sha2::{Digest, Sha256};

/// Headers with their values.
pub type PageHeaders = Vec<(&'static str, String)>;

/// Of the page with the widget. It loads our own files and Meta's SDK, talks to our origin and to Meta, and is
/// framed by the pages that the site lists only. `styles`: its one style sheet.
pub fn widget_page(page: &Launch, meta: &MetaOrigins, styles: &str) -> PageHeaders {
    let sources = PageSources {
        logo: page.logo_origin.as_ref().map(Origin::as_str),
        styles,
    };
    widget_policy(&page.frame_ancestors, &sources, meta, page.document.mode)
}

/// What a page may contain and load besides its own files.
struct PageSources<'a> {
    /// The origin of the site's logo. `None`: it has none.
    logo: Option<&'a str>,
    /// The one style sheet in the page.
    styles: &'a str,
}

impl PageSources<'_> {
    fn style_hash(&self) -> String {
        hash_source(self.styles)
    }
}

/// The source expression that lets a policy accept a style sheet or script in the page, and no other
/// (<https://www.w3.org/TR/CSP3/#grammardef-hash-source>).
fn hash_source(text: &str) -> String {
    let hash = Base64::encode_string(&Sha256::digest(text));
    ["'sha256-", &hash, "'"].concat()
}

fn widget_policy(
    frame_ancestors: &str,
    sources: &PageSources<'_>,
    meta: &MetaOrigins,
    mode: LaunchMode,
) -> PageHeaders {
    let (sdk, popups) = (&meta.sdk, meta.popups.join(" "));
    let styles = sources.style_hash();
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
/// operator should be able to see. `script`: its one script; `None`: it has none.
pub fn error_page(script: Option<&str>) -> PageHeaders {
    let mut policy = base_policy("*");
    if let Some(script) = script {
        policy.push_str(&["; script-src ", &hash_source(script)].concat());
    }
    with_policy(policy)
}

/// Of the preview of a widget, which a page of the console frames. It loads nothing. `styles`: its one style sheet.
pub fn preview_page(styles: &str) -> PageHeaders {
    let sources = PageSources { logo: None, styles };
    let policy = format!(
        "{}; style-src {}; img-src data:",
        base_policy("'self'"),
        sources.style_hash()
    );
    with_policy(policy)
}

/// Of the console: our own files, forms to ourselves, and nothing from elsewhere; no other page may frame it or hold a
/// reference to its window. `styles`: its one style sheet.
pub fn console_page(styles: &str) -> PageHeaders {
    let sources = PageSources { logo: None, styles };
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src 'self'; \
         style-src {}; img-src data:; connect-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; trusted-types console",
        sources.style_hash()
    );
    [
        ("content-security-policy", policy.as_str()),
        // With `no-referrer` browsers would send forms with the origin `null`.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
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
        let mut sources = PageSources {
            logo: None,
            styles: "",
        };
        let headers = widget_policy(ancestors, &sources, &meta, LaunchMode::Frame);
        let policy = &headers[0].1;
        assert_eq!(
            policy,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors https://shop.example https://admin.example; \
             script-src 'self' 'wasm-unsafe-eval' https://sdk.example; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; \
             img-src 'self' data: https://a.example https://b.example; \
             connect-src 'self' https://sdk.example https://a.example https://b.example; \
             frame-src https://staticxx.facebook.com https://a.example https://b.example"
        );
        sources.logo = Some("https://cdn.example");
        let headers = widget_policy("'none'", &sources, &meta, LaunchMode::Page);
        let images =
            "img-src 'self' data: https://a.example https://b.example https://cdn.example;";
        assert!(headers[0].1.contains(images), "{}", headers[0].1);
    }
}
