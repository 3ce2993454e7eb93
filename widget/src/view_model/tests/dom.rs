//! Renders the widget into a tree of nodes, to test views without a browser.

use crate::{flow::tests::sim::WidgetSim, view_model::model};
use embark_view::{appearance::Appearance, dom_sink::DomSink, messages::Messages, render};
use serde_json::Value;

/// A node of what the widget shows.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct WidgetDom {
    pub tag: String,
    attrs: Vec<(String, String)>,
    pub text: String,
    children: Vec<WidgetDom>,
}

impl WidgetDom {
    /// This node and all below it, in document order.
    pub fn all(&self) -> Vec<&WidgetDom> {
        let below = self.children.iter().flat_map(WidgetDom::all);
        std::iter::once(self).chain(below).collect()
    }

    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        let set = self
            .attrs
            .iter()
            .rfind(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        set.or_else(|| {
            self.tag
                .split(' ')
                .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        })
    }

    /// The node of this `data-testid`.
    pub fn find(&self, test_id: &str) -> Option<&WidgetDom> {
        self.all()
            .into_iter()
            .find(|node| node.get("data-testid") == Some(test_id))
    }

    /// All text, joined by spaces.
    pub fn text_content(&self) -> String {
        self.all()
            .iter()
            .map(|node| node.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The open elements, the root first.
struct DomBuilder(Vec<WidgetDom>);

impl DomSink for DomBuilder {
    fn open(&mut self, tag: &str, _key: &str) {
        self.0.push(WidgetDom {
            tag: tag.into(),
            ..WidgetDom::default()
        });
    }

    fn attr(&mut self, name: &str, value: Option<&str>) {
        let node = self.0.last_mut().unwrap();
        node.attrs.retain(|(key, _)| key != name);
        node.attrs
            .extend(value.map(|value| (name.into(), value.into())));
    }

    fn text(&mut self, text: &str) {
        self.0.last_mut().unwrap().text = text.into();
    }

    fn close(&mut self) {
        let node = self.0.pop().unwrap();
        self.0.last_mut().unwrap().children.push(node);
    }
}

/// A locale file.
pub fn locale(lang: &str) -> Value {
    let path = format!("{}/../www/locales/{lang}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What the widget shows in its current state, in English.
pub fn render_dom(sim: &WidgetSim) -> WidgetDom {
    let mut builder = DomBuilder(vec![WidgetDom::default()]);
    let texts = serde_json::from_value(locale("en")).unwrap();
    let plural = |_: &str, number| if number == 1 { "one" } else { "other" }.to_owned();
    render(
        &mut builder,
        &model(&sim.state),
        &Messages::new(texts, plural).with_times(|_, _, left| {
            Some(
                [
                    "in ",
                    &(left.unwrap_or_default() / 3_600_000).to_string(),
                    " hours (Monday, 23:05)",
                ]
                .concat(),
            )
        }),
        &Appearance::default(),
    );
    assert_eq!(builder.0.len(), 1, "every element is closed");
    builder.0.remove(0)
}
