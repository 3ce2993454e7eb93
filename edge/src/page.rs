//! The frame page and the hosted page, with their headers. Pure: rendered from the launch document.
//! Never static files: an asset would answer before the Worker and without these headers.

use crate::fault;
use crate::language::{self, Language, Words};
use crate::load::Meta;
use embark_protocol::Problem;
use embark_protocol::launch::{Launch, Mode};

pub struct Page {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub html: String,
}

/// The page that holds the widget; `theme` is what the page around it says of its colours.
pub fn widget(launch: &Launch, meta: &Meta, theme: Option<&str>) -> Page {
    let (kind, ancestors) = match launch.mode {
        Mode::Page => ("page", "'none'"),
        Mode::Frame | Mode::Inline | Mode::Window => ("frame", launch.host.as_str()),
    };
    // Where nothing is shown, nothing of Meta's is loaded.
    let sdk = match launch.mode {
        Mode::Window => String::new(),
        _ => [
            "\n<link rel=\"preload\" as=\"script\" crossorigin=\"anonymous\" href=\"",
            &escape(&launch.sdk.url),
            "\">",
        ]
        .concat(),
    };
    // Inside a script element only `<` could end it or open a comment.
    let json = serde_json::to_string(launch)
        .unwrap_or_default()
        .replace('<', "\\u003c");
    let build = &launch.build;
    // Before the first paint already: a frame in another scheme than its element's is not see-through.
    let scheme = theme.filter(|theme| matches!(*theme, "light" | "dark"));
    let scheme = scheme.unwrap_or("light dark");
    let html = [
        "<!doctype html>\n<html lang=\"",
        &launch.lang,
        "\" dir=\"",
        language::pick(Some(&launch.lang), None).direction(),
        "\">\n<head>\n<meta charset=\"utf-8\">\n<title>WhatsApp</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"",
        scheme,
        "\">\n<meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"",
        build,
        "/widget.css\">\n<link rel=\"modulepreload\" href=\"",
        build,
        "/widget.js\">\n<link rel=\"preload\" as=\"fetch\" crossorigin href=\"",
        build,
        "/widget.wasm\">\n<link rel=\"preload\" as=\"fetch\" crossorigin href=\"",
        build,
        "/locales/",
        &launch.lang,
        ".json\">",
        &sdk,
        "\n<script type=\"application/json\" id=\"embark-launch\">",
        &json,
        "</script>\n<script type=\"module\" src=\"",
        build,
        "/widget.js\"></script>\n</head>\n<body data-embark=\"",
        kind,
        "\">\n<main id=\"embark\"></main>\n</body>\n</html>\n",
    ]
    .concat();
    Page {
        status: 200,
        headers: headers(ancestors, Some(meta), launch.mode),
        html,
    }
}

/// A page for a person who opened an address that cannot serve them. Without words it is in English.
pub fn refusal(problem: &Problem, language: &Language, words: Option<&Words>) -> Page {
    let find = |group: &str, word: &str| words?.of(group, word).map(escape);
    let language = words.map_or(language::pick(None, None), |_| language);
    let what = find("problem.", problem.code.word());
    let html = [
        "<!doctype html>\n<html lang=\"",
        language.tag,
        "\" dir=\"",
        language.direction(),
        "\">\n<head>\n<meta charset=\"utf-8\">\n<title>WhatsApp</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n</head>\n<body>\n<p>",
        &what.unwrap_or_else(|| [&escape(&problem.title), "."].concat()),
        " ",
        &find("remedy.", problem.remedy.word()).unwrap_or_default(),
        "</p>\n<p dir=\"ltr\">",
        problem.code.word(),
        " ",
        &escape(problem.detail.as_deref().unwrap_or_default()),
        "</p>\n</body>\n</html>\n",
    ]
    .concat();
    // Anyone may frame a refusal: it says nothing, and the site's operator should be able to see it.
    let headers = headers("*", None, Mode::Frame);
    Page {
        status: fault::status(problem.code),
        headers,
        html,
    }
}

fn headers(ancestors: &str, meta: Option<&Meta>, mode: Mode) -> Vec<(&'static str, String)> {
    let mut policy = [
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ",
        ancestors,
    ]
    .concat();
    if let Some(meta) = meta {
        let popups = meta.popups.join(" ");
        let hosts = [meta.sdk.as_str(), " ", &popups].concat();
        let lists = [
            ("; script-src 'self' 'wasm-unsafe-eval' ", meta.sdk.as_str()),
            ("; style-src 'self'; img-src 'self' data: ", popups.as_str()),
            ("; connect-src 'self' ", hosts.as_str()),
            (
                "; frame-src https://staticxx.facebook.com ",
                popups.as_str(),
            ),
        ];
        policy.extend(lists.iter().flat_map(|(name, list)| [*name, *list]));
    }
    let mut headers = vec![
        ("content-security-policy", policy),
        // Meta's SDK tells Meta the page's origin; the path stays here.
        (
            "referrer-policy",
            "strict-origin-when-cross-origin".to_owned(),
        ),
        ("cross-origin-resource-policy", "cross-origin".to_owned()),
    ];
    if mode == Mode::Page {
        // `same-origin` would sever Meta's popup from us.
        headers.push((
            "cross-origin-opener-policy",
            "same-origin-allow-popups".to_owned(),
        ));
    }
    headers
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// Where this build of the widget lies; set when the Worker is built.
pub const BUILD: &str = match option_env!("EMBARK_BUILD") {
    Some(build) => build,
    None => "/b/unbuilt",
};

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::Code;

    fn words(lang: &str) -> Words {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales/");
        let file = std::fs::read([folder, lang, ".json"].concat());
        serde_json::from_slice(&file.unwrap()).unwrap()
    }

    fn says(lang: &str, code: Code, words: Option<&Words>) -> String {
        refusal(
            &fault::problem(code),
            language::pick(Some(lang), None),
            words,
        )
        .html
    }

    #[test]
    fn a_refusal_speaks_the_language_of_the_page() {
        let german = says("de", Code::SiteDisabled, Some(&words("de")));
        let known = words("de");
        for part in [
            "<html lang=\"de\" dir=\"ltr\">",
            known.of("problem.", "site_disabled").unwrap(),
            known.of("remedy.", "operator").unwrap(),
            "site_disabled",
        ] {
            assert!(german.contains(part), "{part} in {german}");
        }
        let arabic = says("ar", Code::OriginNotAllowed, Some(&words("ar")));
        assert!(
            arabic.contains("<html lang=\"ar\" dir=\"rtl\">"),
            "{arabic}"
        );
    }

    #[test]
    fn without_the_file_or_the_sentence_it_still_says_something() {
        let plain = says("ar", Code::SiteDisabled, None);
        assert!(plain.contains("<html lang=\"en\" dir=\"ltr\">"), "{plain}");
        assert!(plain.contains(Code::SiteDisabled.title()), "{plain}");
        let older = r#"{"problem.unknown": "Etwas <ging> schief."}"#;
        let older = serde_json::from_str(older).unwrap();
        let page = says("de", Code::SiteDisabled, Some(&older));
        assert!(page.contains("Etwas &lt;ging> schief."), "{page}");
    }
}
