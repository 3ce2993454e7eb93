//! The URL of an incoming request, which the runtime hands over as an absolute URL.

use url::Url;

/// The origin of a request's URL in its ASCII serialisation, e.g. `https://signup.partner.example`
/// (<https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin>).
///
/// `null`, which equals no configured origin, for text that is not an absolute URL of a host, or one with
/// user information in it.
pub fn origin(url: &str) -> String {
    Url::parse(url)
        .ok()
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .map_or_else(
            || "null".to_owned(),
            |url| url.origin().ascii_serialization(),
        )
}

/// The URL with another path, and with its query.
pub fn with_path(url: &str, path: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return path.to_owned();
    };
    url.set_path(path);
    url.to_string()
}

/// The first value of a query parameter, decoded as `application/x-www-form-urlencoded`
/// (<https://url.spec.whatwg.org/#urlencoded-parsing>). `None`: the query does not have the parameter.
pub fn query_parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The query without `?`; empty if there is none.
pub fn query_string(url: &str) -> String {
    let url = Url::parse(url).ok();
    let query = url.as_ref().and_then(Url::query);
    query.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_origin_is_normalised() {
        for (url, want) in [
            ("https://a.example/x?y=https://b/", "https://a.example"),
            ("https://A.example:443/", "https://a.example"),
            ("http://a.example:80", "http://a.example"),
            (
                "http://localhost:8787/frame?site=a",
                "http://localhost:8787",
            ),
            ("https://a.example?x", "https://a.example"),
            ("https://user@a.example/", "null"),
            ("https://:password@a.example/", "null"),
            ("data:text/plain,x", "null"),
            ("/relative", "null"),
            ("nonsense", "null"),
        ] {
            assert_eq!(origin(url), want, "{url}");
        }
    }

    #[test]
    fn url_with_another_path_keeps_its_query_and_origin() {
        for (url, path, want) in [
            (
                "https://a.example/go/x/?invite=1",
                "/go/x",
                "https://a.example/go/x?invite=1",
            ),
            (
                "https://a.example//evil.example/",
                "//evil.example",
                "https://a.example//evil.example",
            ),
        ] {
            assert_eq!(with_path(url, path), want);
        }
    }

    #[test]
    fn query_parameter_is_decoded_and_the_first_one_counts() {
        let url = "https://a.example/frame?site=acme&host=https%3A%2F%2Fb.example&site=other&plus=a+b&no#x?y=1";
        for (name, want) in [
            ("site", Some("acme")),
            ("host", Some("https://b.example")),
            ("plus", Some("a b")),
            ("no", Some("")),
            ("y", None),
            ("Site", None),
        ] {
            assert_eq!(query_parameter(url, name).as_deref(), want, "{name}");
        }
        assert_eq!(query_parameter("https://a.example/frame", "site"), None);
    }
}
