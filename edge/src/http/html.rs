//! The page with the widget and the error page. Pure: rendered from the launch document or the problem. Not static
//! assets, because an asset would be served without these headers.

use super::security_headers::{self, PageHeaders};
use super::widget_view::WidgetView;
use crate::config::MetaOrigins;
use embark_onboarding::web::locale::{self, Language};
use embark_onboarding::web::messages::Messages;
use embark_protocol::Problem;
use embark_protocol::launch::{LaunchDocument, LaunchMode};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A rendered page.
pub struct Page {
    /// HTTP status code.
    pub status: u16,
    /// Its own headers, besides those of every response.
    pub headers: PageHeaders,
    /// The document.
    pub html: String,
}

/// The page with the widget. `theme`: the colour scheme of the page that embeds it, `light` or `dark`; anything
/// else leaves the choice to the browser. `view`: what the widget shows first.
pub fn widget_page(
    launch: &LaunchDocument,
    meta: &MetaOrigins,
    theme: Option<&str>,
    view: &WidgetView,
) -> Page {
    let (kind, ancestors) = match launch.mode {
        LaunchMode::Page => ("page", "'none'"),
        LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Window => {
            ("frame", launch.page_origin.as_str())
        }
    };
    let language = locale::negotiate(Some(&launch.lang), None);
    // A frame whose colour scheme differs from that of its element is not transparent: set before the first paint.
    let scheme = theme.filter(|theme| matches!(*theme, "light" | "dark"));
    let head = html! {
        (meta_tags(scheme.unwrap_or("light dark")))
        meta name="robots" content="noindex";
        link rel="icon" href="data:,";
        link rel="stylesheet" href=(file(launch, "widget.css"));
        @if !view.style.is_empty() {
            style { (PreEscaped(&view.style)) }
        }
        link rel="modulepreload" href=(file(launch, "widget.js"));
        link rel="preload" as="fetch" crossorigin href=(file(launch, "widget.wasm"));
        link rel="preload" as="fetch" crossorigin href=(file(launch, &locale_file(&launch.lang)));
        // A hidden frame shows nothing, and loads nothing of Meta's.
        @if launch.mode != LaunchMode::Window {
            link rel="preload" as="script" crossorigin="anonymous" href=(launch.sdk.url);
        }
        script type="application/json" id="embark-launch" { (script_json(launch)) }
        script type="module" src=(file(launch, "widget.js")) {}
    };
    let body = html! {
        body data-embark=(kind) {
            main id="embark" data-theme=[scheme] { (PreEscaped(&view.html)) }
        }
    };
    Page {
        status: 200,
        headers: security_headers::widget_page(
            ancestors,
            meta,
            launch.mode,
            view.style_hash().as_deref(),
        ),
        html: document(&launch.lang, language, &head, &body),
    }
}

/// The page for a person who opened a URL that cannot be served. `texts`: the locale file of `language`; without it
/// the page is in English.
pub fn error_page(problem: &Problem, language: &Language, texts: Option<&Messages>) -> Page {
    let text = |group: &str, word: &str| texts.and_then(|texts| texts.lookup(group, word));
    let title = [problem.title.as_str(), "."].concat();
    let what = text("problem.", problem.code.as_str()).unwrap_or(&title);
    let remedy = text("remedy.", problem.remedy.as_str()).unwrap_or_default();
    let language = texts.map_or(locale::negotiate(None, None), |_| language);
    let body = html! {
        body {
            p { (what) " " (remedy) }
            p dir="ltr" {
                (problem.code.as_str()) " " (problem.detail.as_deref().unwrap_or_default())
            }
        }
    };
    Page {
        status: problem.code.http_status(),
        headers: security_headers::error_page(),
        html: document(language.tag, language, &meta_tags("light dark"), &body),
    }
}

/// Path of the locale file of a language, relative to the widget's build.
pub fn locale_file(tag: &str) -> String {
    ["locales/", tag, ".json"].concat()
}

fn document(lang: &str, language: &Language, head: &Markup, body: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang=(lang) dir=(language.direction()) {
            head { (head) }
            (body)
        }
    };
    document.into_string()
}

fn meta_tags(color_scheme: &str) -> Markup {
    html! {
        meta charset="utf-8";
        title { "WhatsApp" }
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content=(color_scheme);
    }
}

fn file(launch: &LaunchDocument, path: &str) -> String {
    [&launch.build_path, "/", path].concat()
}

/// JSON within a script element, where only `<` could end the element or open a comment.
fn script_json(launch: &LaunchDocument) -> PreEscaped<String> {
    let json = serde_json::to_string(launch).unwrap_or_default();
    PreEscaped(json.replace('<', "\\u003c"))
}

/// Path of the widget's build, fixed when the Worker is built.
pub const BUILD_PATH: &str = match option_env!("EMBARK_BUILD") {
    Some(path) => path,
    None => "/b/unbuilt",
};

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::ProblemCode;

    fn texts(lang: &str) -> Messages {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales/");
        let file = std::fs::read([folder, lang, ".json"].concat());
        serde_json::from_slice(&file.unwrap()).unwrap()
    }

    fn error_html(lang: &str, code: ProblemCode, texts: Option<&Messages>) -> String {
        error_page(
            &Problem::new(code),
            locale::negotiate(Some(lang), None),
            texts,
        )
        .html
    }

    #[test]
    fn error_page_is_in_the_language_of_the_page() {
        let texts_de = texts("de");
        let german = error_html("de", ProblemCode::SiteDisabled, Some(&texts_de));
        for part in [
            "<html lang=\"de\" dir=\"ltr\">",
            texts_de.lookup("problem.", "site_disabled").unwrap(),
            texts_de.lookup("remedy.", "operator").unwrap(),
            "site_disabled",
        ] {
            assert!(german.contains(part), "{part} in {german}");
        }
        let arabic = error_html("ar", ProblemCode::OriginNotAllowed, Some(&texts("ar")));
        assert!(
            arabic.contains("<html lang=\"ar\" dir=\"rtl\">"),
            "{arabic}"
        );
    }

    #[test]
    fn error_page_without_locale_file_or_text_falls_back() {
        let plain = error_html("ar", ProblemCode::SiteDisabled, None);
        assert!(plain.contains("<html lang=\"en\" dir=\"ltr\">"), "{plain}");
        assert!(plain.contains(ProblemCode::SiteDisabled.title()), "{plain}");
        let older = r#"{"problem.unknown": "Etwas <ging> schief."}"#;
        let older = serde_json::from_str(older).unwrap();
        let page = error_html("de", ProblemCode::SiteDisabled, Some(&older));
        assert!(page.contains("Etwas &lt;ging&gt; schief."), "{page}");
    }
}
