//! The address of a request, as the runtime hands it over: already parsed, and written down again.

/// `scheme://host[:port]`, in the spelling the deployment's own origins are compared in.
pub fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let default = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default).unwrap_or(host);
    [scheme, "://", host].concat().to_ascii_lowercase()
}

/// The first value of this name in the query.
pub fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        for (url, want) in [
            ("https://a.example/x?y=https://b/", "https://a.example"),
            ("https://A.example:443/", "https://a.example"),
            ("http://a.example:80", "http://a.example"),
            (
                "http://localhost:8787/frame?site=a",
                "http://localhost:8787",
            ),
            ("https://a.example?x", "https://a.example"),
            ("https://user@a.example/", "https://user@a.example"),
            ("nonsense", "://"),
        ] {
            assert_eq!(origin(url), want, "{url}");
        }
    }

    #[test]
    fn a_query_is_decoded_and_the_first_of_a_name_counts() {
        let url = "https://a.example/frame?site=acme&host=https%3A%2F%2Fb.example&site=other&plus=a+b&no#x?y=1";
        for (name, want) in [
            ("site", Some("acme")),
            ("host", Some("https://b.example")),
            ("plus", Some("a b")),
            ("no", Some("")),
            ("y", None),
            ("Site", None),
        ] {
            assert_eq!(query(url, name).as_deref(), want, "{name}");
        }
        assert_eq!(query("https://a.example/frame", "site"), None);
    }
}
