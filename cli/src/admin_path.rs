//! Paths below `/v1/admin/`, of segments that are encoded one by one.

use anyhow::{Result, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Display;
use url::Url;

/// A path of the operator API, and its query. Whatever stands in a segment or parameter, it does not become part of another.
#[derive(Clone, Debug, Default)]
pub struct AdminPath {
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl AdminPath {
    /// The path of a segment that is no id, e.g. `sites`.
    pub fn new(segment: &'static str) -> Self {
        Self::default().join(segment)
    }

    /// Adds a segment.
    pub fn join(mut self, segment: impl Display) -> Self {
        self.segments.push(segment.to_string());
        self
    }

    /// Adds a parameter to the query.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a parameter to the query, if there is a value.
    pub fn with_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The URL of this path at an operator origin.
    ///
    /// # Errors
    /// When a segment is empty or `.` or `..`, which no encoding keeps in its place.
    pub fn at(&self, origin: &Url) -> Result<Url> {
        let mut url = origin.clone();
        let mut path = origin.path().trim_end_matches('/').to_owned();
        path.push_str("/v1/admin");
        for segment in &self.segments {
            if matches!(segment.as_str(), "" | "." | "..") {
                bail!("'{segment}' is no id");
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, RESERVED));
        }
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

/// A path that has no ids, e.g. `keys/rotation`: what is put together while the program runs is joined segment by segment.
impl From<&'static str> for AdminPath {
    fn from(path: &'static str) -> Self {
        path.split('/').fold(Self::default(), Self::join)
    }
}

impl From<&AdminPath> for AdminPath {
    fn from(path: &AdminPath) -> Self {
        path.clone()
    }
}

/// All but the unreserved characters ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.3)).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    fn at(origin: &str, path: &AdminPath) -> Result<String> {
        Ok(path.at(&Url::parse(origin)?)?.to_string())
    }

    #[test]
    fn id_stays_one_segment_whatever_it_has() -> Result<()> {
        for (id, encoded) in [
            ("0123abcd", "0123abcd"),
            ("../sites/fuzz/endpoint", "..%2Fsites%2Ffuzz%2Fendpoint"),
            ("..\\x", "..%5Cx"),
            ("%2e%2e", "%252e%252e"),
            (".\t.", ".%09."),
            ("a?b#c", "a%3Fb%23c"),
            ("a b\u{e9}\n", "a%20b%C3%A9%0A"),
        ] {
            let path = AdminPath::new("operators").join(id);
            assert_eq!(
                at("https://o.example", &path)?,
                format!("https://o.example/v1/admin/operators/{encoded}")
            );
        }
        Ok(())
    }

    #[test]
    fn path_without_ids_has_the_segments_of_its_text() -> Result<()> {
        let path = AdminPath::from("keys/rotation");
        assert_eq!(
            at("https://o.example", &path)?,
            "https://o.example/v1/admin/keys/rotation"
        );
        Ok(())
    }

    #[test]
    fn segment_that_is_empty_or_of_dots_is_refused() {
        for id in ["", ".", ".."] {
            let path = AdminPath::new("operators").join(id);
            assert!(at("https://o.example", &path).is_err(), "{id}");
        }
    }

    #[test]
    fn parameters_are_encoded_behind_the_path() -> Result<()> {
        let path = AdminPath::new("signups")
            .with("limit", 500)
            .with("after", "1&b=c d")
            .with_some("status", None::<&str>);
        assert_eq!(
            at("http://127.0.0.1:9/", &path)?,
            "http://127.0.0.1:9/v1/admin/signups?limit=500&after=1%26b%3Dc+d"
        );
        Ok(())
    }

    #[test]
    fn path_of_the_origin_is_kept_and_its_query_is_not() -> Result<()> {
        let path = AdminPath::new("apps");
        for origin in ["https://o.example/x", "https://o.example/x/?y#z"] {
            assert_eq!(at(origin, &path)?, "https://o.example/x/v1/admin/apps");
        }
        Ok(())
    }
}
