//! What the words of enumerations mean. `utoipa` leaves the comments of variants out, so they are read from the sources of
//! `protocol`.

use crate::text::plain;
use anyhow::Result;
use fs_err as fs;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use syn::{Attribute, Expr, ExprLit, Item, Lit};

/// The comments of the variants of each enumeration, by its name.
pub type Meanings = BTreeMap<String, Vec<String>>;

/// Reads them.
///
/// # Errors
/// When a source cannot be read, or is not Rust.
pub fn read() -> Result<Meanings> {
    let mut meanings = Meanings::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/src");
    read_folder(&sources, &mut meanings)?;
    Ok(meanings)
}

fn read_folder(folder: &Path, meanings: &mut Meanings) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_folder(&path, meanings)?;
        } else {
            meanings.extend(of_source(&fs::read_to_string(&path)?)?);
        }
    }
    Ok(())
}

fn of_source(source: &str) -> Result<Meanings> {
    let items = syn::parse_file(source)?.items.into_iter();
    let meanings = items.filter_map(|item| match item {
        Item::Enum(item) => {
            let variants = item.variants.iter();
            let comments = variants.map(|variant| plain(&comment(&variant.attrs)));
            Some((item.ident.to_string(), comments.collect()))
        }
        _ => None,
    });
    Ok(meanings.collect())
}

/// The doc comment among the attributes of an item: one attribute for each line.
fn comment(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let doc = attribute.meta.require_name_value().ok()?;
        match &doc.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(line),
                ..
            }) if doc.path.is_ident("doc") => Some(line.value()),
            _ => None,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Adds the meaning of each word to the description of an enumeration. One with other variants than words stays as it is.
pub fn add(meanings: &Meanings, name: &str, schema: &mut Value) {
    let words = schema.get("enum").and_then(Value::as_array).cloned();
    let words: Vec<_> = words.unwrap_or_default();
    let Some(meanings) = meanings.get(name).filter(|all| all.len() == words.len()) else {
        return;
    };
    let lines = words.iter().filter_map(Value::as_str).zip(meanings);
    let lines: Vec<_> = lines
        .map(|(word, meaning)| format!("- `{word}`: {meaning}"))
        .collect();
    let about = schema.get("description").and_then(Value::as_str);
    let about = [about.unwrap_or_default(), &lines.join("\n")].join("\n\n");
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".to_owned(), about.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_have_the_comments_of_their_variants() {
        let source = "/// How.\npub enum State {\n    /// Not\n    /// begun.\n    Todo,\n    /// Over.\n    #[serde(rename = \"x\")]\n    Done,\n}\n";
        let meanings = of_source(source).unwrap();
        let mut schema = json!({"enum": ["todo", "x"], "description": "How."});
        add(&meanings, "State", &mut schema);
        let want = "How.\n\n- `todo`: Not begun.\n- `x`: Over.";
        assert_eq!(schema["description"], want);
        let mut other = json!({"enum": ["todo"]});
        add(&meanings, "State", &mut other);
        assert_eq!(other, json!({"enum": ["todo"]}));
    }

    #[test]
    fn enumerations_of_the_protocol_are_found() {
        let meanings = read().unwrap();
        for name in ["SignupStatus", "BackendScope", "Step"] {
            assert!(!meanings[name].is_empty(), "{name}");
        }
    }
}
