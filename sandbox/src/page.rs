//! The frame of the sandbox's own pages for people.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page with this title and content, and with a style sheet beside the common one.
pub fn page(title: &str, style: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(style)) }
            }
            body { main { (content) } }
        }
    }
}

const STYLE: &str = "body{margin:0;font:16px/1.5 system-ui,sans-serif}\
main{max-width:52rem;margin:auto;padding:2rem 1.25rem}\
h1{font-size:1.5rem;line-height:1.2}";
