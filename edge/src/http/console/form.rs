//! What a form posted.

use crate::http::incoming::Incoming;
use embark_protocol::{Problem, ProblemCode};
use serde_json::{Map, Value};

/// The fields of a form (<https://url.spec.whatwg.org/#application/x-www-form-urlencoded>).
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The body of the request.
    ///
    /// # Errors
    /// As of [`Incoming::body`].
    pub fn of(incoming: &Incoming<'_>) -> Result<Self, Problem> {
        Ok(Self::parse(incoming.body()?))
    }

    /// The fields of a body.
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field, without the space around it; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        let mut fields = self.0.iter();
        let found = fields.find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Whether a box is checked.
    pub fn is_checked(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// The value of a field as a parser takes it.
    ///
    /// # Errors
    /// `bad_request`: it does not.
    pub fn parsed<T, E>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Problem> {
        let text = self.text(name);
        parse(text).map_err(|_| bad(&[name, ": not of the form that it needs"].concat()))
    }

    /// The settings of a site that the form has, as a JSON Merge Patch: an empty field resets its setting. The field `patch` has
    /// others, as JSON, and is applied over them.
    ///
    /// # Errors
    /// `bad_request`: the field `patch` is no JSON object.
    pub fn site_patch(&self) -> Result<Value, Problem> {
        let mut patch = Map::new();
        for name in ["app", "config_id"] {
            patch.insert(name.to_owned(), self.text(name).into());
        }
        let origins = self.text("origins").split_whitespace();
        patch.insert("origins".to_owned(), origins.collect::<Vec<_>>().into());
        self.add_optional(&mut patch, &["display_name", "solution_id", "feature_type"]);
        self.add_boxes(&mut patch, &["enabled", "invited_only", "hosted_signup"]);
        let more = self.text("patch");
        if !more.is_empty() {
            let more: Value = serde_json::from_str(more)
                .map_err(|error| bad(&format!("the JSON of other settings: {error}")))?;
            let Value::Object(more) = more else {
                return Err(bad("the JSON of other settings: an object"));
            };
            patch.extend(more);
        }
        Ok(Value::Object(patch))
    }

    /// The settings of a site that is added.
    pub fn new_site_patch(&self) -> Value {
        let mut patch = Map::new();
        for name in ["key", "app", "config_id"] {
            patch.insert(name.to_owned(), self.text(name).into());
        }
        let origins = self.text("origins").split_whitespace();
        patch.insert("origins".to_owned(), origins.collect::<Vec<_>>().into());
        Value::Object(patch)
    }

    /// The settings of an app that the form has, as a JSON Merge Patch.
    ///
    /// # Errors
    /// `bad_request`: the limit is no number.
    pub fn app_patch(&self) -> Result<Value, Problem> {
        let mut patch = Map::new();
        for name in ["app_id", "graph_version"] {
            patch.insert(name.to_owned(), self.text(name).into());
        }
        self.add_optional(&mut patch, &["partner_business_id", "partner_name"]);
        let limit: u32 = self.parsed("weekly_limit", str::parse)?;
        patch.insert("weekly_limit".to_owned(), limit.into());
        self.add_boxes(&mut patch, &["block_when_full"]);
        Ok(Value::Object(patch))
    }

    fn add_optional(&self, patch: &mut Map<String, Value>, names: &[&str]) {
        for name in names {
            let text = self.text(name);
            let value = if text.is_empty() {
                Value::Null
            } else {
                text.into()
            };
            patch.insert((*name).to_owned(), value);
        }
    }

    fn add_boxes(&self, patch: &mut Map<String, Value>, names: &[&str]) {
        for name in names {
            patch.insert((*name).to_owned(), self.is_checked(name).into());
        }
    }
}

fn bad(detail: &str) -> Problem {
    Problem::new(ProblemCode::BadRequest).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn form_of_a_site_is_a_patch_that_resets_what_is_empty() {
        let form = Form::parse(
            b"app=main&config_id=+123+&origins=https%3A%2F%2Fa.example%0D%0Ahttps%3A%2F%2Fb.example\
              &display_name=&enabled=true&patch=%7B%22policy%22%3A%22infobip%22%7D",
        );
        let patch = form.site_patch().unwrap();
        assert_eq!(
            patch,
            json!({
                "app": "main", "config_id": "123",
                "origins": ["https://a.example", "https://b.example"],
                "display_name": null, "solution_id": null, "feature_type": null,
                "enabled": true, "invited_only": false, "hosted_signup": false,
                "policy": "infobip",
            })
        );
        for more in ["{", "[]", "1"] {
            let form = Form(vec![("patch".into(), more.into())]);
            assert_eq!(
                form.site_patch().unwrap_err().code,
                ProblemCode::BadRequest,
                "{more}"
            );
        }
    }

    #[test]
    fn field_that_is_missing_is_empty_and_its_box_unchecked() {
        let form = Form::parse(b"");
        assert_eq!(form.text("name"), "");
        assert!(!form.is_checked("enabled"));
        assert_eq!(form.app_patch().unwrap_err().code, ProblemCode::BadRequest);
    }
}
