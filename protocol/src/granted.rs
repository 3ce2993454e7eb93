//! What a customer granted besides the account and the number, in version 4 of Embedded Signup: other assets whose products
//! they added in Meta's popup
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/version-4>). Nothing of it
//! holds up or ends a signup.

use crate::id::WabaId;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

macro_rules! lists {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Lists of assets by their kind, as Meta's session info message names them. One that is absent is empty.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct GrantedLists<T> {
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Vec::is_empty", default = "Vec::new")]
                pub $name: Vec<T>,
            )+
        }

        impl<T> Default for GrantedLists<T> {
            fn default() -> Self {
                Self { $($name: Vec::new(),)+ }
            }
        }

        impl<T> GrantedLists<T> {
            /// Whether no list has anything.
            pub fn is_empty(&self) -> bool {
                $(self.$name.is_empty())&&+
            }

            /// The same lists of something else.
            pub fn map<U>(&self, map: impl Fn(&T) -> U) -> GrantedLists<U> {
                GrantedLists { $($name: self.$name.iter().map(&map).collect(),)+ }
            }
        }

        impl GrantedIds {
            /// Reads the lists out of a document, whatever else it has. Anything that is no list, and each id that is
            /// none, is left out; so are ids beyond the first fifty of a list.
            pub fn read(document: &Value) -> Self {
                Self { $($name: read_list(document.get(stringify!($name))),)+ }
            }
        }

        #[cfg(feature = "openapi")]
        fn schema_of_lists(
            item: utoipa::openapi::RefOr<utoipa::openapi::Schema>,
        ) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
            let list = |docs: &[&str]| {
                utoipa::openapi::ArrayBuilder::new()
                    .items(item.clone())
                    .description(Some(docs.concat().trim()))
            };
            utoipa::openapi::ObjectBuilder::new()
                $(.property(stringify!($name), list(&[$($doc),+])))+
                .into()
        }
    };
}

lists! {
    /// Ad accounts.
    ad_account_ids,
    /// Pages of Facebook.
    page_ids,
    /// Datasets of the Conversions API.
    dataset_ids,
    /// Product catalogues.
    catalog_ids,
    /// Instagram accounts.
    instagram_account_ids,
    /// WhatsApp Business Accounts, where several were shared.
    waba_ids,
}

/// The ids as the page reports them: hints.
pub type GrantedIds = GrantedLists<String>;

/// The assets, each with whether it was confirmed.
pub type GrantedAssets = GrantedLists<GrantedAsset>;

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantedAsset {
    /// Its id at Meta.
    pub id: String,
    /// Whether Meta lists it for the customer's token. `false`: a page reported it, and Meta lists none, or others.
    pub confirmed: bool,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for GrantedIds {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        schema_of_lists(String::schema())
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for GrantedIds {
    fn name() -> std::borrow::Cow<'static, str> {
        "GrantedIds".into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for GrantedAssets {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        schema_of_lists(GrantedAsset::schema())
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for GrantedAssets {
    fn name() -> std::borrow::Cow<'static, str> {
        "GrantedAssets".into()
    }
}

/// For fields of requests: never an error.
///
/// # Errors
/// The document is not JSON.
pub(crate) fn lenient<'de, D: Deserializer<'de>>(de: D) -> Result<GrantedIds, D::Error> {
    Value::deserialize(de).map(|document| GrantedIds::read(&document))
}

fn read_list(list: Option<&Value>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in list.and_then(Value::as_array).into_iter().flatten() {
        let text = id.as_str().unwrap_or_default();
        // Ids of ad accounts may have this prefix.
        let digits = text.strip_prefix("act_").unwrap_or(text);
        let is_id = WabaId::parse(digits).is_ok();
        if is_id && ids.len() < MAX_IDS && !ids.iter().any(|known| known == text) {
            ids.push(text.to_owned());
        }
    }
    ids
}

/// How many ids of a kind are kept.
const MAX_IDS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_any_type_are_read_as_far_as_they_are_ids() {
        let many: Vec<String> = (10_000..10_080).map(|number| number.to_string()).collect();
        for (document, want) in [
            (
                json!({"page_ids": ["10001", "10002"]}),
                json!({"page_ids": ["10001", "10002"]}),
            ),
            (
                json!({"page_ids": ["10001", 7, null, "x", "../x", "10001", ["10002"], "123"], "waba_ids": "10003"}),
                json!({"page_ids": ["10001"]}),
            ),
            (
                json!({"ad_account_ids": ["act_10001", "10002"]}),
                json!({"ad_account_ids": ["act_10001", "10002"]}),
            ),
            (
                json!({"catalog_ids": [], "dataset_ids": {}, "instagram_account_ids": null}),
                json!({}),
            ),
            (
                json!({"page_ids": many.clone()}),
                json!({"page_ids": many[..50]}),
            ),
            (json!({"unknown_ids": ["10001"]}), json!({})),
            (json!([]), json!({})),
            (json!("x"), json!({})),
            (json!(null), json!({})),
        ] {
            let read = GrantedIds::read(&document);
            assert_eq!(read.is_empty(), want == json!({}), "{document}");
            assert_eq!(serde_json::to_value(read).unwrap(), want, "{document}");
        }
    }
}
