//! Whom a site says it is, and whose pages may show it.

use crate::web::origin::Origin;
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

/// Whether text can be shown as a name: 1 to 60 characters, none of them a control character or one that changes the
/// direction of the text around it.
pub fn is_shown_name(text: &str) -> bool {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    (1..=60).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(is_hidden)
}

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
}
