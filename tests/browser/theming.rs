//! The widget on dark, narrow and right-to-left pages, and with the site owner's colours and styles.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::widget_dom::WidgetDom;
use anyhow::{Result, ensure};
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::json;

#[tokio::test]
async fn dark_page_gets_dark_widget() -> Result<()> {
    let options = FixtureOptions {
        dark: true,
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(&format!("{SHOP_ORIGIN}/?scheme=dark")).await?;
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    fixture.until_state(&["popup"]).await?;
    let scheme = "return getComputedStyle(document.querySelector('.embark')).colorScheme";
    fixture.until_widget_script_returns(scheme, "dark").await?;
    fixture.screenshot("dark").await?;
    Ok(())
}

#[tokio::test]
async fn narrow_page_widget_does_not_overflow() -> Result<()> {
    let options = FixtureOptions {
        page_size: Some((320, 640)),
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    let fits = |dom: &WidgetDom| dom.state == "ready" && dom.fits;
    fixture.until_dom("ready and not cut off", fits).await?;
    fixture.click("embark-button").await?;
    let popup = fixture.popup().await?;
    popup.continue_to("PHONE_NUMBER_SETUP").await?;
    popup.click("report").await?;
    popup.wait_until_closed().await?;
    fixture.until_state(&["cancelled"]).await?;
    fixture.screenshot("narrow").await
}

#[tokio::test]
async fn arabic_page_is_laid_out_right_to_left() -> Result<()> {
    let fixture = BrowserFixture::open("/?lang=ar").await?;
    let dom = fixture.until_state(&["ready"]).await?;
    assert_eq!(dom.dir, "rtl");
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    let dom = fixture.until_state(&["connected"]).await?;
    assert_eq!(dom.dir, "rtl");
    let arabic = |c: char| ('\u{600}'..='\u{6ff}').contains(&c);
    assert!(dom.text.contains(arabic), "{dom:#?}");
    dom.assert_text("+1 631-555-0101");
    fixture.screenshot("arabic").await
}

#[tokio::test]
async fn tag_attributes_set_colour_radius_and_label() -> Result<()> {
    let fixture = BrowserFixture::open("/?accent=%233b49df&radius=4&size=large&label=Link").await?;
    fixture.until_state(&["ready"]).await?.assert_text("Link");
    let button =
        "const style = getComputedStyle(document.querySelector('[data-testid=embark-button]'));
        return [style.backgroundColor, style.borderRadius]";
    fixture
        .until_widget_script_returns(button, json!(["rgb(59, 73, 223)", "4px"]))
        .await?;
    fixture.screenshot("looks").await
}

#[tokio::test]
async fn frame_is_aligned_with_page_text() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    let page = "const left = (what) => what.getBoundingClientRect().left;
        const frame = document.querySelector('embark-signup').shadowRoot.querySelector('iframe');
        return [left(document.querySelector('h1')), left(frame), frame.offsetHeight]";
    let button = "const box = document.querySelector('.em-button').getBoundingClientRect();
        return [box.left, box.top, box.height]";
    // The height of the frame follows that of the button.
    fixture
        .until("a frame that is aligned", async || {
            let page: [f64; 3] = serde_json::from_value(fixture.run_on_page(page).await?)?;
            let button: [f64; 3] = serde_json::from_value(fixture.run_in_widget(button).await?)?;
            ensure!(
                page[0] == page[1],
                "the text begins at {}, the frame at {}",
                page[0],
                page[1]
            );
            let filled = [0.0, 0.0, page[2]];
            ensure!(
                button == filled,
                "the button is at {button:?}, not {filled:?}"
            );
            Ok(())
        })
        .await
}

#[tokio::test]
async fn page_colour_scheme_change_is_followed() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    for mode in ["frame", "inline"] {
        fixture.goto(&format!("{SHOP_ORIGIN}/?mode={mode}")).await?;
        fixture.set_framed(mode == "frame");
        fixture.until_state(&["ready"]).await?;
        for expected in ["dark", "light"] {
            fixture
                .run_on_page(&format!(
                    "document.documentElement.dataset.scheme = '{expected}'"
                ))
                .await?;
            let has_scheme = |dom: &WidgetDom| dom.scheme == expected;
            fixture
                .until_dom(&format!("{mode}, {expected}"), has_scheme)
                .await?;
        }
    }
    // `data-theme` of the tag takes precedence over the page.
    fixture.goto(&format!("{SHOP_ORIGIN}/?theme=dark")).await?;
    fixture.set_framed(true);
    let dark = |dom: &WidgetDom| dom.state == "ready" && dom.scheme == "dark";
    fixture.until_dom("dark", dark).await?;
    fixture
        .run_on_page("document.documentElement.dataset.scheme = 'light'")
        .await?;
    assert_eq!(fixture.until_state(&["ready"]).await?.scheme, "dark");
    Ok(())
}

#[tokio::test]
async fn inline_widget_is_styled_by_page_stylesheet() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=inline").await?.without_frame();
    fixture.until_state(&["ready"]).await?;
    fixture
        .run_on_page(
            "const sheet = new CSSStyleSheet();
             sheet.replaceSync(`embark-signup { --embark-accent: #3b49df; --embark-ink: #ffffff; --embark-font: serif }
                embark-signup::part(button) { text-transform: uppercase }`);
             document.adoptedStyleSheets = [sheet];",
        )
        .await?;
    let style = "const style = getComputedStyle(document.querySelector('embark-signup').shadowRoot.querySelector('.em-button'));
        return [style.backgroundColor, style.color, style.fontFamily, style.textTransform]";
    let expected = json!([
        "rgb(59, 73, 223)",
        "rgb(255, 255, 255)",
        "serif",
        "uppercase"
    ]);
    // Colours change by a transition.
    fixture.until_script_returns(style, expected).await?;
    Ok(())
}
