//! Every language there is, as a page of that language shows it, on a narrow screen.

use crate::scene::{Scene, Setting};
use anyhow::{Context, Result};
use embark_tests::stage::HOST;
use serde_json::Value;

#[tokio::test]
async fn every_language_is_spoken_and_fits() -> Result<()> {
    let narrow = Setting {
        size: Some((320, 640)),
        ..Setting::default()
    };
    let scene = Scene::with(narrow).await?;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales");
    let mut spoken = 0;
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let words: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let lang = words["lang"].as_str().context("no lang")?;
        scene.goto(&format!("{HOST}/?lang={lang}")).await?;
        let button = words["start.button"].as_str().context("no button")?;
        let said =
            |seen: &crate::seen::Seen| seen.state == "ready" && seen.text == button && seen.fits;
        let seen = scene.until_seen(lang, said).await?;
        let rtl = matches!(lang, "ar" | "he");
        assert_eq!(seen.dir, if rtl { "rtl" } else { "ltr" }, "{lang}");
        let script = "return [document.documentElement.lang, document.querySelector('.embark').lang,
            document.documentElement.dir, FB.__locale ?? document.querySelector('#facebook-jssdk').src]";
        let [page, widget, dir, sdk]: [String; 4] =
            serde_json::from_value(scene.inside(script).await?)?;
        assert_eq!((page.as_str(), widget.as_str()), (lang, lang));
        assert_eq!(dir, seen.dir, "{lang}");
        // Meta's window speaks the same language.
        let primary = lang.split('-').next().unwrap_or_default();
        assert!(sdk.contains(&format!("/{primary}_")), "{lang}: {sdk}");
        // Each file is asked for once, and no other.
        let loaded = "return performance.getEntriesByType('resource').map((one) => one.name)
            .filter((name) => name.includes('/locales/'))";
        let loaded: Vec<String> = serde_json::from_value(scene.inside(loaded).await?)?;
        let own = format!("/locales/{lang}.json");
        assert!(
            !loaded.is_empty() && loaded.iter().all(|name| name.ends_with(&own)),
            "{lang}: {loaded:?}"
        );
        spoken += 1;
    }
    assert_eq!(spoken, 31);
    Ok(())
}

#[tokio::test]
async fn the_tag_says_it_first_then_the_page_then_the_browser() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?;
    for (page, wanted) in [
        ("/?lang=fr&speaks=de", "de"),
        ("/?lang=fr&speaks=tlh", "fr"),
        ("/?lang=pt-AO", "pt-PT"),
        // The browser of these tests is English.
        ("/?lang=tlh", "en"),
        ("/?lang=fr&speaks=de&mode=inline", "de"),
    ] {
        scene.goto(&format!("{HOST}{page}")).await?;
        scene.place_in_frame(!page.contains("inline"));
        let in_language = |seen: &crate::seen::Seen| seen.state == "ready" && seen.lang == wanted;
        scene
            .until_seen(&format!("{page}: {wanted}"), in_language)
            .await?;
    }
    Ok(())
}
