//! Content Security Policies, as far as they let a page load the widget from another origin
//! (<https://www.w3.org/TR/CSP3/>). Nonces, hashes and `strict-dynamic` are not judged: a directive that has one is taken for
//! one that allows everything, because the page's author gives the tag what it needs.

use crate::web::origin::Origin;
use content_security_policy::{
    CheckResult, CspList, Destination, Directive, Initiator, ParserMetadata, PolicyDisposition,
    PolicySource, Request, Url,
};

/// What a page loads of the widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The script of the tag.
    Script,
    /// The frame that the script adds.
    Frame,
}

/// Whether the policies of a page let it load a part of the widget. `policies`: the header `Content-Security-Policy`, where
/// commas separate several, each of which counts. `page`: the page's URL. `edge`: where the widget comes from.
pub(super) fn allows(policies: &str, page: &str, edge: &Origin, part: Part) -> bool {
    let (path, destination) = match part {
        Part::Script => ("/embark.js", Destination::Script),
        Part::Frame => ("/frame", Destination::IFrame),
    };
    let url = Url::parse(&[edge.as_str(), path].concat());
    let (Ok(url), Ok(page)) = (url, Url::parse(page)) else {
        return true;
    };
    let mut list = CspList::parse(policies, PolicySource::Header, PolicyDisposition::Enforce);
    let directives = list
        .0
        .iter_mut()
        .flat_map(|policy| &mut policy.directive_set);
    for directive in directives.filter(|directive| is_not_judged(directive)) {
        directive.value = vec!["*".to_owned()];
    }
    let request = Request {
        current_url: url.clone(),
        url,
        origin: page.origin(),
        redirect_count: 0,
        destination,
        initiator: Initiator::None,
        nonce: String::new(),
        integrity_metadata: String::new(),
        parser_metadata: ParserMetadata::NotParserInserted,
    };
    list.should_request_be_blocked(&request).0 == CheckResult::Allowed
}

fn is_not_judged(directive: &Directive) -> bool {
    let sources = directive
        .value
        .iter()
        .map(|source| source.to_ascii_lowercase());
    let mut prefixes =
        sources.flat_map(|source| NOT_JUDGED.map(|prefix| source.starts_with(prefix)));
    prefixes.any(|is_prefix| is_prefix)
}

/// What the sources begin with that are not judged.
const NOT_JUDGED: [&str; 3] = ["'nonce-", "'sha", "'strict-dynamic'"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_is_judged_by_the_directive_that_counts() {
        let edge = Origin::parse("https://signup.partner.example").unwrap();
        let page = "https://www.acme.example/contact";
        for (policy, script, frame) in [
            ("", true, true),
            ("img-src 'self'", true, true),
            ("default-src 'self'", false, false),
            ("default-src *", true, true),
            ("default-src https:", true, true),
            ("default-src http:", true, true),
            ("default-src data: blob:", false, false),
            // As https://www.w3.org/TR/CSP3/#match-schemes has it.
            ("default-src ws:", true, true),
            ("script-src http://signup.partner.example", true, true),
            ("script-src https://signup.partner.example:*", true, true),
            ("script-src *.partner.example:*", true, true),
            (
                "DEFAULT-SRC 'none'; Script-Src https://SIGNUP.partner.example",
                true,
                false,
            ),
            (
                "script-src signup.partner.example; frame-src 'none'",
                true,
                false,
            ),
            (
                "script-src https://signup.partner.example:443/embark.js",
                true,
                true,
            ),
            (
                "script-src https://signup.partner.example:8443",
                false,
                true,
            ),
            (
                "script-src *.partner.example; child-src *.partner.example",
                true,
                true,
            ),
            ("script-src *.signup.partner.example", false, true),
            ("script-src https://evilsignup.partner.example", false, true),
            ("script-src *.artner.example", false, true),
            ("script-src 'nonce-abc'", true, true),
            (
                "script-src 'NONCE-abc' 'strict-dynamic'; default-src 'none'",
                true,
                false,
            ),
            (
                "script-src https://signup.partner.example/other/",
                false,
                true,
            ),
            ("frame-src https://signup.partner.example/frame", true, true),
            ("script-src-elem *.acme.example; frame-src é", false, true),
            ("script-src 'sha384-abc'; frame-src", true, false),
            (
                "script-src 'self'; script-src-elem https://signup.partner.example",
                true,
                true,
            ),
            (
                "script-src https://signup.partner.example, script-src 'self'",
                false,
                true,
            ),
            (
                "frame-src https://signup.partner.example; child-src 'none'",
                true,
                true,
            ),
        ] {
            let found = (
                allows(policy, page, &edge, Part::Script),
                allows(policy, page, &edge, Part::Frame),
            );
            assert_eq!(found, (script, frame), "{policy}");
        }
    }
}
