//! The host's own button opens the hosted page in a window, and the host page hears of it; pages where
//! the widget has to stand elsewhere than the tag says.

use crate::scene::{LOOK, PATIENCE, Scene};
use anyhow::{Context, Result};
use fantoccini::Locator;
use serde_json::Value;
use std::time::Instant;
use tokio::time::sleep;

#[tokio::test]
async fn whoever_leaves_in_the_window_is_reported_to_the_host_page() -> Result<()> {
    let scene = Scene::open("/?mode=window").await?;
    scene.press_own().await?;
    let home = scene.turn_to_new_tab().await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.cancel_at("PHONE_NUMBER_SETUP").await?;
    let there = scene.until(&["cancelled"]).await?;
    there.says("You left while adding your phone number.");

    let there = scene.turn_back(home.clone());
    let cancelled = scene.until_told("cancelled").await?;
    assert_eq!(cancelled["reason"], "cancelled");
    assert_eq!(cancelled["step"], "PHONE_NUMBER_SETUP");

    // The same signup goes on there, and ends here.
    scene.turn_back(there);
    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.turn_back(home);
    let connected = scene.until_told("connected").await?;
    assert_eq!(connected["signup"], cancelled["signup"]);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_window_that_was_closed_is_opened_again_and_its_used_link_is_nobodys() -> Result<()> {
    let scene = Scene::open("/?mode=window").await?;
    let href = "return document.querySelector('embark-signup').href";
    let handed = |href: &Value| href.to_string().contains("#embark=");
    let used = scene.until_page(href, handed).await?;
    scene.press_own().await?;
    let home = scene.turn_to_new_tab().await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.cancel_at("PHONE_NUMBER_SETUP").await?;
    scene.until(&["cancelled"]).await?;
    scene.chrome.client.close_window().await?;
    scene.turn_back(home.clone());
    let signup = scene.until_told("cancelled").await?["signup"].clone();
    let signup = signup.as_str().context("no signup")?;
    scene.until_page(href, |href| *href != used).await?;

    // Whoever finds the link gets a signup of their own.
    scene.chrome.client.new_window(true).await?;
    scene.turn_to_new_tab().await?;
    scene.top().await?;
    scene.goto(used.as_str().context("no link")?).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.until(&["popup"]).await?;
    let kept = scene
        .on_page("return JSON.stringify(sessionStorage)")
        .await?;
    let kept = kept.as_str().context("nothing is kept")?;
    assert!(
        kept.contains("embark:acme") && !kept.contains(signup),
        "{kept}"
    );
    scene.popup().await?.close().await?;

    // The host's own button leads back to the one that was begun.
    scene.turn_back(home.clone());
    scene.press_own().await?;
    scene.turn_to_new_tab().await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.turn_back(home);
    assert_eq!(scene.until_told("connected").await?["signup"], signup);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_hosts_own_button_is_enough_where_windows_are_severed() -> Result<()> {
    for path in ["/?mode=window", "/coop?mode=window"] {
        let scene = Scene::open(path).await?;
        scene.press_own().await?;
        let opened = scene.on_page("return window.__opened").await?;
        assert_eq!(opened, true, "{path}");
        let home = scene.turn_to_new_tab().await?;
        scene.until(&["ready"]).await?;
        let address = scene.on_page("return location.href").await?;
        let hosted = format!("{}?lang=en", crate::scene::hosted());
        assert_eq!(address, hosted, "no grant is left in the address");
        scene.click("embark-button").await?;
        scene.popup().await?.finish().await?;
        scene.until(&["connected"]).await?;

        scene.turn_back(home);
        let connected = scene.until_told("connected").await?;
        assert_eq!(connected["phone_number_id"], "6000000000000001");
        let events = scene.events().await?;
        assert_eq!(events.one("launched")["signup"], connected["signup"]);
        assert!(events.count("progress") > 0, "{events:#?}");
        let shown =
            "const frame = document.querySelector('embark-signup').shadowRoot.firstElementChild;
            return [frame.checkVisibility(), document.querySelector('#facebook-jssdk') !== null]";
        assert_eq!(
            scene.on_page(shown).await?,
            serde_json::json!([false, false])
        );
        assert_eq!(scene.stage.count("*/register", None).await?, 1);

        // Another press is another signup.
        let signup = connected["signup"].as_str().context("no signup")?;
        let href = "return document.querySelector('embark-signup').href";
        scene
            .until_page(href, |href| !href.to_string().contains(signup))
            .await?;
        scene.press_own().await?;
        scene.turn_to_new_tab().await?;
        scene.until(&["ready"]).await?.offers("embark-button");
    }
    Ok(())
}

#[tokio::test]
async fn where_no_frame_can_report_back_the_button_still_opens_the_page() -> Result<()> {
    let scene = Scene::open("/isolated?mode=window").await?;
    scene.own().await?.click().await?;
    scene.turn_to_new_tab().await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    Ok(())
}

#[tokio::test]
async fn an_sdk_that_belongs_to_the_host_is_left_alone() -> Result<()> {
    let scene = Scene::open("/?mode=inline&facebook=1").await?;
    // In a frame, where an SDK of our own does no harm.
    scene.until(&["ready"]).await?;
    assert_eq!(
        scene.on_page("return window.__init ?? null").await?,
        Value::Null
    );
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn a_tag_may_be_no_more_than_a_link() -> Result<()> {
    let scene = Scene::open("/?mode=link").await?.unframed();
    let link =
        "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('a')?.href";
    let hosted = format!("{}?lang=en&mode=link", crate::scene::hosted());
    scene.until_page(link, |link| *link == hosted).await?;
    assert_eq!(
        scene
            .on_page(
                "return document.querySelector('embark-signup').shadowRoot.querySelector('iframe')"
            )
            .await?,
        Value::Null
    );
    Ok(())
}

impl Scene {
    /// The host's own button.
    async fn own(&self) -> Result<fantoccini::elements::Element> {
        self.top().await?;
        let button = self.chrome.client.find(Locator::Id("own")).await;
        button.context("the page has no button of its own")
    }

    /// Presses it as soon as the page has heard that it may.
    async fn press_own(&self) -> Result<()> {
        self.until_told("ready").await?;
        Ok(self.own().await?.click().await?)
    }

    /// Waits for an event of the host page's.
    pub async fn until_told(&self, name: &str) -> Result<Value> {
        let started = Instant::now();
        loop {
            let events = self.events().await?;
            if let Some(detail) = events.all(name).last() {
                return Ok(detail.clone());
            }
            if started.elapsed() > PATIENCE {
                return self.give_up(&format!("{name} in {events:#?}"), &None).await;
            }
            sleep(LOOK).await;
        }
    }
}
