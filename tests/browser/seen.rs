//! What a person sees of the widget, read from the document in one go.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
pub struct Seen {
    /// `data-state` of the widget's root.
    pub state: String,
    pub dir: String,
    pub lang: String,
    /// Light or dark.
    pub scheme: String,
    /// The visible text, a line per element.
    pub text: String,
    /// The steps of a run and how they stand.
    pub steps: BTreeMap<String, String>,
    /// Test id of the field or choice that a person is asked to fill in.
    pub asks: Option<String>,
    /// Test ids of all that can be pressed now.
    pub open: Vec<String>,
    /// Whether everything has come to rest but what turns for ever.
    pub still: bool,
    /// Whether nothing is cut off or sticks out sideways.
    pub fits: bool,
}

impl Seen {
    /// How a step stands; empty if it is not shown.
    pub fn step(&self, name: &str) -> &str {
        self.steps.get(name).map_or("", String::as_str)
    }

    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(self.text.contains(words), "{words:?} is not in {self:#?}");
    }

    #[track_caller]
    pub fn offers(&self, test_id: &str) {
        let offered = self.open.iter().any(|open| open == test_id);
        assert!(offered, "{test_id} cannot be pressed in {self:#?}");
    }
}

/// The widget's root, wherever it is, and `seen()`.
pub const WIDGET: &str = r#"
const widget = () =>
  (document.querySelector("embark-signup")?.shadowRoot ?? document).querySelector("[data-testid=embark-state]");
const seen = () => {
  const root = widget();
  if (!root) return null;
  const lines = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: element, data } = texts.currentNode;
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (shown && data.trim() && !element.closest(".em-spoken")) lines.push(data.trim());
  }
  const steps = {};
  for (const step of root.querySelectorAll("[data-testid^=embark-step-]"))
    steps[step.dataset.testid.slice("embark-step-".length)] = step.dataset.state;
  const open = [...root.querySelectorAll("button, a, input")].filter((one) => !one.disabled && !one.ariaDisabled && one.checkVisibility());
  const passing = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
  const { clientWidth, clientHeight, scrollWidth } = document.documentElement;
  const framed = document.body.dataset.embark === "frame";
  const fits = scrollWidth <= clientWidth && (!framed || document.body.offsetHeight <= clientHeight + 1);
  return {
    state: root.dataset.state,
    dir: getComputedStyle(root).direction,
    lang: root.lang,
    scheme: getComputedStyle(root).colorScheme,
    text: lines.join("\n"),
    steps,
    asks: root.querySelector("[data-testid^=embark-input-]")?.dataset.testid,
    open: open.map((one) => one.dataset.testid ?? ""),
    still: !root.getAnimations({ subtree: true }).some(passing),
    fits,
  };
};
"#;
