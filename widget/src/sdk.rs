//! Meta's JavaScript SDK: what of its own address is worth passing on.

const LONGEST_URI: usize = 2_048;
/// The page of the SDK's own that its dialog comes back to.
const FORM: &[u8] = b"/xd_arbiter";

/// Whether this `redirect_uri` is of the SDK's own form: any other is of no use to the edge.
pub fn is_its_own(uri: &str) -> bool {
    uri.len() <= LONGEST_URI && uri.as_bytes().windows(FORM.len()).any(|part| part == FORM)
}

#[cfg(test)]
mod tests {
    use super::is_its_own;

    #[test]
    fn only_the_sdks_redirect_uri_is_kept() {
        assert!(is_its_own(
            "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46"
        ));
        for other in [
            "",
            "https://shop.example/",
            "xd_arbiter",
            &format!("/xd_arbiter{}", "x".repeat(2_048)),
        ] {
            assert!(!is_its_own(other), "{other:?}");
        }
    }
}
