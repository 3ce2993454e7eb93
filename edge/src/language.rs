//! Which language a page speaks: what the tag says, then what the page around it is written in, then what
//! the browser prefers, of the locale files there are. Meta's window is asked for the same language. And what
//! such a file says.

use core::fmt;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// A language there is a locale file for.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// Its BCP 47 tag, and the name of its file in `www/locales`.
    pub tag: &'static str,
    /// Meta's word for it: the SDK's own locale.
    pub sdk: &'static str,
}

impl Language {
    /// How it is written: the `dir` of a page.
    pub fn direction(&self) -> &'static str {
        if matches!(self.tag, "ar" | "he") {
            "rtl"
        } else {
            "ltr"
        }
    }
}

/// The language to answer in. `asked` names the best first, separated by commas; `accepted` is the
/// browser's `accept-language`, which browsers sort.
pub fn pick(asked: Option<&str>, accepted: Option<&str>) -> &'static Language {
    [asked, accepted]
        .into_iter()
        .flatten()
        .flat_map(|list| list.split(','))
        .take(LONGEST_LIST)
        .find_map(known)
        .unwrap_or(&ENGLISH)
}

/// The language of a tag like `pt-AO`, `zh_Hant_HK` or `es-MX;q=0.8`.
fn known(tag: &str) -> Option<&'static Language> {
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
        // Older names that browsers and phones still send.
        "no" | "nn" => "nb",
        "iw" => "he",
        "in" => "id",
        other => other,
    };
    LANGUAGES.iter().find(|language| language.tag == name)
}

/// The sentences of one locale file with their keys. A list: a tree of them would cost kilobytes of the Worker.
#[derive(Debug)]
pub struct Words(Vec<(String, String)>);

impl Words {
    /// The sentence of `<group><word>`, else of `<group>unknown`.
    pub fn of(&self, group: &str, word: &str) -> Option<&str> {
        let find = |word: &str| {
            let mut all = self.0.iter();
            let found = all.find(|(key, _)| key.strip_prefix(group) == Some(word));
            found.map(|(_, sentence)| sentence.as_str())
        };
        find(word).or_else(|| find("unknown"))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sentences")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut file: A) -> Result<Words, A::Error> {
        let mut all = Vec::new();
        while let Some(sentence) = file.next_entry()? {
            all.push(sentence);
        }
        Ok(Words(all))
    }
}

/// Tags that are looked at.
const LONGEST_LIST: usize = 32;

const fn of(tag: &'static str, sdk: &'static str) -> Language {
    Language { tag, sdk }
}

const ENGLISH: Language = of("en", "en_US");

/// The thirty languages of Meta's flow, and German.
const LANGUAGES: &[Language] = &[
    of("ar", "ar_AR"),
    of("cs", "cs_CZ"),
    of("da", "da_DK"),
    of("de", "de_DE"),
    of("el", "el_GR"),
    ENGLISH,
    of("es", "es_ES"),
    of("es-419", "es_LA"),
    of("fi", "fi_FI"),
    of("fr", "fr_FR"),
    of("he", "he_IL"),
    of("hi", "hi_IN"),
    of("hu", "hu_HU"),
    of("id", "id_ID"),
    of("it", "it_IT"),
    of("ja", "ja_JP"),
    of("ko", "ko_KR"),
    of("nb", "nb_NO"),
    of("nl", "nl_NL"),
    of("pl", "pl_PL"),
    of("pt-BR", "pt_BR"),
    of("pt-PT", "pt_PT"),
    of("ro", "ro_RO"),
    of("ru", "ru_RU"),
    of("sv", "sv_SE"),
    of("th", "th_TH"),
    of("tr", "tr_TR"),
    of("vi", "vi_VN"),
    of("zh-CN", "zh_CN"),
    of("zh-HK", "zh_HK"),
    of("zh-TW", "zh_TW"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_comes_before_the_page_and_the_page_before_the_browser() {
        for (asked, accepted, want) in [
            (Some("de-AT"), Some("fr"), "de"),
            (Some("xx,de"), Some("fr"), "de"),
            (Some("xx,"), Some("yy, ar, en;q=0.8"), "ar"),
            (None, Some("fr-CA,fr;q=0.9,de;q=0.5"), "fr"),
            (Some("EN-us"), None, "en"),
            (None, Some("</html>"), "en"),
            (None, None, "en"),
        ] {
            assert_eq!(pick(asked, accepted).tag, want, "{asked:?} {accepted:?}");
        }
    }

    #[test]
    fn regions_get_the_nearest_file_there_is() {
        for (asked, want) in [
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
            assert_eq!(pick(Some(asked), None).tag, want, "{asked}");
        }
        let endless = "x,".repeat(LONGEST_LIST) + "de";
        assert_eq!(pick(Some(&endless), None).tag, "en");
    }

    #[test]
    fn every_language_has_its_file_and_every_file_its_language() {
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
