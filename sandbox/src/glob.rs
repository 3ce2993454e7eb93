//! Path patterns of faults, scripted replies and log filters.

/// Whether `text` as a whole matches `pattern`: `*` stands for any run of characters, all others for themselves.
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|head| text.strip_prefix(head)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(tail) = parts.pop() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glob_star_matches_any_run_of_characters() {
        for (pattern, text, matches) in [
            ("*/register", "/v25.0/6/register", true),
            ("*/register", "/v25.0/6/deregister", false),
            ("*", "/anything", true),
            ("/v25.0/*/subscribed_apps", "/v25.0/5/subscribed_apps", true),
            ("/v25.0/debug_token", "/v25.0/debug_token", true),
            ("/v25.0/debug_token", "/v25.0/debug_token2", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
        ] {
            assert_eq!(glob_matches(pattern, text), matches, "{pattern} {text}");
        }
    }
}
