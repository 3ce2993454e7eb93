//! Script URLs on pages that require Trusted Types (<https://www.w3.org/TR/trusted-types/>).

use gloo_utils::window;
use std::cell::OnceCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = web_sys::Window)]
    type TrustedWindow;
    #[wasm_bindgen(method, getter, js_name = trustedTypes)]
    fn trusted_types(this: &TrustedWindow) -> Option<TrustedTypePolicyFactory>;

    type TrustedTypePolicyFactory;
    #[wasm_bindgen(method, catch, js_name = createPolicy)]
    fn create_policy(
        this: &TrustedTypePolicyFactory,
        name: &str,
        options: &PolicyOptions,
    ) -> Result<TrustedTypePolicy, JsValue>;

    type PolicyOptions;
    #[wasm_bindgen(method, setter, js_name = createScriptURL)]
    fn set_create_script_url(this: &PolicyOptions, create: &JsValue);

    type TrustedTypePolicy;
    #[wasm_bindgen(method, catch, js_name = createScriptURL)]
    fn create_script_url(this: &TrustedTypePolicy, url: &str) -> Result<JsValue, JsValue>;
}

thread_local! {
    /// A page may allow each policy name once, so it is created once and kept.
    static POLICY: OnceCell<Option<TrustedTypePolicy>> = const { OnceCell::new() };
}

/// The URL as a `TrustedScriptURL`, or as a string where the page has no Trusted Types or refuses the policy.
pub fn script_url(url: &str) -> JsValue {
    let trusted = POLICY.with(|policy| {
        let policy = policy.get_or_init(create_policy).as_ref()?;
        policy.create_script_url(url).ok()
    });
    trusted.unwrap_or_else(|| url.into())
}

/// The policy `embark`, which lets any URL through.
fn create_policy() -> Option<TrustedTypePolicy> {
    let factory = window().unchecked_into::<TrustedWindow>().trusted_types()?;
    let options = js_sys::Object::new().unchecked_into::<PolicyOptions>();
    let identity = Closure::<dyn Fn(JsValue) -> JsValue>::new(|url| url);
    options.set_create_script_url(&identity.into_js_value());
    factory.create_policy("embark", &options).ok()
}
