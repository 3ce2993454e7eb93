//! Writes the pieces that all panels are made of: cards, buttons, icons, and sentences.

use super::{icon::Icon, looks::Looks, paper::Paper};
use crate::{flow::State, i18n::Words, json::join};
use embark_protocol::launch::Mode;

pub struct Pen<'a> {
    pub paper: &'a mut dyn Paper,
    pub state: &'a State,
    pub words: &'a dyn Words,
    pub looks: &'a Looks,
    /// What a screen reader hears once the panel is there.
    pub said: String,
}

impl Pen<'_> {
    pub fn open(&mut self, tag: &str, class: &str) {
        self.paper.open(tag, class, "");
    }

    pub fn keyed(&mut self, tag: &str, class: &str, key: &str) {
        self.paper.open(tag, class, key);
    }

    pub fn close(&mut self) {
        self.paper.close();
    }

    pub fn attr(&mut self, name: &str, value: &str) {
        self.paper.attr(name, Some(value));
    }

    /// An attribute that is there or not.
    pub fn flag(&mut self, name: &str, on: bool) {
        self.paper.attr(name, if on { Some("") } else { None });
    }

    pub fn test_id(&mut self, id: &str) {
        self.attr("data-testid", id);
    }

    pub fn text(&mut self, text: &str) {
        self.paper.text(text);
    }

    /// An element that holds nothing but text.
    pub fn leaf(&mut self, tag: &str, class: &str, text: &str) {
        self.open(tag, class);
        self.text(text);
        self.close();
    }

    pub fn word(&self, key: &str) -> String {
        self.words.get(key)
    }

    /// The words of `<group>.<name>`.
    pub fn word_of(&self, group: &str, name: &str) -> String {
        self.words.get(&join(&[group, ".", name]))
    }

    pub fn is(&self, mode: Mode) -> bool {
        self.state.launch.mode == mode
    }

    /// Begins a card whose words are `<name>.title` and `<name>.text`.
    pub fn card(&mut self, name: &str, icon: Icon, tone: &str) {
        let text = self.word_of(name, "text");
        self.card_saying(name, icon, tone, &text);
    }

    /// Begins a card with its own sentence under the title of `<name>.title`.
    pub fn card_saying(&mut self, name: &str, icon: Icon, tone: &str, text: &str) {
        let title = self.word_of(name, "title");
        self.keyed("section", "em-card", name);
        self.open("div", "em-head");
        self.keyed("span", "em-mark", tone);
        self.attr("data-tone", tone);
        self.icon(icon);
        self.close();
        self.open("div", "em-words");
        self.open("h2", "em-title");
        self.attr("tabindex", "-1");
        self.text(&title);
        self.close();
        self.leaf("p", "em-text", text);
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
        self.open("svg", "em-icon");
        self.attr("viewBox", "0 0 24 24");
        self.attr("aria-hidden", "true");
        self.open("path", "");
        self.attr("d", icon.path());
        self.close();
        self.close();
    }

    pub fn acts(&mut self) {
        self.open("div", "em-acts");
    }

    /// A button; `act` is what a press does (see `driver`).
    pub fn press(&mut self, class: &str, act: &str, key: &str, test_id: &str, enabled: bool) {
        let text = self.word(key);
        self.open("button", class);
        self.attr("type", "button");
        self.attr("data-act", act);
        self.test_id(test_id);
        self.flag("disabled", !enabled);
        self.text(&text);
        self.close();
    }

    pub fn restart(&mut self, class: &str, key: &str) {
        self.press(class, "launch", key, "embark-restart", self.state.can_launch());
    }

    pub fn anew(&mut self, class: &str, key: &str) {
        self.press(class, "anew", key, "embark-restart", true);
    }

    /// Shown while the edge does not answer.
    pub fn trouble(&mut self) {
        if self.state.trouble > 1 {
            let text = self.word("trouble.text");
            self.open("div", "em-banner");
            self.attr("role", "alert");
            self.leaf("span", "", &text);
            self.press("em-link", "retry", "trouble.retry", "embark-retry", true);
            self.close();
        }
    }
}
