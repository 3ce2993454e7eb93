//! What the widget shows, read from its document by one script.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
pub struct WidgetDom {
    /// `data-state` of the root element.
    pub state: String,
    pub dir: String,
    pub lang: String,
    /// CSS `color-scheme`: `light` or `dark`.
    pub scheme: String,
    /// The visible text, one line per text node.
    pub text: String,
    /// The steps of a run: `data-state` by step name.
    pub steps: BTreeMap<String, String>,
    /// Test id of the field or choice that a person is to fill in.
    pub input: Option<String>,
    /// Test ids of the enabled and visible buttons, links and fields.
    pub enabled: Vec<String>,
    /// Its stylesheets are loaded, and no finite animation or transition is running.
    pub settled: bool,
    /// Nothing is cut off, overflows sideways, or scrolls in the loader's frame.
    pub fits: bool,
}

impl WidgetDom {
    /// `data-state` of a step; empty if the step is not shown.
    pub fn step_state(&self, name: &str) -> &str {
        self.steps.get(name).map_or("", String::as_str)
    }

    pub fn is_enabled(&self, test_id: &str) -> bool {
        self.enabled.iter().any(|enabled| enabled == test_id)
    }

    #[track_caller]
    pub fn assert_text(&self, text: &str) {
        assert!(self.text.contains(text), "{text:?} is not in {self:#?}");
    }

    #[track_caller]
    pub fn assert_enabled(&self, test_id: &str) {
        assert!(
            self.is_enabled(test_id),
            "{test_id} is not enabled in {self:#?}"
        );
    }
}

/// Defines `widgetRoot()`, in a frame's document or in the element's shadow root, `readWidget()`, and `nextReading(last)`:
/// a promise of what `readWidget()` returns, as JSON, once that is not `last`, or after a second.
pub const READ_WIDGET: &str = r#"
const widgetRoot = () =>
  (document.querySelector("embark-signup")?.shadowRoot ?? document).querySelector("[data-testid=embark-state]");
const readWidget = () => {
  const root = widgetRoot();
  if (!root) return null;
  const lines = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode;
    const visible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (visible && data.trim() && !element.closest(".em-spoken")) lines.push(data.trim());
  }
  const steps = {};
  for (const step of root.querySelectorAll("[data-testid^=embark-step-]"))
    steps[step.dataset.testid.slice("embark-step-".length)] = step.dataset.state;
  const controls = [...root.querySelectorAll("button, a, input")];
  const enabled = controls.filter((control) => !control.disabled && !control.ariaDisabled && control.checkVisibility());
  const isTemporary = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
  const sheets = [...root.getRootNode().querySelectorAll("link[rel=stylesheet]")];
  const animations = root.getAnimations({ subtree: true });
  const { clientWidth, scrollWidth, scrollHeight } = document.documentElement;
  const framed = document.body.dataset.embark === "frame";
  const scrolls = scrollHeight > innerHeight || clientWidth < innerWidth;
  const fits = scrollWidth <= clientWidth && !(framed && scrolls);
  return {
    state: root.dataset.state,
    dir: getComputedStyle(root).direction,
    lang: root.lang,
    scheme: getComputedStyle(root).colorScheme,
    text: lines.join("\n"),
    steps,
    input: root.querySelector("[data-testid^=embark-input-]")?.dataset.testid,
    enabled: enabled.map((control) => control.dataset.testid ?? ""),
    settled: sheets.every(({ sheet }) => sheet) && !animations.some(isTemporary),
    fits,
  };
};
const nextReading = (last) =>
  new Promise((resolve) => {
    const until = performance.now() + 1000;
    const read = () => {
      const reading = JSON.stringify(readWidget());
      if (reading !== last || performance.now() > until) resolve(reading);
      else setTimeout(read, 30);
    };
    read();
  });
"#;
