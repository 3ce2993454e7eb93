//! The widget on dark, narrow and right-to-left pages, and in the site owner's own colours.

use crate::scene::{Scene, Setting};
use anyhow::Result;
use embark_tests::stage::HOST;

#[tokio::test]
async fn dark_pages_get_a_dark_widget() -> Result<()> {
    let dark = Setting {
        dark: true,
        ..Setting::default()
    };
    let scene = Scene::with(dark).await?;
    scene.goto(&format!("{HOST}/?scheme=dark")).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.until(&["popup"]).await?;
    let scheme = "return getComputedStyle(document.querySelector('.embark')).colorScheme";
    assert_eq!(scene.inside(scheme).await?, "dark");
    scene.picture("dark").await?;
    Ok(())
}

#[tokio::test]
async fn nothing_sticks_out_of_a_narrow_page() -> Result<()> {
    let narrow = Setting {
        size: Some((320, 640)),
        ..Setting::default()
    };
    let scene = Scene::with(narrow).await?;
    scene.goto(HOST).await?;
    assert!(scene.until(&["ready"]).await?.fits);
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PHONE_NUMBER_SETUP").await?;
    popup.press("report").await?;
    popup.gone().await?;
    scene.until(&["cancelled"]).await?;
    scene.picture("narrow").await
}

#[tokio::test]
async fn arabic_pages_read_from_right_to_left() -> Result<()> {
    let scene = Scene::open("/?lang=ar").await?;
    let seen = scene.until(&["ready"]).await?;
    assert_eq!(seen.dir, "rtl");
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    let seen = scene.until(&["connected"]).await?;
    assert_eq!(seen.dir, "rtl");
    let arabic = |c: char| ('\u{600}'..='\u{6ff}').contains(&c);
    assert!(seen.text.contains(arabic), "{seen:#?}");
    seen.says("+1 631-555-0101");
    scene.picture("arabic").await
}

#[tokio::test]
async fn the_site_owner_says_how_it_looks() -> Result<()> {
    let scene = Scene::open("/?accent=%233b49df&radius=4&size=large&label=Link").await?;
    scene.until(&["ready"]).await?.says("Link");
    let button =
        "const style = getComputedStyle(document.querySelector('[data-testid=embark-button]'));
        return [style.backgroundColor, style.borderRadius]";
    let button = scene.inside(button).await?;
    assert_eq!(button, serde_json::json!(["rgb(59, 73, 223)", "4px"]));
    scene.picture("looks").await
}

#[tokio::test]
async fn the_widget_stands_where_the_page_puts_it() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    let page = "const left = (what) => what.getBoundingClientRect().left;
        const frame = document.querySelector('embark-signup').shadowRoot.querySelector('iframe');
        return [left(document.querySelector('h1')), left(frame), frame.offsetHeight]";
    let page: [f64; 3] = serde_json::from_value(scene.on_page(page).await?)?;
    let button = "const box = document.querySelector('.em-button').getBoundingClientRect();
        return [box.left, box.top, box.height]";
    let button: [f64; 3] = serde_json::from_value(scene.inside(button).await?)?;
    assert_eq!(page[0], page[1], "the frame begins where the text does");
    assert_eq!(button, [0.0, 0.0, page[2]], "the button fills its frame");
    Ok(())
}

#[tokio::test]
async fn colours_follow_the_page_when_it_turns_them() -> Result<()> {
    let scene = Scene::open("/").await?;
    for mode in ["frame", "inline"] {
        scene.goto(&format!("{HOST}/?mode={mode}")).await?;
        scene.place_in_frame(mode == "frame");
        scene.until(&["ready"]).await?;
        for wanted in ["dark", "light"] {
            scene
                .on_page(&format!(
                    "document.documentElement.dataset.scheme = '{wanted}'"
                ))
                .await?;
            let painted = |seen: &crate::seen::Seen| seen.scheme == wanted;
            scene
                .until_seen(&format!("{mode}, {wanted}"), painted)
                .await?;
        }
    }
    // What the tag says stands.
    scene.goto(&format!("{HOST}/?theme=dark")).await?;
    scene.place_in_frame(true);
    let dark = |seen: &crate::seen::Seen| seen.state == "ready" && seen.scheme == "dark";
    scene.until_seen("dark", dark).await?;
    scene
        .on_page("document.documentElement.dataset.scheme = 'light'")
        .await?;
    assert_eq!(scene.until(&["ready"]).await?.scheme, "dark");
    Ok(())
}

#[tokio::test]
async fn on_its_own_page_a_style_sheet_reaches_it() -> Result<()> {
    let scene = Scene::open("/?mode=inline").await?.unframed();
    scene.until(&["ready"]).await?;
    scene
        .on_page(
            "const sheet = new CSSStyleSheet();
             sheet.replaceSync(`embark-signup { --embark-accent: #3b49df; --embark-ink: #ffffff; --embark-font: serif }
                embark-signup::part(button) { text-transform: uppercase }`);
             document.adoptedStyleSheets = [sheet];",
        )
        .await?;
    let style = "const style = getComputedStyle(document.querySelector('embark-signup').shadowRoot.querySelector('.em-button'));
        return [style.backgroundColor, style.color, style.fontFamily, style.textTransform]";
    let wanted = serde_json::json!([
        "rgb(59, 73, 223)",
        "rgb(255, 255, 255)",
        "serif",
        "uppercase"
    ]);
    // Colours pass over.
    scene.until_page(style, |style| *style == wanted).await?;
    Ok(())
}
