//! What is checked of a page with the tag.

use super::csp::{Part, allows};
use super::{enumerate, ok, to_do, unknown};
use crate::transport::TransportError;
use crate::web::origin::Origin;
use embark_protocol::doctor::{DoctorCheck, DoctorItem};

/// The response to a `GET` of a page, as far as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageHeaders {
    /// HTTP status code.
    pub status: u16,
    /// `Cross-Origin-Opener-Policy`.
    pub opener_policy: Option<String>,
    /// `Cross-Origin-Embedder-Policy`.
    pub embedder_policy: Option<String>,
    /// `Content-Security-Policy`; several are joined by commas.
    pub content_security_policy: Option<String>,
}

/// Whether the page at an origin of the site responds, and its headers let the widget work. `edge`: the deployment's public
/// origin.
pub(super) fn page_check(
    page: &str,
    edge: &Origin,
    response: &Result<PageHeaders, TransportError>,
) -> DoctorCheck {
    let item = DoctorItem::SiteHeaders;
    let headers = match response {
        Ok(headers) => headers,
        Err(TransportError::ForbiddenDestination) => {
            return unknown(
                item,
                format!("{page} is not on the public internet, and is not requested from here."),
            );
        }
        Err(error) => {
            return to_do(
                item,
                format!("{page} does not respond ({error})."),
                "See that the page is there, or take the origin out of the site's settings.",
                "The website; embark site add --origin",
            );
        }
    };
    if headers.status >= 300 {
        return unknown(
            item,
            format!(
                "{page} responds with status {}: what a browser gets is not known.",
                headers.status
            ),
        );
    }
    let mut findings = vec![];
    let mut fixes = vec![];
    let policy = |header: &Option<String>| {
        let value = header.as_deref().unwrap_or_default();
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    };
    if policy(&headers.opener_policy) == "same-origin" {
        findings.push("Its header Cross-Origin-Opener-Policy: same-origin cuts Meta's window off: customers go on in a tab of their own".to_owned());
        fixes.push("send Cross-Origin-Opener-Policy: same-origin-allow-popups".to_owned());
    }
    if ["require-corp", "credentialless"].contains(&policy(&headers.embedder_policy).as_str()) {
        findings.push(
            "its header Cross-Origin-Embedder-Policy keeps the widget's frame from loading"
                .to_owned(),
        );
        fixes.push("leave Cross-Origin-Embedder-Policy out on the page with the tag".to_owned());
    }
    let csp = headers
        .content_security_policy
        .as_deref()
        .unwrap_or_default();
    let refused: Vec<&str> = [(Part::Script, "script-src"), (Part::Frame, "frame-src")]
        .into_iter()
        .filter(|(part, _)| !allows(csp, page, edge, *part))
        .map(|(_, name)| name)
        .collect();
    if !refused.is_empty() {
        findings.push(format!(
            "its Content-Security-Policy does not let the widget in ({})",
            enumerate(&refused)
        ));
        fixes.push(format!("add {} to {}", edge.as_str(), enumerate(&refused)));
    }
    if findings.is_empty() {
        return ok(
            item,
            format!(
                "{page} responds, and its headers let the widget work. Policies in meta tags, and of other pages, are not read."
            ),
        );
    }
    let sentence = |parts: &[String]| {
        let text = parts.join("; ");
        let mut letters = text.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).chain(['.']).collect::<String>()
    };
    to_do(
        item,
        format!("{page}: {}", sentence(&findings)),
        sentence(&fixes),
        "The web server or framework of the website",
    )
}
