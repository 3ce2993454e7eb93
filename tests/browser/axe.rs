//! What axe-core finds in the widget, in both themes, and whether it fits a narrow page: asked of every
//! state that a picture is taken of, and of some of them in Arabic.

use crate::scene::Scene;
use anyhow::{Result, ensure};
use embark_tests::tools::from_env;
use serde_json::{Value, json};

impl Scene {
    /// Nothing is found in the light, in the dark, and nothing sticks out at 320 pixels.
    pub async fn examine(&self, name: &str) -> Result<()> {
        if !self.chrome.is_chromium() {
            return Ok(());
        }
        let theme = self.inside(TURN_THEME).await?;
        let there = self.axe().await?;
        self.inside(TURN_THEME).await?;
        let back = self.axe().await?;
        let other = if theme == "dark" { "light" } else { "dark" };
        ensure!(there == json!([]), "{name}, {theme}: {there:#}");
        ensure!(back == json!([]), "{name}, {other}: {back:#}");
        self.resize(320, 640).await?;
        let what = format!("{name} at 320 pixels");
        self.until_seen(&what, |seen| seen.fits).await?;
        let (width, height) = self.size;
        self.resize(width, height).await
    }

    /// The violations, each with its element.
    async fn axe(&self) -> Result<Value> {
        self.enter().await?;
        let client = &self.chrome.client;
        if client.execute("return !window.axe", vec![]).await? == true {
            let source = std::fs::read_to_string(from_env("EMBARK_AXE")?)?;
            client.execute(&source, vec![]).await?;
        }
        Ok(client.execute_async(RUN, vec![]).await?)
    }
}

/// Says which theme there is now.
const TURN_THEME: &str = r#"
  const box = (document.querySelector("embark-signup")?.shadowRoot ?? document)
    .querySelector("[data-testid=embark-state]").parentElement;
  box.dataset.theme = box.dataset.theme === "dark" ? "light" : "dark";
  // Colours on their way from one to the other are nobody's.
  for (const one of box.getAnimations({ subtree: true })) if (one instanceof CSSTransition) one.finish();
  return box.dataset.theme;
"#;

/// A frame is a part of its page: whether that has a heading of the first level is not for us to say. On the
/// host's own page only what is ours is looked at.
const RUN: &str = r#"
  const done = arguments[arguments.length - 1];
  const ours = document.querySelector("embark-signup");
  const rules = { "page-has-heading-one": { enabled: window === top } };
  axe.run(ours ?? document, { rules, resultTypes: ["violations"] }).then(
    ({ violations }) =>
      done(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => `${node.html} ${node.failureSummary}`) }))),
    (why) => done([String(why)]),
  );
"#;

#[tokio::test]
async fn arabic_is_as_accessible() -> Result<()> {
    let scene = Scene::open("/?lang=ar").await?;
    scene.pin_is_set("482916").await?;
    scene.until(&["ready"]).await?;
    scene.examine("ready in Arabic").await?;
    scene.click("embark-button").await?;
    scene.until(&["popup"]).await?;
    scene.examine("popup in Arabic").await?;
    scene.popup().await?.finish().await?;
    scene.until_asked("pin").await?;
    scene.fill("embark-input-pin", "111111").await?;
    scene.click("embark-submit").await?;
    let wrong = |seen: &crate::seen::Seen| seen.text.contains("تبقّت محاولتان.");
    scene.until_seen("two tries left", wrong).await?;
    scene.examine("a wrong PIN in Arabic").await?;
    scene.picture("arabic_pin_wrong").await?;
    scene.fill("embark-input-pin", "482916").await?;
    scene.click("embark-submit").await?;
    scene.until(&["connected"]).await?;
    scene.examine("connected in Arabic").await
}

#[tokio::test]
async fn a_fault_would_be_found() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene
        .inside("document.querySelector('.em-button span').style.color = '#4fdc85'")
        .await?;
    let found = scene.axe().await?;
    assert_eq!(found[0]["id"], "color-contrast", "{found:#}");
    Ok(())
}
