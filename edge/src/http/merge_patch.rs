//! Changes of settings that name only what changes: JSON Merge Patch (<https://www.rfc-editor.org/rfc/rfc7396>).

use crate::http::incoming::from_json;
use embark_protocol::{Problem, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The settings after a patch. `current`: `None` if there are none yet; the patch then has to name all that have no
/// default. `null` in the patch resets a field.
///
/// # Errors
/// `bad_json`: the patch is no object, or what comes of it is no `T`: as [`from_json`].
pub fn apply<T: Serialize + DeserializeOwned>(
    current: Option<&T>,
    patch: Value,
) -> Result<T, Problem> {
    let internal = |_| Problem::new(ProblemCode::Internal);
    if !patch.is_object() {
        return Err(Problem::new(ProblemCode::BadJson)
            .with_detail("a JSON object of the settings to change"));
    }
    let current = current.map(serde_json::to_value).transpose();
    let mut settings = current
        .map_err(internal)?
        .unwrap_or_else(|| Value::Object(Map::new()));
    merge(&mut settings, patch);
    from_json(settings)
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(fields) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (name, value) in fields {
            if value.is_null() {
                target.remove(&name);
            } else {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::admin::{AppSettings, MessagesSettings, SiteSettings};
    use serde_json::json;

    #[test]
    fn patch_changes_what_it_names_and_keeps_the_rest() {
        let new = json!({"key": "main", "app_id": "1000000000000001"});
        let app: AppSettings = apply(None, new).unwrap();
        assert_eq!((app.weekly_limit, app.block_when_full), (10, false));
        let raised: AppSettings = apply(
            Some(&app),
            json!({"weekly_limit": 200, "block_when_full": true}),
        )
        .unwrap();
        assert_eq!((raised.weekly_limit, raised.block_when_full), (200, true));
        let moved: AppSettings =
            apply(Some(&raised), json!({"app_id": "1000000000000002"})).unwrap();
        assert_eq!((moved.weekly_limit, moved.block_when_full), (200, true));
        let reset: AppSettings = apply(Some(&moved), json!({"weekly_limit": null})).unwrap();
        assert_eq!((reset.weekly_limit, reset.block_when_full), (10, true));
    }

    #[test]
    fn another_mode_of_messages_takes_the_address_along() {
        let site = json!({"key": "acme", "app": "main", "origins": [], "config_id": "1",
            "messages": {"mode": "override", "callback_url": "https://crm.example/w"}});
        let site: SiteSettings = apply(None, site).unwrap();
        let patch = json!({"messages": {"mode": "forward"}});
        let forward: SiteSettings = apply(Some(&site), patch).unwrap();
        assert_eq!(forward.messages, MessagesSettings::Forward);
        let patch = json!({"messages": {"mode": "override"}});
        let problem = apply::<SiteSettings>(Some(&forward), patch).unwrap_err();
        assert_eq!(problem.code, ProblemCode::BadJson);
        let detail = problem.detail.unwrap_or_default();
        assert!(detail.contains("callback_url"), "{detail}");
    }

    #[test]
    fn patch_that_is_not_understood_names_the_field() {
        for (patch, hint) in [
            (json!([]), "object"),
            (
                json!({"key": "main", "app_id": "1000000000000001", "weekly_limits": 1}),
                "weekly_limits",
            ),
            (json!({"key": "main"}), "app_id"),
            (
                json!({"key": "main", "app_id": "1000000000000001", "weekly_limit": "ten"}),
                "weekly_limit: ",
            ),
            (
                json!({"key": "main", "app_id": "my-app"}),
                "app_id: not an id: expected a Meta app id (5 to 20 digits)",
            ),
            (
                json!({"key": "Main", "app_id": "1000000000000001"}),
                "key: not an id: ",
            ),
        ] {
            let problem = apply::<AppSettings>(None, patch).unwrap_err();
            assert!(
                problem.detail.clone().unwrap_or_default().contains(hint),
                "{problem:?}"
            );
        }
    }

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn merge_is_that_of_the_rfc() {
        for (target, patch, want) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let mut merged = target;
            merge(&mut merged, patch);
            assert_eq!(merged, want);
        }
    }
}
