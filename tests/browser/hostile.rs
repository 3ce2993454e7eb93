//! Pages and frames that mean harm, and pages where the widget has no business.

use crate::scene::{LOOK, PATIENCE, Scene, Setting};
use anyhow::{Context, Result};
use embark_tests::stage::HOST;
use fantoccini::Locator;
use serde_json::{Value, json};
use std::time::Instant;
use tokio::time::sleep;

#[tokio::test]
async fn what_a_frame_next_door_forges_changes_nothing() -> Result<()> {
    let scene = Scene::open("/?hostile=1").await?;
    scene.until(&["ready"]).await?;
    lied_to(&scene).await?;
    // The page itself reaches further than any frame on it: into the widget's frame.
    scene.on_page(LIE_TO_THE_FRAME).await?;
    let seen = scene.until(&["ready"]).await?;
    seen.offers("embark-button");
    let height = "return document.querySelector('embark-signup').getBoundingClientRect().height";
    let height = scene.on_page(height).await?;
    assert!(
        height.as_f64().is_some_and(|height| height < 200.0),
        "{height}"
    );

    scene.stage.rules(json!({"ids": "never"})).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PERMISSIONS").await?;
    scene.on_page(LIE_TO_THE_FRAME).await?;
    lied_to(&scene).await?;
    assert_eq!(scene.until(&["popup"]).await?.state, "popup");
    popup.finish().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    lied_to(&scene).await?;
    unmoved(&scene).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn nor_where_the_hosts_own_button_is_listened_to() -> Result<()> {
    let scene = Scene::open("/?mode=window&hostile=1").await?;
    scene.until_told("ready").await?;
    lied_to(&scene).await?;
    let href = scene
        .on_page("return document.querySelector('embark-signup').href")
        .await?;
    let href = href.as_str().context("no link")?;
    assert!(
        href.starts_with("https://signup.partner.example/go/acme"),
        "{href}"
    );
    // Nobody pressed anything.
    assert_eq!(scene.events().await?.names(), ["ready"]);
    Ok(())
}

#[tokio::test]
async fn nor_does_it_where_the_widget_is_on_the_page_itself() -> Result<()> {
    let scene = Scene::open("/?mode=inline&hostile=1").await?.unframed();
    scene.stage.rules(json!({"ids": "never"})).await?;
    scene.until(&["ready"]).await?;
    lied_to(&scene).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PERMISSIONS").await?;
    lied_to(&scene).await?;
    assert_eq!(scene.until(&["popup"]).await?.state, "popup");
    popup.finish().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    lied_to(&scene).await?;
    unmoved(&scene).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn a_site_that_is_not_listed_gets_a_plain_link() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?.unframed();
    scene.goto("https://rival.example/").await?;
    let link = fallback(&scene).await?;
    assert_eq!(
        link["href"],
        "https://signup.partner.example/go/acme?lang=en"
    );
    assert_eq!(link["rel"], "noopener");
    scene.picture_of_page("fallback_link").await?;

    // The hosted page is ours, and needs nobody's listing.
    scene.press_fallback().await?;
    scene.turn_to_new_tab().await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    Ok(())
}

#[tokio::test]
async fn where_nothing_could_report_back_there_is_a_plain_link() -> Result<()> {
    let scene = Scene::open("/isolated").await?.unframed();
    fallback(&scene).await?;
    scene.goto(&format!("{HOST}/boxed")).await?;
    scene.chrome.client.enter_frame(0).await?;
    let started = Instant::now();
    loop {
        let script =
            "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('a')?.href";
        let link = scene
            .chrome
            .client
            .execute(script, vec![])
            .await
            .unwrap_or_default();
        if link == "https://signup.partner.example/go/acme?lang=en" {
            return Ok(());
        }
        assert!(
            started.elapsed() < PATIENCE,
            "no link in a sandboxed frame: {link}"
        );
        sleep(LOOK).await;
    }
}

#[tokio::test]
async fn the_frame_of_one_site_does_not_open_on_another() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?.unframed();
    scene.goto("https://evil.example/thief").await?;
    let refused = scene.until_console("frame-ancestors").await?;
    assert!(refused.contains("https://shop.example"), "{refused}");
    scene.top().await?;
    scene.chrome.client.enter_frame(0).await?;
    let launch = scene.chrome.client.find(Locator::Id("embark-launch")).await;
    assert!(launch.is_err(), "the page was shown");
    Ok(())
}

impl Scene {
    /// The driver cannot click a child of a shadow root; the browser itself can.
    async fn press_fallback(&self) -> Result<()> {
        let place =
            "const link = document.querySelector('embark-signup').shadowRoot.querySelector('a');
            const { x, y, width, height } = link.getBoundingClientRect();
            return [x + width / 2, y + height / 2]";
        let [x, y]: [f64; 2] = serde_json::from_value(self.on_page(place).await?)?;
        for kind in ["mousePressed", "mouseReleased"] {
            let input = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.chrome
                .devtools("Input.dispatchMouseEvent", input)
                .await?;
        }
        Ok(())
    }
}

/// Waits until the hostile frame has sent all of its lies several times more.
async fn lied_to(scene: &Scene) -> Result<()> {
    let heard = scene.on_page("return window.__lies").await?;
    let heard = heard.as_u64().context("nobody listens")?;
    let many = |lies: &Value| lies.as_u64() >= Some(heard + 120);
    scene.until_page("return window.__lies", many).await?;
    let forgeries = scene.on_page("return window.__forgeries.size").await?;
    assert!(forgeries.as_u64() >= Some(40), "{forgeries} forgeries");
    Ok(())
}

/// Nothing was heard but what really happened, and nothing was drawn.
async fn unmoved(scene: &Scene) -> Result<()> {
    scene.until(&["connected"]).await?;
    let events = scene.events().await?;
    for name in ["needsinput", "cancelled", "failed"] {
        assert_eq!(events.count(name), 0, "{events:#?}");
    }
    for name in ["ready", "launched", "connected"] {
        assert_eq!(events.count(name), 1, "{events:#?}");
    }
    let drawn = "return document.querySelector('embark-signup').shadowRoot.querySelectorAll('a, img, b').length";
    assert_eq!(scene.on_page(drawn).await?, 0);
    Ok(())
}

/// Waits for the loader's own link.
async fn fallback(scene: &Scene) -> Result<Value> {
    let script = "const link = document.querySelector('embark-signup')?.shadowRoot?.querySelector('a');
        return link?.checkVisibility() ? { href: link.href, rel: link.rel, text: link.textContent } : null;";
    scene.until_page(script, |link| !link.is_null()).await
}

const LIE_TO_THE_FRAME: &str = r#"
  const frame = document.querySelector("embark-signup").shadowRoot.querySelector("iframe").contentWindow;
  const data = { waba_id: "5000000000000009", phone_number_id: "6000000000000009" };
  const meta = (event) => JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event, version: "3", data });
  for (const lie of [meta("FINISH"), meta("CANCEL"), JSON.parse(meta("FINISH")), "cb=f1&relation=opener&code=FORGED"])
    frame.postMessage(lie, "*");
"#;
