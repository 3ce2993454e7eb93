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
