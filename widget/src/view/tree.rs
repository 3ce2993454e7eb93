//! A page fragment as a value. Views are functions from the state to such a tree; `patch` makes the
//! document follow. So what a person sees in each state is tested without a browser.

use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub tag: &'static str,
    /// Nodes with different keys are different nodes: one is never changed into the other.
    pub key: &'static str,
    pub attrs: Vec<(&'static str, Cow<'static, str>)>,
    /// A node has text or kids, never both.
    pub text: String,
    pub kids: Vec<Node>,
}

pub fn el(tag: &'static str, class: &'static str) -> Node {
    let attrs = if class.is_empty() { Vec::new() } else { vec![("class", Cow::Borrowed(class))] };
    Node { tag, key: "", attrs, text: String::new(), kids: Vec::new() }
}

impl Node {
    pub fn key(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    pub fn attr(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attrs.push((name, value.into()));
        self
    }

    /// A boolean attribute.
    pub fn on(self, name: &'static str, on: bool) -> Self {
        if on { self.attr(name, "") } else { self }
    }

    pub fn test_id(self, id: impl Into<Cow<'static, str>>) -> Self {
        self.attr("data-testid", id)
    }

    pub fn text(mut self, text: String) -> Self {
        self.text = text;
        self
    }

    pub fn kid(mut self, kid: Node) -> Self {
        self.kids.push(kid);
        self
    }

    pub fn kids(mut self, kids: impl IntoIterator<Item = Node>) -> Self {
        self.kids.extend(kids);
        self
    }
}

#[cfg(test)]
impl Node {
    /// This node and everything below it.
    pub fn all(&self) -> Vec<&Node> {
        let mut all = vec![self];
        for kid in &self.kids {
            all.extend(kid.all());
        }
        all
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_ref())
    }

    /// The node of this test id.
    pub fn by_test_id(&self, id: &str) -> Option<&Node> {
        self.all().into_iter().find(|node| node.get("data-testid") == Some(id))
    }

    pub fn all_text(&self) -> String {
        self.all().iter().map(|node| node.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}
