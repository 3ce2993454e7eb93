//! The preview of a site's button, in a frame that a form fills: no script is needed.

use embark_onboarding::web::locale::languages;
use embark_protocol::SiteId;
use maud::{Markup, html};

/// The frame with the button, and the form that chooses how it is shown.
pub fn preview(site: &SiteId) -> Markup {
    let page = ["/console/sites/", site.as_str(), "/preview"].concat();
    html! {
        form.row method="get" action=(page) target="preview" {
            div {
                label for="preview-lang" { "Language" }
                select id="preview-lang" name="lang" {
                    @for language in languages() {
                        option value=(language.tag) selected[language.tag == "en"] { (language.tag) }
                    }
                }
            }
            div {
                label for="preview-theme" { "Colours" }
                select id="preview-theme" name="theme" {
                    option value="light" { "light" }
                    option value="dark" { "dark" }
                }
            }
            div {
                label for="preview-accent" { "Accent" }
                input id="preview-accent" name="accent" type="text" pattern="#[0-9a-fA-F]{6}" placeholder="#0b6b3a";
            }
            div {
                label for="preview-label" { "Label" }
                input id="preview-label" name="label" maxlength="40";
            }
            button type="submit" { "Show" }
        }
        iframe.preview name="preview" title="The button as customers see it" src={ (page) "?lang=en&theme=light" } {}
        p.hint { "The options of the tag: " code { "data-lang" } ", " code { "data-theme" } ", " code { "data-accent" } ", " code { "data-label" } "." }
    }
}
