//! Writes the pieces that all panels are made of: cards, buttons, icons, and sentences.

use super::{icon::Icon, looks::Looks, paper::Paper};
use crate::{flow::State, flow::snapshot::Snapshot, i18n::Words, json::join};
use alloc::string::String;
use embark_protocol::launch::Mode;

pub struct Pen<'a> {
    pub paper: &'a mut dyn Paper,
    pub state: &'a State,
    pub words: &'a Words,
    pub looks: &'a Looks,
    /// What a screen reader hears once the panel is there.
    pub said: String,
}

impl Pen<'_> {
    /// Begins an element (see `Paper::open`).
    pub fn open(&mut self, sign: &str) {
        self.paper.open(sign, "");
    }

    /// Begins an element that is another one under another key.
    pub fn keyed(&mut self, sign: &str, key: &str) {
        self.paper.open(sign, key);
    }

    pub fn close(&mut self) {
        self.paper.close();
    }

    pub fn attr(&mut self, name: &str, value: &str) {
        self.paper.attr(name, Some(value));
    }

    /// An attribute that is there or not.
    pub fn flag(&mut self, name: &str, on: bool) {
        self.when(on, name, "");
    }

    /// What is on its way already is not done again, and keeps the focus, as a disabled button would not.
    pub fn busy(&mut self, busy: bool) {
        self.when(busy, "aria-disabled", "true");
    }

    /// An attribute that is there if something holds.
    pub fn when(&mut self, holds: bool, name: &str, value: &str) {
        self.paper.attr(name, holds.then_some(value));
    }

    pub fn text(&mut self, text: &str) {
        self.paper.text(text);
    }

    /// An element that holds nothing but text.
    pub fn leaf(&mut self, sign: &str, text: &str) {
        self.open(sign);
        self.text(text);
        self.close();
    }

    /// An element that holds nothing but the words of a key.
    pub fn say(&mut self, sign: &str, key: &str) {
        let text = self.word(key);
        self.leaf(sign, &text);
    }

    pub fn word(&self, key: &str) -> String {
        self.words.get(key)
    }

    /// The words of `<group>.<name>`.
    pub fn word_of(&self, group: &str, name: &str) -> String {
        self.words.get(&join(&[group, ".", name]))
    }

    /// Begins a card whose words are `<name>.title` and `<name>.text`.
    pub fn card(&mut self, name: &str, icon: Icon, tone: &str) {
        let text = self.word_of(name, "text");
        self.card_saying(name, icon, tone, &text);
    }

    /// Begins a card with its own sentence under the title of `<name>.title`.
    pub fn card_saying(&mut self, name: &str, icon: Icon, tone: &str, text: &str) {
        let title = self.word_of(name, "title");
        self.keyed("section.em-card", name);
        self.open("div.em-head");
        self.keyed("span.em-mark", tone);
        self.attr("data-tone", tone);
        self.icon(icon);
        self.close();
        self.open("div.em-words");
        // On a page of our own it is what the page is about.
        self.leaf(
            if self.state.launch.mode == Mode::Inline {
                "h2.em-title tabindex=-1"
            } else {
                "h1.em-title tabindex=-1"
            },
            &title,
        );
        if !text.is_empty() {
            self.leaf("p.em-text", text);
        }
        self.close();
        self.close();
        self.said = join(&[&title, ". ", text]);
    }

    /// The card is about something that went wrong: it is said at once.
    pub fn alert(&mut self) {
        self.attr("role", "alert");
        self.said = String::new();
    }

    pub fn icon(&mut self, icon: Icon) {
        self.open("svg.em-icon aria-hidden=true");
        self.attr("viewBox", "0 0 24 24");
        self.open("path");
        self.attr("d", icon.path());
        self.close();
        self.close();
    }

    pub fn acts(&mut self) {
        self.open("div.em-acts");
    }

    /// A button; its `data-act` is what a press does (see `driver`).
    pub fn press(&mut self, sign: &str, key: &str, enabled: bool) {
        let text = self.word(key);
        self.open(sign);
        self.attr("type", "button");
        self.flag("disabled", !enabled);
        self.text(&text);
        self.close();
    }

    /// A link into a tab of its own.
    pub fn link(&mut self, sign: &str, href: &str, key: &str) {
        self.open(&join(&["a.em-", sign, " target=_blank rel=noopener"]));
        self.attr("href", href);
        let text = self.word(key);
        self.text(&text);
        self.close();
    }

    /// The way back to this signup, in any browser and on another day.
    pub fn later(&mut self, snapshot: &Snapshot) {
        if let Some(href) = snapshot.doc.text_of("resume_url") {
            self.link("link data-testid=embark-later", &href, "later");
        }
    }

    /// Opens Meta's window again.
    pub fn restart(&mut self, key: &str) {
        self.press(
            "button.em-button data-act=launch data-testid=embark-restart",
            key,
            self.state.can_launch(),
        );
    }

    /// The same, where something else comes first.
    pub fn restart_link(&mut self, key: &str) {
        self.press(
            "button.em-link data-act=launch data-testid=embark-restart",
            key,
            self.state.can_launch(),
        );
    }

    /// Shown while the edge does not answer.
    pub fn trouble(&mut self) {
        if self.state.trouble > 1 {
            self.open("div.em-banner role=alert");
            self.say("span", "trouble.text");
            self.press(
                "button.em-link data-act=retry data-testid=embark-retry",
                "trouble.retry",
                true,
            );
            self.close();
        }
    }
}
