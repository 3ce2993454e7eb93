//! Counts public items without documentation, and fallible functions that do not document their errors.

use crate::source::attributes::{attributes_of, documentation, is_test_only};
use anyhow::Result;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ReturnType, Signature, TraitItem, Type, Visibility};

/// Public items that lack something. Items for tests are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Items, fields, variants and methods without documentation.
    pub docs: usize,
    /// Functions that return a `Result` and have no `# Errors` section.
    pub errors: usize,
}

impl Missing {
    /// Adds the public items of a file.
    ///
    /// # Errors
    /// When the text is not Rust.
    pub fn add_file(&mut self, text: &str) -> Result<()> {
        let file = syn::parse_file(text)?;
        if !is_test_only(&file.attrs) {
            self.visit_file(&file);
        }
        Ok(())
    }

    fn add(&mut self, visibility: &Visibility, attributes: &[Attribute]) {
        if is_public(visibility) && documentation(attributes).is_empty() {
            self.docs += 1;
        }
    }

    fn add_function(&mut self, attributes: &[Attribute], signature: &Signature) {
        let text = documentation(attributes);
        self.docs += usize::from(text.is_empty());
        let has_section = text.lines().any(|line| line.trim() == "# Errors");
        self.errors += usize::from(returns_result(signature) && !has_section);
    }

    fn add_fields(&mut self, fields: &syn::Fields, all_public: bool) {
        if let syn::Fields::Named(fields) = fields {
            for field in &fields.named {
                if all_public || is_public(&field.vis) {
                    self.docs += usize::from(documentation(&field.attrs).is_empty());
                }
            }
        }
    }
}

impl Visit<'_> for Missing {
    fn visit_item(&mut self, item: &Item) {
        if is_test_only(attributes_of(item)) {
            return;
        }
        match item {
            Item::Const(item) => self.add(&item.vis, &item.attrs),
            Item::Static(item) => self.add(&item.vis, &item.attrs),
            Item::Type(item) => self.add(&item.vis, &item.attrs),
            Item::Union(item) => self.add(&item.vis, &item.attrs),
            Item::Fn(item) if is_public(&item.vis) => self.add_function(&item.attrs, &item.sig),
            Item::Struct(item) => {
                self.add(&item.vis, &item.attrs);
                if is_public(&item.vis) {
                    self.add_fields(&item.fields, false);
                }
            }
            Item::Enum(item) if is_public(&item.vis) => {
                self.add(&item.vis, &item.attrs);
                for variant in &item.variants {
                    self.docs += usize::from(documentation(&variant.attrs).is_empty());
                    self.add_fields(&variant.fields, true);
                }
            }
            Item::Trait(item) if is_public(&item.vis) => {
                self.add(&item.vis, &item.attrs);
                for member in &item.items {
                    match member {
                        TraitItem::Fn(member) => self.add_function(&member.attrs, &member.sig),
                        TraitItem::Const(member) => self.add(&item.vis, &member.attrs),
                        TraitItem::Type(member) => self.add(&item.vis, &member.attrs),
                        _ => {}
                    }
                }
            }
            // The trait documents what its implementations do.
            Item::Impl(block) if block.trait_.is_none() => {
                for member in &block.items {
                    match member {
                        ImplItem::Fn(member) if is_public(&member.vis) => {
                            self.add_function(&member.attrs, &member.sig);
                        }
                        ImplItem::Const(member) => self.add(&member.vis, &member.attrs),
                        _ => {}
                    }
                }
            }
            Item::Mod(_) => visit::visit_item(self, item),
            _ => {}
        }
    }
}

/// `pub`, not `pub(crate)`.
fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Whether the last name of the returned type is `Result`.
fn returns_result(signature: &Signature) -> bool {
    let ReturnType::Type(_, returned) = &signature.output else {
        return false;
    };
    match &**returned {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Result"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(text: &str) -> Result<[usize; 2]> {
        let mut missing = Missing::default();
        missing.add_file(text)?;
        Ok([missing.docs, missing.errors])
    }

    #[test]
    fn public_items_without_documentation_are_counted() -> Result<()> {
        assert_eq!(missing("pub struct S { pub a: u8, b: u8 }")?, [2, 0]);
        assert_eq!(
            missing("/// S.\npub struct S { /** A. */ pub a: u8 }")?,
            [0, 0]
        );
        assert_eq!(
            missing("/// E.\npub enum E { A { x: u8 }, B(u8) }")?,
            [3, 0]
        );
        assert_eq!(missing("/// T.\npub trait T { fn f(); }")?, [1, 0]);
        assert_eq!(missing("impl S { pub fn f() {} fn g() {} }")?, [1, 0]);
        assert_eq!(missing("mod m { pub const A: u8 = 1; }")?, [1, 0]);
        Ok(())
    }

    #[test]
    fn private_items_and_tests_are_not_counted() -> Result<()> {
        assert_eq!(
            missing("struct S { pub a: u8 } pub(crate) fn f() {}")?,
            [0, 0]
        );
        assert_eq!(
            missing("impl T for S { fn f() -> Result<()> { g() } }")?,
            [0, 0]
        );
        assert_eq!(missing("#[cfg(test)] mod tests { pub fn f() {} }")?, [0, 0]);
        Ok(())
    }

    #[test]
    fn fallible_functions_without_errors_section_are_counted() -> Result<()> {
        assert_eq!(
            missing("/// F.\npub fn f() -> io::Result<()> { g() }")?,
            [0, 1]
        );
        let documented =
            "/// F.\n///\n/// # Errors\n/// Always.\npub fn f() -> Result<u8, E> { g() }";
        assert_eq!(missing(documented)?, [0, 0]);
        assert_eq!(missing("/// F.\npub fn f() -> Option<u8> { g() }")?, [0, 0]);
        Ok(())
    }
}
