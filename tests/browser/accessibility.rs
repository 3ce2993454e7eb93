//! Violations that axe-core finds in the widget in both themes, and whether the widget fits pages of several widths: checked
//! in every state that has a screenshot, and in some of them in Arabic.

use crate::fixture::BrowserFixture;
use crate::requirement::runs_in;
use crate::widget_dom::WidgetDom;
use anyhow::{Result, ensure};
use embark_tests::browser::BrowserKind;
use embark_tests::environment::path_from_env;
use serde_json::{Value, json};

impl BrowserFixture {
    /// Asserts that axe-core finds nothing in light and dark colours, and that nothing overflows or scrolls at several widths.
    /// Does nothing in Firefox: colours and markup do not depend on the browser.
    pub async fn assert_accessible(&self, name: &str) -> Result<()> {
        if !self.browser.is_chromium() {
            return Ok(());
        }
        let other_theme = self.run_in_widget(SWITCH_THEME).await?;
        let violations_in_other = self.axe_violations().await?;
        self.run_in_widget(SWITCH_THEME).await?;
        let violations = self.axe_violations().await?;
        ensure!(
            violations_in_other == json!([]),
            "{name} in {other_theme} colours: {violations_in_other:#}"
        );
        ensure!(violations == json!([]), "{name}: {violations:#}");
        let (own_width, height) = self.page_size;
        for width in [1280, 480, 320, own_width] {
            self.resize(width, height).await?;
            self.until_script_returns("return innerWidth", width)
                .await?;
            let what = format!("{name} to fit a page of {width} pixels");
            self.until_dom(&what, |dom| dom.fits).await?;
        }
        Ok(())
    }

    /// Violations in the document of the page, each with its elements.
    pub async fn axe_violations_on_page(&self) -> Result<Value> {
        let source = std::fs::read_to_string(path_from_env("EMBARK_AXE")?)?;
        self.run_on_page("return true").await?;
        let client = &self.browser.client;
        client.execute(&source, vec![]).await?;
        Ok(client.execute_async(RUN_AXE, vec![]).await?)
    }

    /// Violations in the current document, each with its elements.
    async fn axe_violations(&self) -> Result<Value> {
        let source = std::fs::read_to_string(path_from_env("EMBARK_AXE")?)?;
        self.until("axe-core's report", async || {
            ensure!(self.enter_widget().await?, "there is no frame");
            let client = &self.browser.client;
            if client.execute("return !window.axe", vec![]).await? == true {
                client.execute(&source, vec![]).await?;
            }
            Ok(client.execute_async(RUN_AXE, vec![]).await?)
        })
        .await
    }
}

/// Switches between light and dark; returns the theme switched to.
const SWITCH_THEME: &str = r#"
  const root = (document.querySelector("embark-signup")?.shadowRoot ?? document)
    .querySelector("[data-testid=embark-state]").parentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  // Colours in the middle of a transition are not checked.
  for (const one of root.getAnimations({ subtree: true })) if (one instanceof CSSTransition) one.finish();
  return root.dataset.theme;
"#;

/// A frame is only a part of its page, which may have a first-level heading elsewhere. In a host page's document
/// only the widget is checked.
const RUN_AXE: &str = r#"
  const done = arguments[arguments.length - 1];
  const widget = document.querySelector("embark-signup");
  const rules = { "page-has-heading-one": { enabled: window === top } };
  axe.run(widget ?? document, { rules, resultTypes: ["violations"] }).then(
    ({ violations }) =>
      done(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => `${node.html} ${node.failureSummary}`) }))),
    (error) => done([String(error)]),
  );
"#;

#[tokio::test]
async fn widget_in_arabic_has_no_axe_violations() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: markup and colours do not depend on the browser",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/?lang=ar").await?;
    fixture.set_existing_pin("482916").await?;
    fixture.until_state(&["ready"]).await?;
    fixture.assert_accessible("ready in Arabic").await?;
    fixture.click("embark-button").await?;
    fixture.until_state(&["popup"]).await?;
    fixture.assert_accessible("popup in Arabic").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_input("pin").await?;
    fixture.fill("embark-input-pin", "111111").await?;
    fixture.click("embark-submit").await?;
    let pin_error = |dom: &WidgetDom| dom.text.contains("تبقّت محاولتان.");
    fixture
        .until_dom("the remaining attempts", pin_error)
        .await?;
    fixture.assert_accessible("a wrong PIN in Arabic").await?;
    fixture.screenshot("arabic_pin_wrong").await?;
    fixture.fill("embark-input-pin", "482916").await?;
    fixture.click("embark-submit").await?;
    fixture.until_state(&["connected"]).await?;
    fixture.assert_accessible("connected in Arabic").await
}

#[tokio::test]
async fn axe_low_contrast_text_is_reported() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: markup and colours do not depend on the browser",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    fixture
        .run_in_widget("document.querySelector('.em-button span').style.color = '#4fdc85'")
        .await?;
    let found = fixture.axe_violations().await?;
    assert_eq!(found[0]["id"], "color-contrast", "{found:#}");
    Ok(())
}
