//! The texts of the widget, for what the Worker renders itself.

use super::html::{BUILD_PATH, locale_file};
use crate::fetch;
use embark_onboarding::web::locale::Language;
use embark_view::messages::Messages;
use js_sys::{Array, Intl::PluralRules, Object};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use worker::Env;

thread_local! {
    /// The locale files that this isolate has read. They are those of its build, so they do not change.
    static LOADED_MESSAGES: RefCell<BTreeMap<&'static str, Rc<Messages>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The messages of a language. `None`: its file cannot be read.
pub async fn messages(env: &Env, language: &'static Language) -> Option<Rc<Messages>> {
    if let Some(messages) = LOADED_MESSAGES.with_borrow(|read| read.get(language.tag).cloned()) {
        return Some(messages);
    }
    let path = [BUILD_PATH, "/", &locale_file(language.tag)].concat();
    let file = fetch::read_asset(env, &path).await?;
    let texts = serde_json::from_slice(&file).ok()?;
    let messages = Rc::new(Messages::new(texts, plural_category));
    LOADED_MESSAGES.with_borrow_mut(|read| read.insert(language.tag, messages.clone()));
    Some(messages)
}

/// The plural category of a number: `one`, `few`, `other` …
fn plural_category(lang: &str, number: u32) -> String {
    let languages = Array::of1(&lang.into());
    let rules = PluralRules::new(&languages, &Object::new());
    rules.select(number.into()).into()
}
