//! Versions of the Graph API (<https://developers.facebook.com/docs/graph-api/guides/versioning>).

/// Whether text is a version of the Graph API, e.g. `v25.0`: two numbers of at most three digits.
pub fn is_graph_version(text: &str) -> bool {
    let is_number =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_version_has_two_numbers() {
        for ok in ["v25.0", "v9.0", "v100.12"] {
            assert!(is_graph_version(ok), "{ok}");
        }
        for bad in [
            "", "25.0", "v25", "v25.0/me", "v.0", "v25.0.1", "v25.x", "v1000.0",
        ] {
            assert!(!is_graph_version(bad), "{bad}");
        }
    }
}
