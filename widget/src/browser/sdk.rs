//! Meta's JavaScript SDK: its interface, and loading it (<https://developers.facebook.com/docs/javascript>).

use super::{event_sink::EventSink, trusted_types::script_url};
use crate::{flow::event::Event, js_value::to_js};
use embark_protocol::launch::SdkSettings;
use gloo_events::EventListener;
use gloo_utils::{document, window};
use js_sys::{Function, Reflect};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::HtmlScriptElement;

#[wasm_bindgen]
extern "C" {
    /// `window` with the globals of the SDK.
    #[wasm_bindgen(extends = web_sys::Window)]
    type SdkWindow;
    #[wasm_bindgen(method, getter, js_name = FB)]
    fn fb(this: &SdkWindow) -> Option<FacebookSdk>;
    /// Called by the SDK once it is loaded. `None` if the page has no such callback.
    #[wasm_bindgen(method, getter, js_name = fbAsyncInit)]
    fn fb_async_init(this: &SdkWindow) -> Option<Function>;
    #[wasm_bindgen(method, setter, js_name = fbAsyncInit)]
    fn set_fb_async_init(this: &SdkWindow, init: Option<&Function>);

    /// `window.FB`.
    pub type FacebookSdk;
    /// <https://developers.facebook.com/docs/javascript/reference/FB.init>
    #[wasm_bindgen(method, catch)]
    fn init(this: &FacebookSdk, options: &JsValue) -> Result<(), JsValue>;
    /// <https://developers.facebook.com/docs/reference/javascript/FB.login>
    #[wasm_bindgen(method, catch)]
    pub fn login(this: &FacebookSdk, callback: &Function, options: &JsValue)
    -> Result<(), JsValue>;
    /// The calls that were recorded before the SDK is loaded; until then `FB` is a stub. A recorded `FB.login` opens
    /// no popup.
    #[wasm_bindgen(method, getter, js_name = __buffer)]
    fn buffer(this: &FacebookSdk) -> Option<js_sys::Object>;
    /// The app that the widget initialised the SDK for.
    #[wasm_bindgen(method, getter)]
    fn embark(this: &FacebookSdk) -> Option<String>;
}

/// The options of `FB.init`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitOptions<'a> {
    app_id: &'a str,
    version: &'a str,
    cookie: bool,
    xfbml: bool,
}

/// Loads the SDK into the page. Dropped, it gives `fbAsyncInit` back to the page.
pub struct SdkLoader {
    script: Option<HtmlScriptElement>,
    _on_error: Option<EventListener>,
    /// The page's own callback.
    previous_init: Option<Function>,
    own_init: Option<Function>,
}

impl SdkLoader {
    pub fn new() -> Self {
        Self {
            script: None,
            _on_error: None,
            previous_init: sdk_window().fb_async_init(),
            own_init: None,
        }
    }

    /// Reports `SdkReady` or `SdkFailed`, later or at once.
    pub fn load(&mut self, sdk: &SdkSettings, sink: &EventSink) {
        if let Some(script) = self.script.take() {
            script.remove();
        }
        if facebook_sdk().is_some_and(|fb| fb.buffer().is_none()) {
            return report_initialized(sdk, sink);
        }
        let own_init = self.create_init(sdk, sink);
        sdk_window().set_fb_async_init(Some(&own_init));
        self.own_init = Some(own_init);
        if self.add_script(sdk, sink).is_none() {
            sink.send(Event::SdkFailed);
        }
    }

    /// Creates the callback `fbAsyncInit`. It belongs to the garbage collector, because the page may hold on to it.
    fn create_init(&self, sdk: &SdkSettings, sink: &EventSink) -> Function {
        let (previous, sdk, sink) = (self.previous_init.clone(), sdk.clone(), sink.clone());
        let app_id = sdk.app_id.clone();
        let init = Closure::<dyn Fn()>::new(move || {
            if let Some(previous) = &previous {
                // What the page's own callback throws is not for the widget to handle.
                let _ = previous.call0(&JsValue::NULL);
            }
            report_initialized(&sdk, &sink);
        });
        let init = init.into_js_value();
        mark(&init, app_id.as_str());
        init.unchecked_into()
    }

    /// `None` if the page has no `head`.
    fn add_script(&mut self, sdk: &SdkSettings, sink: &EventSink) -> Option<()> {
        let script = document().create_element("script").ok()?;
        let script = script.unchecked_into::<HtmlScriptElement>();
        script.set_id("facebook-jssdk");
        script.set_async(true);
        script.set_cross_origin(Some("anonymous"));
        Reflect::set(&script, &"src".into(), &script_url(&sdk.url)).ok()?;
        mark(&script, sdk.app_id.as_str());
        let sink = sink.clone();
        self._on_error = Some(EventListener::once(&script, "error", move |_| {
            sink.send(Event::SdkFailed);
        }));
        document().head()?.append_child(&script).ok()?;
        self.script = Some(script);
        Some(())
    }
}

impl Drop for SdkLoader {
    fn drop(&mut self) {
        let current = sdk_window().fb_async_init();
        if self.own_init.is_some() && current == self.own_init {
            sdk_window().set_fb_async_init(self.previous_init.as_ref());
        }
    }
}

/// `window.FB`. `None` until the page has it.
pub fn facebook_sdk() -> Option<FacebookSdk> {
    sdk_window().fb()
}

fn sdk_window() -> SdkWindow {
    window().unchecked_into()
}

fn report_initialized(sdk: &SdkSettings, sink: &EventSink) {
    sink.send(match initialize(sdk) {
        Some(()) => Event::SdkReady,
        None => Event::SdkFailed,
    });
}

/// Calls `FB.init`, unless that was done for this app. `None` if `FB` is not Meta's SDK.
fn initialize(sdk: &SdkSettings) -> Option<()> {
    let fb = facebook_sdk()?;
    let app_id = sdk.app_id.as_str();
    if fb.embark().as_deref() != Some(app_id) {
        let options = InitOptions {
            app_id,
            version: &sdk.version,
            cookie: false,
            xfbml: false,
        };
        fb.init(&to_js(&options)?).ok()?;
        mark(&fb, app_id);
    }
    Some(())
}

/// Marks the SDK, its callback and its script with the app: the loader does not mount the widget beside an SDK of the
/// host page or of another app.
fn mark(target: &JsValue, app_id: &str) {
    let _ = Reflect::set(target, &"embark".into(), &app_id.into());
}
