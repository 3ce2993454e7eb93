//! The keyboard alone is enough, the focus is never lost, and who wants rest gets it.

use crate::scene::{LOOK, PATIENCE, Scene, Setting};
use anyhow::{Result, ensure};
use embark_tests::stage::HOST;
use serde_json::json;
use std::time::Instant;
use tokio::time::sleep;

#[tokio::test]
async fn a_person_without_a_mouse_connects_a_number() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.pin_is_set("482916").await?;
    scene.until(&["ready"]).await?;
    scene.top().await?;
    scene.press(TAB).await?;
    scene.focused("embark-button").await?;
    scene.press(ENTER).await?;
    scene.until(&["popup"]).await?;
    scene.focused("em-title").await?;
    scene.says_aloud("Go on in Meta’s window").await?;
    scene.popup().await?.finish().await?;

    scene.until_asked("pin").await?;
    scene.focused("embark-input-pin").await?;
    scene.press(&format!("111111{ENTER}")).await?;
    let wrong = |seen: &crate::seen::Seen| seen.text.contains("2 tries left.");
    scene.until_seen("a complaint", wrong).await?;
    // The field says that it is wrong, and where the reason stands.
    let field = scene
        .inside(
            "const field = document.activeElement; const why = field.getAttribute('aria-describedby');
             return [field.ariaInvalid, document.getElementById(why)?.textContent]",
        )
        .await?;
    assert_eq!(
        field,
        json!(["true", "This PIN is not right. 2 tries left."])
    );
    scene
        .press(&format!("{CONTROL}a{RELEASE}482916{ENTER}"))
        .await?;
    scene.until(&["connected"]).await?;
    scene.focused("em-title").await?;
    scene.says_aloud("You’re connected").await
}

#[tokio::test]
async fn nothing_turns_where_a_person_asked_for_rest() -> Result<()> {
    let calm = Setting {
        calm: true,
        ..Setting::default()
    };
    let scene = Scene::with(calm).await?;
    scene.goto(HOST).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.until(&["popup"]).await?;
    let moving = scene
        .inside(
            "return document.getAnimations().filter((one) => one.playState === 'running').length",
        )
        .await?;
    assert_eq!(moving, 0);
    Ok(())
}

impl Scene {
    /// Keys as a person presses them, wherever the focus is.
    async fn press(&self, keys: &str) -> Result<()> {
        let focused = self.chrome.client.active_element().await?;
        Ok(focused.send_keys(keys).await?)
    }

    /// Waits until the focus is on this part of the widget.
    async fn focused(&self, wanted: &str) -> Result<()> {
        let started = Instant::now();
        let script =
            "const at = document.activeElement; return `${at.dataset.testid} ${at.className}`";
        loop {
            let at = self.inside(script).await?;
            if at.as_str().is_some_and(|at| at.contains(wanted)) {
                return Ok(());
            }
            ensure!(started.elapsed() < PATIENCE, "the focus is on {at}");
            sleep(LOOK).await;
        }
    }

    /// What a screen reader is told.
    async fn says_aloud(&self, words: &str) -> Result<()> {
        let script = "return document.querySelector('[role=status]').textContent";
        let said = self.inside(script).await?;
        ensure!(
            said.as_str().is_some_and(|said| said.contains(words)),
            "{said}"
        );
        Ok(())
    }
}

// WebDriver's names of keys.
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const CONTROL: &str = "\u{E009}";
const RELEASE: &str = "\u{E000}";
