//! Which changes a render makes to the document, also to one that was rendered as HTML.

use embark_view::{
    dom_sink::{DomSink, Tag},
    incremental_dom::{Document, IncrementalDom},
};

/// Records every change; an element is its number, the root 0.
#[derive(Default)]
struct Recorder {
    created: u32,
    changes: Vec<String>,
    /// Elements that were rendered as HTML: number, parent, tag, key, text.
    html: Vec<(u32, u32, &'static str, &'static str, &'static str)>,
}

impl Document for Recorder {
    type Element = u32;

    fn create(&mut self, tag: &str) -> u32 {
        self.created += 1;
        self.changes.push(format!("create {} {tag}", self.created));
        self.created
    }

    fn insert(&mut self, parent: &u32, element: &u32, before: Option<&u32>) {
        let before = before.map_or(String::new(), |before| format!(" before {before}"));
        self.changes
            .push(format!("insert {element} in {parent}{before}"));
    }

    fn remove(&mut self, element: &u32) {
        self.changes.push(format!("remove {element}"));
    }

    fn set_attribute(&mut self, element: &u32, name: &str, value: Option<&str>) {
        self.changes.push(format!("{element}.{name} = {value:?}"));
    }

    fn set_text(&mut self, element: &u32, text: &str) {
        self.changes.push(format!("{element} = {text}"));
    }

    fn children(&self, element: &u32) -> Vec<u32> {
        let of_element = self.html.iter().filter(|html| html.1 == *element);
        of_element.map(|html| html.0).collect()
    }

    fn is_rendered_by(&self, element: &u32, tag: &str, key: &str) -> bool {
        let mut html = self.html.iter();
        html.any(|html| html.0 == *element && html.2 == tag && html.3 == key)
    }

    fn attributes(&self, element: &u32) -> Vec<(String, String)> {
        let html = self.html.iter().find(|html| html.0 == *element);
        let attributes = html.map(|html| Tag::parse(html.2).attributes().collect::<Vec<_>>());
        let attributes = attributes.into_iter().flatten();
        attributes
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    fn text(&self, element: &u32) -> String {
        let html = self.html.iter().find(|html| html.0 == *element);
        html.map_or(String::new(), |html| html.4.to_owned())
    }
}

/// A list with the items a and b, rendered as HTML.
fn dom_with_html() -> IncrementalDom<Recorder> {
    let html = vec![
        (10, 0, "ul", "", ""),
        (11, 10, "li", "a", "a"),
        (12, 10, "li", "b", "b"),
    ];
    let document = Recorder {
        html,
        ..Recorder::default()
    };
    IncrementalDom::new(document, 0)
}

fn dom() -> IncrementalDom<Recorder> {
    IncrementalDom::new(Recorder::default(), 0)
}

/// The changes of one render.
fn changes(dom: &mut IncrementalDom<Recorder>, view: impl FnOnce(&mut dyn DomSink)) -> Vec<String> {
    dom.render(view);
    std::mem::take(&mut dom.document.changes)
}

/// A list with an item of each key, whose text is the key.
fn list(keys: &str) -> impl FnOnce(&mut dyn DomSink) {
    move |sink| {
        sink.open("ul", "");
        for key in keys.chars().map(String::from) {
            sink.open("li", &key);
            sink.text(&key);
            sink.close();
        }
        sink.close();
    }
}

#[test]
fn first_render_creates_elements_in_order() {
    let expect = [
        "create 1 ul",
        "insert 1 in 0",
        "create 2 li",
        "insert 2 in 1",
        "2 = a",
        "create 3 li",
        "insert 3 in 1",
        "3 = b",
    ];
    assert_eq!(changes(&mut dom(), list("ab")), expect);
}

#[test]
fn same_render_changes_nothing() {
    let mut dom = dom();
    changes(&mut dom, list("ab"));
    assert!(changes(&mut dom, list("ab")).is_empty());
}

#[test]
fn new_element_is_inserted_before_the_next_known_one() {
    let mut dom = dom();
    changes(&mut dom, list("ac"));
    assert_eq!(
        changes(&mut dom, list("abc")),
        ["create 4 li", "insert 4 in 1 before 3", "4 = b"]
    );
}

#[test]
fn elements_that_are_not_rendered_again_are_removed() {
    let mut dom = dom();
    changes(&mut dom, list("abc"));
    assert_eq!(changes(&mut dom, list("b")), ["remove 2", "remove 4"]);
    assert_eq!(changes(&mut dom, |_| ()), ["remove 1"]);
}

#[test]
fn element_of_another_key_is_replaced() {
    let mut dom = dom();
    changes(&mut dom, list("a"));
    let expect = ["create 3 li", "insert 3 in 1 before 2", "3 = b", "remove 2"];
    assert_eq!(changes(&mut dom, list("b")), expect);
}

#[test]
fn attribute_and_text_are_set_only_when_they_change() {
    let mut dom = dom();
    let render = |class: Option<&'static str>, text: &'static str| {
        move |sink: &mut dyn DomSink| {
            sink.attr("lang", Some("en"));
            sink.open("p", "");
            sink.attr("class", class);
            sink.text(text);
            sink.close();
        }
    };
    changes(&mut dom, render(None, "x"));
    assert_eq!(
        changes(&mut dom, render(Some("a"), "x")),
        ["1.class = Some(\"a\")"]
    );
    assert_eq!(
        changes(&mut dom, render(Some("b"), "y")),
        ["1.class = Some(\"b\")", "1 = y"]
    );
    assert_eq!(changes(&mut dom, render(None, "y")), ["1.class = None"]);
}

#[test]
fn html_of_the_same_view_is_kept_unchanged() {
    let mut dom = dom_with_html();
    assert!(changes(&mut dom, list("ab")).is_empty());
    assert_eq!(changes(&mut dom, list("b")), ["remove 11"]);
}

#[test]
fn html_of_another_view_is_changed_where_it_differs() {
    assert_eq!(changes(&mut dom_with_html(), list("b")), ["remove 11"]);
    assert_eq!(
        changes(&mut dom_with_html(), list("acb")),
        ["create 1 li", "insert 1 in 10 before 12", "1 = c"]
    );
    assert_eq!(changes(&mut dom_with_html(), |_| ()), ["remove 10"]);
    let paragraph = |sink: &mut dyn DomSink| {
        sink.open("p", "");
        sink.close();
    };
    assert_eq!(
        changes(&mut dom_with_html(), paragraph),
        ["create 1 p", "insert 1 in 0 before 10", "remove 10"]
    );
}

#[test]
fn attribute_and_text_of_html_are_set_where_they_differ() {
    let html = vec![(10, 0, "p role=status", "", "old")];
    let document = Recorder {
        html,
        ..Recorder::default()
    };
    let mut dom = IncrementalDom::new(document, 0);
    let view = |sink: &mut dyn DomSink| {
        sink.open("p role=status", "");
        sink.attr("role", None);
        sink.attr("lang", Some("en"));
        sink.text("new");
        sink.close();
    };
    assert_eq!(
        changes(&mut dom, view),
        ["10.role = None", "10.lang = Some(\"en\")", "10 = new"]
    );
}
