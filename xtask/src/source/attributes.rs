//! Reads attributes: whether an item is compiled for tests only, its documentation, `#[path]`.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Item, Lit, Meta, Token};

/// Whether an item with these attributes is compiled only for tests, e.g. `#[cfg(test)]`, `#[cfg(all(test, unix))]`.
pub fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg = attribute.path().is_ident("cfg");
        let predicate = cfg.then(|| attribute.parse_args::<Meta>().ok()).flatten();
        predicate.is_some_and(|predicate| requires_test(&predicate))
    })
}

/// Whether a `cfg` predicate can hold only when `test` is set.
fn requires_test(predicate: &Meta) -> bool {
    let nested = |list: &syn::MetaList| {
        let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
        list.parse_args_with(parse).unwrap_or_default()
    };
    match predicate {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => nested(list).iter().any(requires_test),
        Meta::List(list) if list.path.is_ident("any") => {
            let alternatives = nested(list);
            !alternatives.is_empty() && alternatives.iter().all(requires_test)
        }
        _ => false,
    }
}

/// The documentation of an item, its lines joined; empty when it has none.
pub fn documentation(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| string_value(attribute, "doc"))
        .collect();
    lines.join("\n")
}

/// The value of `#[path = "…"]`.
pub fn path_override(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| string_value(attribute, "path"))
}

/// The string of `#[name = "…"]`.
fn string_value(attribute: &Attribute, name: &str) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(value) = &pair.value else {
        return None;
    };
    match &value.lit {
        Lit::Str(text) if pair.path.is_ident(name) => Some(text.value()),
        _ => None,
    }
}

/// The attributes of any kind of item.
pub fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
