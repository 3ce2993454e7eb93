//! The locale file of a launch document: which one is fetched, and when again.

use crate::launch_document::LaunchDocument;

/// Milliseconds before the retries after no response, or any that brought no texts and is not a 4xx.
const RETRY_DELAYS_MS: [u32; 3] = [1_000, 3_000, 9_000];
/// The language that every build has.
const FALLBACK: &str = "en";

/// A request for a locale file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocaleRequest {
    lang: String,
    /// How often it failed.
    failures: usize,
}

/// What to do after a request that brought no texts.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this request after so many milliseconds.
    Send(LocaleRequest, u32),
    /// There are no texts, and so no widget.
    GiveUp,
}

impl LocaleRequest {
    /// The first one, in the launch document's language.
    pub fn new(launch: &LaunchDocument) -> Self {
        Self {
            lang: launch.lang.clone(),
            failures: 0,
        }
    }

    /// The file is one of the widget's build.
    pub fn url(&self, launch: &LaunchDocument) -> String {
        let build = [launch.edge_origin.as_str(), &launch.build_path].concat();
        [&build, "/locales/", &self.lang, ".json"].concat()
    }

    /// `status`: that of the response, also if its body was no locale file. `None`: there was no response.
    pub fn after_failure(self, status: Option<u16>) -> Next {
        if !status.is_some_and(|status| (400..500).contains(&status)) {
            return match RETRY_DELAYS_MS.get(self.failures) {
                Some(delay) => Next::Send(
                    Self {
                        failures: self.failures + 1,
                        ..self
                    },
                    *delay,
                ),
                None => Next::GiveUp,
            };
        }
        if self.lang == FALLBACK {
            return Next::GiveUp;
        }
        let fallback = Self {
            lang: FALLBACK.to_owned(),
            ..self
        };
        Next::Send(fallback, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch_document::tests::{document, read};
    use serde_json::json;

    fn german() -> LaunchDocument {
        let mut document = document();
        document["lang"] = json!("de");
        read(&document).unwrap()
    }

    #[test]
    fn url_is_that_of_the_build_and_language() {
        let launch = german();
        assert_eq!(
            LocaleRequest::new(&launch).url(&launch),
            "https://signup.partner.example/b/0123456789ab/locales/de.json"
        );
    }

    /// Languages and delays of the requests after responses with these statuses, and whether it then gives up.
    fn requests(statuses: &[Option<u16>]) -> (Vec<(String, u32)>, bool) {
        let mut request = LocaleRequest::new(&german());
        let mut sent = Vec::new();
        for status in statuses {
            match request.after_failure(*status) {
                Next::Send(next, delay) => {
                    sent.push((next.lang.clone(), delay));
                    request = next;
                }
                Next::GiveUp => return (sent, true),
            }
        }
        (sent, false)
    }

    #[test]
    fn request_without_texts_is_repeated_in_english_or_given_up() {
        let de = |delay| ("de".to_owned(), delay);
        let en = |delay| ("en".to_owned(), delay);
        for (statuses, sent, gives_up) in [
            (vec![None], vec![de(1_000)], false),
            (
                vec![Some(503), Some(200)],
                vec![de(1_000), de(3_000)],
                false,
            ),
            (vec![None; 4], vec![de(1_000), de(3_000), de(9_000)], true),
            (vec![Some(404)], vec![en(0)], false),
            (vec![Some(404), None], vec![en(0), en(1_000)], false),
            (vec![Some(404), Some(404)], vec![en(0)], true),
        ] {
            assert_eq!(requests(&statuses), (sent, gives_up), "{statuses:?}");
        }
    }
}
