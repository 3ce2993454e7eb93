//! The page with the widget and the error page. Pure: rendered from the launch document or the problem. Not static
//! assets, because an asset would be served without these headers.

use super::launch::Launch;
use super::security_headers::{self, PageHeaders};
use super::widget_view::WidgetView;
pub use crate::config::BUILD_PATH;
use crate::config::MetaOrigins;
use embark_onboarding::web::locale::{self, Language};
use embark_onboarding::web::messages::Messages;
use embark_protocol::launch::{LaunchDocument, LaunchMode, SiteIdentity};
use embark_protocol::user_callbacks::{UserCallback, UserCallbackStatus};
use embark_protocol::{Problem, SiteId};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The widget's style sheet. Within the page it costs no request, so the first paint waits for none.
const STYLESHEET: &str = include_str!("../../../widget/widget.css");

/// Id of the last element of the page with the widget: what the widget is launched with.
const LAUNCH_ID: &str = "embark-launch";

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
    page: &Launch,
    meta: &MetaOrigins,
    theme: Option<&str>,
    view: &WidgetView,
) -> Page {
    let launch = &page.document;
    let kind = match launch.mode {
        LaunchMode::Page => "page",
        LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Window => "frame",
    };
    let language = locale::negotiate(Some(&launch.lang), None);
    // A frame whose colour scheme differs from that of its element is not transparent: set before the first paint.
    let scheme = theme.filter(|theme| matches!(*theme, "light" | "dark"));
    let styles = [STYLESHEET, &view.style].concat();
    let head = html! {
        (meta_tags(scheme.unwrap_or("light dark"), launch.about.as_ref().map(|about| about.name.as_str())))
        meta name="robots" content="noindex";
        link rel="icon" href="data:,";
        // Painted once whole: a centred page that grows while it is received would shift.
        link rel="expect" blocking="render" href={ "#" (LAUNCH_ID) };
        style { (PreEscaped(&styles)) }
        link rel="modulepreload" href=(file(launch, "widget.js"));
        link rel="preload" as="fetch" crossorigin href=(file(launch, "widget.wasm"));
        link rel="preload" as="fetch" crossorigin href=(file(launch, &locale_file(&launch.lang)));
        // A hidden frame shows nothing, and loads nothing of Meta's.
        @if launch.mode != LaunchMode::Window {
            link rel="preload" as="script" crossorigin="anonymous" href=(launch.sdk.url);
        }
        script type="module" src=(file(launch, "widget.js")) {}
    };
    let body = html! {
        body data-embark=(kind) {
            @if let Some(about) = &launch.about {
                (site_header(about))
            }
            main id="embark" data-theme=[scheme] { (PreEscaped(&view.html)) }
            script type="application/json" id=(LAUNCH_ID) { (script_json(launch)) }
        }
    };
    Page {
        status: 200,
        headers: security_headers::widget_page(page, meta, &styles),
        html: document(&launch.lang, language, &head, &body),
    }
}

/// The widget's first view without its scripts, for a frame of the console: nothing in it can be used. `theme`: as that of
/// [`widget_page`].
pub fn preview_page(launch: &LaunchDocument, theme: Option<&str>, view: &WidgetView) -> Page {
    let language = locale::negotiate(Some(&launch.lang), None);
    let scheme = theme.filter(|theme| matches!(*theme, "light" | "dark"));
    let styles = [STYLESHEET, &view.style].concat();
    let head = html! {
        (meta_tags(scheme.unwrap_or("light dark"), None))
        meta name="robots" content="noindex";
        link rel="icon" href="data:,";
        style { (PreEscaped(&styles)) }
    };
    let body = html! {
        body data-embark="frame" {
            main id="embark" inert data-theme=[scheme] { (PreEscaped(&view.html)) }
        }
    };
    Page {
        status: 200,
        headers: security_headers::preview_page(&styles),
        html: document(&launch.lang, language, &head, &body),
    }
}

/// Whom the hosted page belongs to: a link to it says nothing of that, and the same page serves every site. Names stand
/// in an element each, isolated from the direction of the text around them.
fn site_header(about: &SiteIdentity) -> Markup {
    html! {
        header.embark-site {
            @if let Some(logo) = &about.logo_url {
                img src=(logo) alt="" height="40" referrerpolicy="no-referrer";
            }
            strong { bdi { (about.name) } }
            @if about.website != about.name {
                span dir="ltr" { (about.website) }
            }
            @if let Some(partner) = &about.partner {
                span { bdi { (partner) } }
            }
        }
    }
}

/// The page for a person who opened a URL that cannot be served. `site`: the page has a link to the hosted page of this
/// site, where the person can begin again; `None`: it has none. `texts`: the locale file of `language`; without it the
/// page is in English.
pub fn error_page(
    problem: &Problem,
    site: Option<&SiteId>,
    language: &Language,
    texts: Option<&Messages>,
) -> Page {
    let body = html! { body { (error_body(problem, site, texts)) } };
    Page {
        status: problem.code.http_status(),
        headers: security_headers::error_page(None),
        html: error_document(language, texts, &body),
    }
}

/// The same in the frame of a customer's page. It posts a message with the problem's code to that page, where the loader then
/// hides the frame.
pub fn refused_frame(problem: &Problem, language: &Language, texts: Option<&Messages>) -> Page {
    let body = html! {
        body {
            script data-code=(problem.code.as_str()) { (PreEscaped(REFUSED_SCRIPT)) }
            (error_body(problem, None, texts))
        }
    };
    Page {
        status: problem.code.http_status(),
        headers: security_headers::error_page(Some(REFUSED_SCRIPT)),
        html: error_document(language, texts, &body),
    }
}

fn error_document(language: &Language, texts: Option<&Messages>, body: &Markup) -> String {
    let language = texts.map_or(locale::negotiate(None, None), |_| language);
    let meta = meta_tags("light dark", None);
    document(language.tag, language, &meta, body)
}

fn error_body(problem: &Problem, site: Option<&SiteId>, texts: Option<&Messages>) -> Markup {
    let text = |group: &str, word: &str| texts.and_then(|texts| texts.lookup(group, word));
    let title = [problem.title.as_str(), "."].concat();
    let what = text("problem.", problem.code.as_str()).unwrap_or(&title);
    let remedy = text("next.", problem.code.as_str())
        .or_else(|| text("remedy.", problem.remedy.as_str()))
        .unwrap_or_default();
    let begin = text("start.", "button").unwrap_or("Connect WhatsApp");
    html! {
        p { (what) " " (remedy) }
        @if let Some(site) = site {
            p { a href={ "/go/" (site.as_str()) } { (begin) } }
        }
        p dir="ltr" {
            (problem.code.as_str()) " " (problem.detail.as_deref().unwrap_or_default())
        }
    }
}

/// Of the frame that shows no button. Any page may receive it: it says no more than the page's own request did.
const REFUSED_SCRIPT: &str = "parent.postMessage({source:\"embark\",type:\"refused\",code:document.currentScript.dataset.code},\"*\")";

/// How far the deletion of a person's data is. `texts`: the locale file of `language`; without it the page is in English.
pub fn deletion_page(
    deletion: &UserCallback,
    language: &Language,
    texts: Option<&Messages>,
) -> Page {
    let text = |name: &str, english: &'static str| -> String {
        let text = texts.and_then(|texts| texts.lookup("deletion.", name));
        text.unwrap_or(english).to_owned()
    };
    let state = match deletion.status {
        UserCallbackStatus::Working | UserCallbackStatus::Unmatched => text(
            "working",
            "Your data is being deleted. This can take some days.",
        ),
        UserCallbackStatus::Done => text("done", "Your data has been deleted."),
    };
    let language = texts.map_or(locale::negotiate(None, None), |_| language);
    let body = html! {
        body {
            h1 { (text("title", "Deletion of your data")) }
            p role="status" { (state) }
            p { (text("code", "Confirmation code:")) " " code dir="ltr" { (deletion.code) } }
        }
    };
    let mut head = meta_tags("light dark", None).into_string();
    head.push_str("<meta name=\"robots\" content=\"noindex\">");
    Page {
        status: 200,
        headers: security_headers::error_page(None),
        html: document(language.tag, language, &PreEscaped(head), &body),
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

fn meta_tags(color_scheme: &str, site_name: Option<&str>) -> Markup {
    html! {
        meta charset="utf-8";
        title {
            @if let Some(name) = site_name { (name) " · " }
            "WhatsApp"
        }
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
            None,
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
    fn error_page_offers_the_hosted_page_of_the_site() {
        let texts = texts("de");
        let site = SiteId::parse("acme").unwrap();
        let problem = Problem::new(ProblemCode::GrantMissing);
        let language = locale::negotiate(Some("de"), None);
        let page = error_page(&problem, Some(&site), language, Some(&texts)).html;
        let begin = texts.lookup("start.", "button").unwrap();
        let link = format!("<a href=\"/go/acme\">{begin}</a>");
        assert!(page.contains(&link), "{page}");
        let none = error_page(&problem, None, language, Some(&texts)).html;
        assert!(!none.contains("<a "), "{none}");
    }

    #[test]
    fn deletion_page_is_in_the_language_of_the_browser() {
        let deletion = |status| UserCallback {
            code: "0123456789abcdef".into(),
            app: embark_protocol::AppKey::parse("main").unwrap(),
            user_id: "7".into(),
            kind: embark_protocol::user_callbacks::UserCallbackKind::Delete,
            issued_at: 1,
            received_at: 1,
            status,
        };
        for (accepted, tag, direction, status, key) in [
            (
                "de-AT,de;q=0.9,en;q=0.8",
                "de",
                "ltr",
                UserCallbackStatus::Done,
                "done",
            ),
            ("ar", "ar", "rtl", UserCallbackStatus::Working, "working"),
            (
                "pt-BR",
                "pt-BR",
                "ltr",
                UserCallbackStatus::Unmatched,
                "working",
            ),
            ("tlh", "en", "ltr", UserCallbackStatus::Done, "done"),
        ] {
            let language = locale::negotiate(None, Some(accepted));
            let texts = texts(language.tag);
            let page = deletion_page(&deletion(status), language, Some(&texts)).html;
            let tags = format!("<html lang=\"{tag}\" dir=\"{direction}\">");
            let text = |name| texts.lookup("deletion.", name).unwrap();
            let code = "<code dir=\"ltr\">0123456789abcdef</code>";
            for part in [&tags, text("title"), text(key), text("code"), code] {
                assert!(page.contains(part), "{part} in {page}");
            }
        }
        let language = locale::negotiate(Some("de"), None);
        let plain = deletion_page(&deletion(UserCallbackStatus::Done), language, None).html;
        let english = ["<html lang=\"en\"", "Your data has been deleted."];
        assert!(english.iter().all(|part| plain.contains(part)), "{plain}");
    }

    #[test]
    fn site_header_shows_names_as_text() {
        let about = SiteIdentity {
            name: "<b>Lucky</b>".into(),
            website: "shop.example".into(),
            logo_url: Some("https://cdn.example/l.png?a=\"b\"".into()),
            partner: Some("Partner".into()),
        };
        let header = site_header(&about).into_string();
        for part in [
            "&lt;b&gt;Lucky",
            "shop.example",
            "?a=&quot;b&quot;",
            "Partner",
        ] {
            assert!(header.contains(part), "{part} in {header}");
        }
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
