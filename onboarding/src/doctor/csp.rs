//! Content Security Policies, as far as they let a page load the widget from another origin
//! (<https://www.w3.org/TR/CSP3/>). Nonces, hashes and `strict-dynamic` are not judged: a policy that has them is not read
//! as one that forbids.

use crate::web::origin::Origin;

/// Whether the policies of a page let a directive load from an origin. `policies`: the header `Content-Security-Policy`, where
/// commas separate several, each of which counts.
pub(super) fn allows(policies: &str, directive: &str, origin: &Origin) -> bool {
    policies
        .split(',')
        .all(|policy| policy_allows(policy, directive, origin))
}

fn policy_allows(policy: &str, directive: &str, origin: &Origin) -> bool {
    let sources = |name: &str| {
        policy.split(';').find_map(|part| {
            let mut words = part.split_ascii_whitespace();
            let is_named = words.next()?.eq_ignore_ascii_case(name);
            is_named.then(|| words.collect::<Vec<_>>())
        })
    };
    let fallbacks = FALLBACKS.iter().filter(|(name, _)| *name == directive);
    let names = core::iter::once(&directive).chain(fallbacks.flat_map(|(_, names)| *names));
    match names.into_iter().find_map(|name| sources(name)) {
        Some(sources) => sources.iter().any(|source| matches(source, origin)),
        None => true,
    }
}

/// Whether a source expression matches an origin, or leaves it to something that is not judged here.
fn matches(source: &str, origin: &Origin) -> bool {
    let source = source.to_ascii_lowercase();
    if source.starts_with("'nonce-") || source.starts_with("'sha") || source == "'strict-dynamic'" {
        return true;
    }
    let (scheme, own_host) = (origin.scheme(), origin.authority());
    // `http` also stands for `https`.
    let is_scheme = |other: &str| other == scheme || (other == "http" && scheme == "https");
    if source == "*" || source.strip_suffix(':').is_some_and(is_scheme) {
        return true;
    }
    let host = match source.split_once("://") {
        Some((other, _)) if !is_scheme(other) => return false,
        Some((_, rest)) => rest,
        None => source.as_str(),
    };
    let host = host.split('/').next().unwrap_or_default();
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host
        .strip_suffix(":*")
        .or_else(|| host.strip_suffix(own_port))
        .unwrap_or(host);
    match host.strip_prefix("*.") {
        Some(parent) => own_host
            .strip_suffix(parent)
            .is_some_and(|rest| rest.ends_with('.')),
        None => host == own_host,
    }
}

/// What counts where a directive is absent (<https://www.w3.org/TR/CSP3/#directive-fallback-list>).
const FALLBACKS: &[(&str, &[&str])] = &[
    ("script-src-elem", &["script-src", "default-src"]),
    ("frame-src", &["child-src", "default-src"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_is_judged_by_the_directive_that_counts() {
        let origin = Origin::parse("https://signup.partner.example").unwrap();
        for (policy, script, frame) in [
            ("", true, true),
            ("img-src 'self'", true, true),
            ("default-src 'self'", false, false),
            ("default-src *", true, true),
            ("default-src https:", true, true),
            ("default-src http:", true, true),
            ("default-src data: ws:", false, false),
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
                allows(policy, "script-src-elem", &origin),
                allows(policy, "frame-src", &origin),
            );
            assert_eq!(found, (script, frame), "{policy}");
        }
    }
}
