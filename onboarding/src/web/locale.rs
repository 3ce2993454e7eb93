//! Language negotiation: the language that the tag or its page names comes first, then the browser's
//! `Accept-Language`, of those that have a locale file. Meta's SDK is loaded in the same language.

/// A language that has a locale file.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// The language tag (<https://www.rfc-editor.org/rfc/bcp/bcp47.txt>); its file is `www/locales/<tag>.json`.
    pub tag: &'static str,
    /// The locale in the URL of Meta's JavaScript SDK, e.g. `en_US`.
    pub sdk_locale: &'static str,
}

impl Language {
    const fn new(tag: &'static str, sdk_locale: &'static str) -> Self {
        Self { tag, sdk_locale }
    }

    /// The writing direction, as the value of HTML's `dir` attribute.
    pub fn direction(&self) -> &'static str {
        if matches!(self.tag, "ar" | "he") {
            "rtl"
        } else {
            "ltr"
        }
    }
}

/// The language of a page: the first known one of `requested`, else of `accept_language`, else English.
///
/// `requested` is a list of tags separated by commas, the best first. `accept_language` is the request's header
/// (<https://www.rfc-editor.org/rfc/rfc9110#field.accept-language>); its weights are not read, because browsers
/// send it in order.
pub fn negotiate(requested: Option<&str>, accept_language: Option<&str>) -> &'static Language {
    [requested, accept_language]
        .into_iter()
        .flatten()
        .flat_map(|list| list.split(','))
        .take(MAX_TAGS)
        .find_map(find_language)
        .unwrap_or(&ENGLISH)
}

/// Every language that has a locale file, by its tag.
pub fn languages() -> &'static [Language] {
    LANGUAGES
}

/// The nearest language with a file for a tag like `pt-AO`, `zh_Hant_HK` or `es-MX;q=0.8`. `None`: there is none.
fn find_language(tag: &str) -> Option<&'static Language> {
    let tag = tag.split(';').next().unwrap_or_default().trim();
    let tag = tag.replace('_', "-").to_ascii_lowercase();
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let has = |part: &str| tag.split('-').skip(1).any(|one| one == part);
    let name = match primary {
        "es" if tag == "es" || has("es") => "es",
        "es" => "es-419",
        "pt" if tag == "pt" || has("br") => "pt-BR",
        "pt" => "pt-PT",
        "zh" if has("hk") || has("mo") => "zh-HK",
        "zh" if has("tw") || has("hant") => "zh-TW",
        "zh" => "zh-CN",
        // Deprecated codes that browsers and phones still send.
        "no" | "nn" => "nb",
        "iw" => "he",
        "in" => "id",
        other => other,
    };
    LANGUAGES.iter().find(|language| language.tag == name)
}

/// How many tags of both lists together are read.
const MAX_TAGS: usize = 32;

const ENGLISH: Language = Language::new("en", "en_US");

/// The languages of Meta's flow, and German.
const LANGUAGES: &[Language] = &[
    Language::new("ar", "ar_AR"),
    Language::new("cs", "cs_CZ"),
    Language::new("da", "da_DK"),
    Language::new("de", "de_DE"),
    Language::new("el", "el_GR"),
    ENGLISH,
    Language::new("es", "es_ES"),
    Language::new("es-419", "es_LA"),
    Language::new("fi", "fi_FI"),
    Language::new("fr", "fr_FR"),
    Language::new("he", "he_IL"),
    Language::new("hi", "hi_IN"),
    Language::new("hu", "hu_HU"),
    Language::new("id", "id_ID"),
    Language::new("it", "it_IT"),
    Language::new("ja", "ja_JP"),
    Language::new("ko", "ko_KR"),
    Language::new("nb", "nb_NO"),
    Language::new("nl", "nl_NL"),
    Language::new("pl", "pl_PL"),
    Language::new("pt-BR", "pt_BR"),
    Language::new("pt-PT", "pt_PT"),
    Language::new("ro", "ro_RO"),
    Language::new("ru", "ru_RU"),
    Language::new("sv", "sv_SE"),
    Language::new("th", "th_TH"),
    Language::new("tr", "tr_TR"),
    Language::new("vi", "vi_VN"),
    Language::new("zh-CN", "zh_CN"),
    Language::new("zh-HK", "zh_HK"),
    Language::new("zh-TW", "zh_TW"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requested_language_precedes_accept_language() {
        for (requested, accepted, want) in [
            (Some("de-AT"), Some("fr"), "de"),
            (Some("xx,de"), Some("fr"), "de"),
            (Some("xx,"), Some("yy, ar, en;q=0.8"), "ar"),
            (None, Some("fr-CA,fr;q=0.9,de;q=0.5"), "fr"),
            (Some("EN-us"), None, "en"),
            (None, Some("</html>"), "en"),
            (None, None, "en"),
        ] {
            assert_eq!(
                negotiate(requested, accepted).tag,
                want,
                "{requested:?} {accepted:?}"
            );
        }
    }

    #[test]
    fn region_without_a_file_gets_the_nearest_language() {
        for (requested, want) in [
            ("es", "es"),
            ("es-ES", "es"),
            ("es-MX", "es-419"),
            ("es-419", "es-419"),
            ("pt", "pt-BR"),
            ("pt_br", "pt-BR"),
            ("pt-AO", "pt-PT"),
            ("zh", "zh-CN"),
            ("zh-Hans-SG", "zh-CN"),
            ("zh-Hant", "zh-TW"),
            ("zh-Hant-HK", "zh-HK"),
            ("zh-MO", "zh-HK"),
            ("no", "nb"),
            ("nn-NO", "nb"),
            ("iw-IL", "he"),
            ("in", "id"),
        ] {
            assert_eq!(negotiate(Some(requested), None).tag, want, "{requested}");
        }
        let endless = "x,".repeat(MAX_TAGS) + "de";
        assert_eq!(negotiate(Some(&endless), None).tag, "en");
    }

    #[test]
    fn languages_and_locale_files_correspond() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<String> = files
            .filter_map(|file| file.file_name().into_string().ok())
            .collect();
        files.sort();
        let mut tags: Vec<String> = LANGUAGES
            .iter()
            .map(|language| [language.tag, ".json"].concat())
            .collect();
        tags.sort();
        assert_eq!(files, tags);
    }
}
