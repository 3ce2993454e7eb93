//! Whom a site says it is, and whose pages may show it.

use crate::web::origin::Origin;
use core::ops::RangeInclusive;
use embark_protocol::admin::SiteSettings;
use url::Url;

/// The origins that may frame the widget, as a source list of `frame-ancestors`
/// (<https://www.w3.org/TR/CSP3/#directive-frame-ancestors>): all ancestors of a frame must be listed, so that the
/// page with the tag may itself be framed by another one of the site, or by an embedder.
pub fn frame_ancestors(config: &SiteSettings) -> String {
    let listed = config.origins.iter().chain(&config.embedders);
    listed.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The site's name for people: its own, else the host of its first origin.
pub fn shown_name(config: &SiteSettings) -> String {
    let host = || {
        Some(
            Origin::parse(config.origins.first()?)?
                .hostname()
                .to_owned(),
        )
    };
    let name = config.display_name.clone().or_else(host);
    name.unwrap_or_else(|| config.key.to_string())
}

/// The origin that the site's logo is loaded from. `None`: it has none.
pub fn logo_origin(config: &SiteSettings) -> Option<Origin> {
    Origin::from_url(&Url::parse(config.logo_url.as_deref()?).ok()?)
}

/// Whether text can be shown as a name: 1 to 60 characters, none of them a control character, one that is not seen, or one that
/// changes the direction of the text around it.
pub fn is_shown_name(text: &str) -> bool {
    let is_hidden = |c: char| c.is_control() || HIDDEN.iter().any(|hidden| hidden.contains(&c));
    (1..=60).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(is_hidden)
}

/// Characters that are drawn as nothing: those that Unicode ignores by default
/// (<https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>) but for the variation selectors of emoji, and blank ones.
const HIDDEN: [RangeInclusive<char>; 14] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0000}'..='\u{e0fff}',
];

/// What is wrong with text that [`is_shown_name`] refuses.
pub const SHOWN_NAME: &str = "1 to 60 visible characters";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::site::tests::config;

    #[test]
    fn frame_ancestors_are_all_origins_and_embedders() {
        let mut config = config();
        config.embedders = vec!["https://admin.builder.example".into()];
        let want = "https://shop.example https://www.shop.example https://admin.builder.example";
        assert_eq!(frame_ancestors(&config), want);
    }

    #[test]
    fn shown_name_is_the_display_name_else_the_host() {
        let mut config = config();
        assert_eq!(shown_name(&config), "shop.example");
        config.display_name = Some("Lucky Shrub".into());
        assert_eq!(shown_name(&config), "Lucky Shrub");
    }

    #[test]
    fn name_is_refused_that_is_not_seen_or_turns_the_text_around() {
        for name in [
            "",
            " Ada",
            "Ada\u{a0}",
            "\u{3164}",
            "\u{2800}",
            "A\u{ad}da",
            "A\u{202e}da",
            "A\u{feff}da",
            "\u{e0041}",
            "A\u{9b}da",
            "A\nda",
        ] {
            assert!(!is_shown_name(name), "{name:?}");
        }
        for name in [
            "Ada",
            "متجر الورد",
            "花屋",
            "Café ☕\u{fe0f}",
            "O'Neil & Söhne",
        ] {
            assert!(is_shown_name(name), "{name:?}");
        }
    }
}
