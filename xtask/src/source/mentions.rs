//! The paths that an item mentions: in `use` declarations, in code and types, in the tokens of macros and
//! attributes.

use super::attributes::{attributes_of, is_test_only};
use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Macro, Meta, UseTree, Visibility};

/// What one module imports and mentions.
#[derive(Default)]
pub struct Mentions {
    /// One entry for each name that a `use` declaration brings into scope.
    pub imports: Vec<Import>,
    /// Paths in code, types, macros and attributes.
    pub paths: Vec<Mention>,
}

/// One name of a `use` declaration.
pub struct Import {
    /// As written: `["crate", "a", "X"]`.
    pub path: Vec<String>,
    /// The name it has here; `None` for a glob (`use a::*`).
    pub name: Option<String>,
    /// Whether the declaration has a visibility (`pub use`, `pub(crate) use`).
    pub is_reexport: bool,
    /// Line in the file, from 1.
    pub line: usize,
}

/// A path outside `use` declarations.
pub struct Mention {
    /// As written: `["crate", "a", "f"]`, or one name.
    pub path: Vec<String>,
    /// Line in the file, from 1.
    pub line: usize,
}

impl Visit<'_> for Mentions {
    fn visit_item(&mut self, item: &Item) {
        if !is_test_only(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => &[],
        };
        if !is_test_only(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        // `use ::a::b` begins at another crate.
        if item.leading_colon.is_none() {
            let is_reexport = !matches!(item.vis, Visibility::Inherited);
            self.add_use_tree(&item.tree, &mut Vec::new(), is_reexport);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.push(Mention {
                path: path.segments.iter().map(|s| text(&s.ident)).collect(),
                line: path.span().start().line,
            });
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &Macro) {
        self.visit_path(&call.path);
        self.add_tokens(call.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let Meta::List(list) = &attribute.meta {
            // `#[serde(with = "crate::hex")]` holds a path in a string.
            self.add_tokens(list.tokens.clone(), true);
        }
    }

    // `pub(in crate::a)` imports nothing.
    fn visit_visibility(&mut self, _: &Visibility) {}
}

impl Mentions {
    fn add_use_tree(&mut self, tree: &UseTree, prefix: &mut Vec<String>, is_reexport: bool) {
        let (last, name, line) = match tree {
            UseTree::Path(tree) => {
                prefix.push(text(&tree.ident));
                self.add_use_tree(&tree.tree, prefix, is_reexport);
                prefix.pop();
                return;
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use_tree(tree, prefix, is_reexport);
                }
                return;
            }
            UseTree::Glob(tree) => (None, None, tree.span().start().line),
            UseTree::Name(tree) if tree.ident == "self" => {
                (None, prefix.last().cloned(), line_of(&tree.ident))
            }
            UseTree::Name(tree) => {
                let name = text(&tree.ident);
                (Some(name.clone()), Some(name), line_of(&tree.ident))
            }
            UseTree::Rename(tree) => {
                let last = (tree.ident != "self").then(|| text(&tree.ident));
                (last, Some(text(&tree.rename)), line_of(&tree.ident))
            }
        };
        self.imports.push(Import {
            path: prefix.iter().cloned().chain(last).collect(),
            name,
            is_reexport,
            line,
        });
    }

    /// Finds `a::b::c` and single names among tokens that syn does not parse.
    fn add_tokens(&mut self, tokens: TokenStream, with_strings: bool) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        // Colons seen since the last name of `path`; two of them continue it.
        let mut colons = 0;
        // The character before a name: a name after `.` is a field or method, one after `'` a lifetime.
        let mut before = ' ';
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.add_path(&mut path, line);
                        line = line_of(&ident);
                    }
                    if path.is_empty() && matches!(before, '.' | '\'') {
                        before = ' ';
                        continue;
                    }
                    path.push(text(&ident));
                    colons = 0;
                    before = ' ';
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                }
                TokenTree::Punct(punct) => {
                    self.add_path(&mut path, line);
                    colons = 0;
                    before = punct.as_char();
                }
                TokenTree::Group(group) => {
                    // `a::{b, c}` is a `use` tree, which no macro of this workspace is given.
                    self.add_path(&mut path, line);
                    colons = 0;
                    before = ' ';
                    self.add_tokens(group.stream(), with_strings);
                }
                TokenTree::Literal(literal) => {
                    self.add_path(&mut path, line);
                    colons = 0;
                    if with_strings
                        && let Ok(string) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                        && let Ok(in_string) = syn::parse_str::<syn::Path>(&string.value())
                    {
                        path = in_string.segments.iter().map(|s| text(&s.ident)).collect();
                        self.add_path(&mut path, literal.span().start().line);
                    }
                }
            }
        }
        self.add_path(&mut path, line);
    }

    fn add_path(&mut self, path: &mut Vec<String>, line: usize) {
        if !path.is_empty() {
            let path = std::mem::take(path);
            self.paths.push(Mention { path, line });
        }
    }
}

/// A name without `r#`.
fn text(ident: &proc_macro2::Ident) -> String {
    ident.unraw().to_string()
}

fn line_of(ident: &proc_macro2::Ident) -> usize {
    ident.span().start().line
}
