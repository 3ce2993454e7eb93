//! Every locale of `www/locales` on a narrow page, and how the widget chooses among them.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use crate::widget_dom::WidgetDom;
use anyhow::{Context, Result};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::Value;

#[tokio::test]
async fn every_locale_on_narrow_page_is_shown_and_fits() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: texts do not depend on the browser",
    ) {
        return Ok(());
    }
    let narrow = FixtureOptions {
        page_size: Some((320, 640)),
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(narrow).await?;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales");
    let mut count = 0;
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let locale: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let lang = locale["lang"].as_str().context("no lang")?;
        fixture.goto(&format!("{SHOP_ORIGIN}/?lang={lang}")).await?;
        let button = locale["start.button"].as_str().context("no button")?;
        let shown = |dom: &WidgetDom| dom.state == "ready" && dom.text == button && dom.fits;
        let dom = fixture.until_dom(lang, shown).await?;
        let rtl = matches!(lang, "ar" | "he");
        assert_eq!(dom.dir, if rtl { "rtl" } else { "ltr" }, "{lang}");
        let script = "return [document.documentElement.lang, document.querySelector('.embark').lang,
            document.documentElement.dir, FB.__locale ?? document.querySelector('#facebook-jssdk').src]";
        let [page, widget, dir, sdk]: [String; 4] =
            serde_json::from_value(fixture.run_in_widget(script).await?)?;
        assert_eq!((page.as_str(), widget.as_str()), (lang, lang));
        assert_eq!(dir, dom.dir, "{lang}");
        // Meta's SDK, and with it the popup, is loaded in the same language.
        let primary = lang.split('-').next().unwrap_or_default();
        assert!(sdk.contains(&format!("/{primary}_")), "{lang}: {sdk}");
        // No locale file but its own is loaded.
        let loaded = "return performance.getEntriesByType('resource').map((one) => one.name)
            .filter((name) => name.includes('/locales/'))";
        let loaded: Vec<String> = serde_json::from_value(fixture.run_in_widget(loaded).await?)?;
        let own = format!("/locales/{lang}.json");
        assert!(
            !loaded.is_empty() && loaded.iter().all(|name| name.ends_with(&own)),
            "{lang}: {loaded:?}"
        );
        count += 1;
    }
    assert_eq!(count, 31);
    Ok(())
}

#[tokio::test]
async fn numbers_are_written_left_to_right_in_arabic() -> Result<()> {
    let fixture = BrowserFixture::open("/?lang=ar").await?;
    fixture.add_second_number("Fresh Business 145").await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_input("number").await?;
    fixture.screenshot("arabic_numbers").await?;
    // The characters of each number and name, in the order in which they stand on the screen.
    let order = "return [...document.querySelectorAll('.em-choice bdi')].map(({ firstChild }) => {
        const left = (at) => {
          const range = new Range();
          range.setStart(firstChild, at);
          range.setEnd(firstChild, at + 1);
          return range.getBoundingClientRect().left;
        };
        const places = [...firstChild.data].map((character, at) => [left(at), character]);
        return places.sort(([one], [other]) => one - other).map(([, character]) => character).join('');
      })";
    let shown = fixture.run_in_widget(order).await?;
    let shown: Vec<String> = serde_json::from_value(shown)?;
    for part in ["+1 631-555-0101", "+1 631-555-0177", "Fresh Business 145"] {
        assert!(shown.iter().any(|one| one == part), "{part}: {shown:?}");
    }
    Ok(())
}

#[tokio::test]
async fn language_choice_prefers_tag_then_page_then_browser() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: texts do not depend on the browser",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    for (page, expected) in [
        ("/?lang=fr&tag_lang=de", "de"),
        ("/?lang=fr&tag_lang=tlh", "fr"),
        ("/?lang=pt-AO", "pt-PT"),
        // The browser's own language is English.
        ("/?lang=tlh", "en"),
        ("/?lang=fr&tag_lang=de&mode=inline", "de"),
    ] {
        fixture.goto(&format!("{SHOP_ORIGIN}{page}")).await?;
        fixture.set_framed(!page.contains("inline"));
        let in_language = |dom: &WidgetDom| dom.state == "ready" && dom.lang == expected;
        fixture
            .until_dom(&format!("{page}: {expected}"), in_language)
            .await?;
    }
    Ok(())
}
