//! Other assets that version 4 of Embedded Signup lets a person add: checkboxes on the last screen.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/version-4>

use crate::http::IncomingRequest;
use crate::rules::Rules;
use crate::world::{Dialog, IdKind, World};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The checkboxes. Nothing in other versions.
pub fn choices(dialog: &Dialog) -> Markup {
    html! {
        @if is_offered(dialog) {
            fieldset {
                legend { "Also share" }
                @for (list, label) in KINDS {
                    label class="choice" for=(list) {
                        input type="checkbox" id=(list) name=(list) value="new" data-testid=(list);
                        span { (label) }
                    }
                }
            }
        }
    }
}

/// Stores what is checked.
pub fn select(dialog: &mut Dialog, request: &IncomingRequest) {
    let offered = is_offered(dialog);
    let checked = KINDS.iter().map(|(list, _)| *list);
    dialog.selections.extra_assets = checked
        .filter(|list| offered && request.param_text(list).is_some())
        .collect();
}

/// The assets by the names of the event's lists: what was checked, each with an id of its own, and those of the rule.
pub fn shared(world: &mut World, dialog: &Dialog, rules: &Rules) -> BTreeMap<String, Vec<String>> {
    let mut assets = rules.extra_assets.clone();
    for list in &dialog.selections.extra_assets {
        let ids = assets.entry((*list).to_owned()).or_default();
        ids.push(world.new_id(IdKind::ExtraAsset));
    }
    assets
}

fn is_offered(dialog: &Dialog) -> bool {
    let version = dialog.extras.version.as_deref();
    version.is_none_or(|version| version.starts_with("v4"))
}

/// The event's lists, and what the person reads.
const KINDS: &[(&str, &str)] = &[
    ("ad_account_ids", "An ad account"),
    ("page_ids", "A Facebook page"),
    ("dataset_ids", "A dataset of the Conversions API"),
    ("catalog_ids", "A catalogue"),
    ("instagram_account_ids", "An Instagram account"),
];
