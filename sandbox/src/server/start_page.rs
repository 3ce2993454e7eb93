//! The page at `/` for people: a button for each scenario, and where everything else is.

use crate::page::page;
use crate::scenarios::SCENARIOS;
use crate::state::SandboxState;
use maud::{Markup, html};

/// The start page, with the scenario that is set.
pub fn start_page(state: &SandboxState) -> Markup {
    let is_changed = state.scenario.is_none();
    let content = html! {
        h1 { "The sandbox plays Meta on this machine" }
        p { "What should happen in the next sign-up? Faults apply once, unless the text says otherwise." }
        @if is_changed {
            p role="status" { "Rules or faults were set by the control API." }
        }
        ul {
            @for scenario in SCENARIOS {
                li {
                    form method="post" action={"/_sandbox/scenarios/" (scenario.name)} {
                        button aria-pressed=(state.scenario == Some(scenario.name)) { (scenario.title) }
                    }
                    p { (scenario.text) }
                }
            }
        }
        p {
            a href="/receiver" { "Events that arrived" } " · "
            a href="/_sandbox/log" { "Every request so far" } " · "
            a href="/_sandbox/world" { "Everything it holds" } " · "
            a href="/_sandbox/rules" { "Rules" } " · "
            a href="/_sandbox/faults" { "Faults" }
        }
        p { "README.md in the sandbox folder has the rest." }
    };
    page("Sandbox", STYLE, &content)
}

const STYLE: &str = "ul{list-style:none;padding:0;display:grid;gap:.75rem}\
li{display:grid;grid-template-columns:minmax(0,16rem) minmax(0,1fr);gap:.25rem 1rem;align-items:baseline}\
li p{margin:0}\
button{font:inherit;width:100%;padding:.5rem .75rem;border:1px solid;border-radius:8px;background:none;color:inherit;text-align:start;cursor:pointer}\
button[aria-pressed=true]{outline:2px solid;font-weight:600}\
@media(max-width:36rem){li{grid-template-columns:minmax(0,1fr)}}";
