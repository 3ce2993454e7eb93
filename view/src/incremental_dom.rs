//! Incremental DOM: changes a document only where a render differs from the one before, so that focus, typed text and
//! running animations are kept. The elements of the last render are remembered here; those that were rendered as HTML
//! before are read once, when the first render meets them.

use crate::dom_sink::DomSink;
use std::collections::VecDeque;

/// The document that is changed: the browser's, or a stand-in in tests.
pub trait Document {
    type Element;

    /// Creates an element by its tag (see `DomSink::open`).
    fn create(&mut self, tag: &str) -> Self::Element;
    /// Inserts an element before a sibling, or as the last child.
    fn insert(
        &mut self,
        parent: &Self::Element,
        element: &Self::Element,
        before: Option<&Self::Element>,
    );
    fn remove(&mut self, element: &Self::Element);
    /// Sets an attribute; `None` removes it.
    fn set_attribute(&mut self, element: &Self::Element, name: &str, value: Option<&str>);
    fn set_text(&mut self, element: &Self::Element, text: &str);

    /// The elements in an element, in order.
    fn children(&self, element: &Self::Element) -> Vec<Self::Element>;
    /// Whether an element was rendered by this tag and key as HTML (see `html`).
    fn is_rendered_by(&self, element: &Self::Element, tag: &str, key: &str) -> bool;
    /// The attributes of an element with their values.
    fn attributes(&self, element: &Self::Element) -> Vec<(String, String)>;
    fn text(&self, element: &Self::Element) -> String;
}

/// An element of the last render. Tag and key are its identity among its siblings.
struct Node<E> {
    tag: String,
    key: String,
    element: E,
    attributes: Vec<(String, String)>,
    text: Option<String>,
    children: Vec<Node<E>>,
}

/// An element whose content is being rendered; `node.children` are those rendered so far.
struct OpenNode<E> {
    node: Node<E>,
    /// The children of the last render that have not been met again.
    remaining: Vec<Node<E>>,
    /// Elements rendered as HTML that no render has met yet. Empty from the second render on.
    unclaimed: VecDeque<E>,
}

/// The content of one element of a document.
pub struct IncrementalDom<D: Document> {
    pub document: D,
    root: OpenNode<D::Element>,
    /// The open elements below the root, the innermost last.
    open: Vec<OpenNode<D::Element>>,
}

impl<D: Document> IncrementalDom<D> {
    /// `root` is an element without content, or with content that was rendered as HTML. Of that, the first render keeps
    /// what it renders too.
    pub fn new(document: D, root: D::Element) -> Self {
        let root = OpenNode::claim(&document, "", "", root);
        Self {
            document,
            root,
            open: Vec::new(),
        }
    }

    /// The element whose content is rendered.
    pub fn root(&self) -> &D::Element {
        &self.root.node.element
    }

    /// Renders the content anew. `view` closes every element that it opens.
    pub fn render(&mut self, view: impl FnOnce(&mut dyn DomSink)) {
        self.root.remaining = std::mem::take(&mut self.root.node.children);
        view(self);
        self.root.remove_rest(&mut self.document);
    }

    fn innermost(&mut self) -> (&mut D, &mut OpenNode<D::Element>) {
        let innermost = self.open.last_mut().unwrap_or(&mut self.root);
        (&mut self.document, innermost)
    }
}

impl<D: Document> DomSink for IncrementalDom<D> {
    fn open(&mut self, tag: &str, key: &str) {
        let (document, parent) = self.innermost();
        let is_same = |node: &Node<D::Element>| node.tag == tag && node.key == key;
        let node = match parent.remaining.iter().position(is_same) {
            Some(index) => {
                // The elements before it are not part of this render.
                let mut later = parent.remaining.split_off(index);
                remove_all(document, &mut parent.remaining);
                let node = later.remove(0);
                parent.remaining = later;
                node
            }
            None => match parent.claim_child(document, tag, key) {
                Some(child) => return self.open.push(child),
                None => {
                    let element = document.create(tag);
                    let before = parent.remaining.first().map(|node| &node.element);
                    let before = before.or_else(|| parent.unclaimed.front());
                    document.insert(&parent.node.element, &element, before);
                    Node::new(tag, key, element)
                }
            },
        };
        self.open.push(OpenNode::reopen(node));
    }

    fn attr(&mut self, name: &str, value: Option<&str>) {
        let (document, OpenNode { node, .. }) = self.innermost();
        let index = node.attributes.iter().position(|(known, _)| known == name);
        let current = index.and_then(|index| node.attributes.get(index));
        if current.map(|(_, value)| value.as_str()) == value {
            return;
        }
        if let Some(index) = index {
            node.attributes.swap_remove(index);
        }
        if let Some(value) = value {
            node.attributes.push((name.to_owned(), value.to_owned()));
        }
        document.set_attribute(&node.element, name, value);
    }

    fn text(&mut self, text: &str) {
        let (document, OpenNode { node, .. }) = self.innermost();
        if node.text.as_deref() != Some(text) {
            node.text = Some(text.to_owned());
            document.set_text(&node.element, text);
        }
    }

    fn close(&mut self) {
        if let Some(mut closed) = self.open.pop() {
            closed.remove_rest(&mut self.document);
            self.innermost().1.node.children.push(closed.node);
        }
    }
}

impl<E> Node<E> {
    fn new(tag: &str, key: &str, element: E) -> Self {
        Self {
            tag: tag.to_owned(),
            key: key.to_owned(),
            element,
            attributes: Vec::new(),
            text: None,
            children: Vec::new(),
        }
    }
}

impl<E> OpenNode<E> {
    fn reopen(mut node: Node<E>) -> Self {
        let remaining = std::mem::take(&mut node.children);
        Self {
            node,
            remaining,
            unclaimed: VecDeque::new(),
        }
    }

    /// Reads an element that was rendered as HTML.
    fn claim<D: Document<Element = E>>(document: &D, tag: &str, key: &str, element: E) -> Self {
        let unclaimed = VecDeque::from(document.children(&element));
        let mut node = Node::new(tag, key, element);
        node.attributes = document.attributes(&node.element);
        if unclaimed.is_empty() {
            node.text = Some(document.text(&node.element));
        }
        Self {
            node,
            remaining: Vec::new(),
            unclaimed,
        }
    }

    /// The next element of this tag and key that was rendered as HTML. Those before it are removed.
    fn claim_child<D: Document<Element = E>>(
        &mut self,
        document: &mut D,
        tag: &str,
        key: &str,
    ) -> Option<Self> {
        let is_same = |element: &E| document.is_rendered_by(element, tag, key);
        let index = self.unclaimed.iter().position(is_same)?;
        for stale in self.unclaimed.drain(..index) {
            document.remove(&stale);
        }
        let element = self.unclaimed.pop_front()?;
        Some(Self::claim(document, tag, key, element))
    }

    /// Removes the content that this render did not have.
    fn remove_rest<D: Document<Element = E>>(&mut self, document: &mut D) {
        remove_all(document, &mut self.remaining);
        for element in self.unclaimed.drain(..) {
            document.remove(&element);
        }
    }
}

fn remove_all<D: Document>(document: &mut D, nodes: &mut Vec<Node<D::Element>>) {
    for node in nodes.drain(..) {
        document.remove(&node.element);
    }
}
