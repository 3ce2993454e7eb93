//! The texts of the widget, for what the Worker renders itself.

use super::html::{BUILD_PATH, locale_file};
use crate::fetch::{self, AssetError};
use crate::telemetry;
use core::fmt;
use embark_onboarding::telemetry::Subject;
use embark_onboarding::web::locale::Language;
use embark_view::messages::Messages;
use js_sys::{Array, Intl::PluralRules, Object};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use worker::Env;

thread_local! {
    /// The locale files that this isolate has read. They are those of its build, so they do not change.
    static LOADED_MESSAGES: RefCell<BTreeMap<&'static str, Rc<Messages>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Why the texts of a language are not there.
#[derive(Debug)]
pub enum TextsError {
    /// The file cannot be read.
    Asset(AssetError),
    /// The deployment has no such file.
    Absent,
    /// The file is not the expected JSON.
    Json(serde_json::Error),
}

impl fmt::Display for TextsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asset(_) => f.write_str("the locale file cannot be read"),
            Self::Absent => f.write_str("the deployment has no such locale file"),
            Self::Json(_) => f.write_str("the locale file is not the expected JSON"),
        }
    }
}

impl core::error::Error for TextsError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Asset(error) => Some(error),
            Self::Absent => None,
            Self::Json(error) => Some(error),
        }
    }
}

/// The messages of a language.
///
/// # Errors
/// Its file cannot be read, or is not one.
pub async fn messages(env: &Env, language: &'static Language) -> Result<Rc<Messages>, TextsError> {
    if let Some(messages) = LOADED_MESSAGES.with_borrow(|read| read.get(language.tag).cloned()) {
        return Ok(messages);
    }
    let messages = Rc::new(Messages::new(read(env, language).await?, plural_category));
    LOADED_MESSAGES.with_borrow_mut(|read| read.insert(language.tag, messages.clone()));
    Ok(messages)
}

/// The locale file of a language.
///
/// # Errors
/// It cannot be read, or is no `T`.
pub async fn read<T: DeserializeOwned>(env: &Env, language: &Language) -> Result<T, TextsError> {
    let path = [BUILD_PATH, "/", &locale_file(language.tag)].concat();
    let file = fetch::read_asset(env, &path).await;
    let file = file.map_err(TextsError::Asset)?.ok_or(TextsError::Absent)?;
    serde_json::from_slice(&file).map_err(TextsError::Json)
}

/// The locale file of a language. `None`: it cannot be read, and the page is in English.
pub async fn read_or_english<T: DeserializeOwned>(env: &Env, language: &Language) -> Option<T> {
    read(env, language)
        .await
        .inspect_err(|error| {
            let detail = format!("{}: {error}", language.tag);
            telemetry::failure("texts", &detail, &Subject::default());
        })
        .ok()
}

/// The plural category of a number: `one`, `few`, `other` …
fn plural_category(lang: &str, number: u32) -> String {
    let languages = Array::of1(&lang.into());
    let rules = PluralRules::new(&languages, &Object::new());
    rules.select(number.into()).into()
}
