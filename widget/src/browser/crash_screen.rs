//! What a person sees after a panic: a sentence and a link instead of a button that does nothing.
//!
//! A panic ends every widget of this wasm instance, because none of its state can be relied on. The screens are
//! prepared when the widgets start, so that the panic hook reads nothing else.

use crate::launch_document::LaunchDocument;
use embark_protocol::launch::LaunchMode;
use embark_view::messages::Messages;
use gloo_utils::document;
use std::{cell::RefCell, rc::Rc, sync::Once};
use wasm_bindgen::JsValue;
use web_sys::{Element, console};

thread_local! {
    static SCREENS: RefCell<Vec<Rc<Screen>>> = const { RefCell::new(Vec::new()) };
}

static HOOK: Once = Once::new();

struct Screen {
    root: Element,
    text: String,
    link_text: String,
    href: String,
    /// The hosted page loads itself again, elsewhere the link opens a new tab.
    opens_tab: bool,
}

/// Unregisters the screen of a widget when it is dropped.
pub struct CrashScreen(Rc<Screen>);

/// Registers the screen of a widget: it replaces the content of `root` after a panic.
pub fn register(root: &Element, launch: &LaunchDocument, messages: &Messages) -> CrashScreen {
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            console::error_1(&JsValue::from(info.to_string()));
            show_all();
        }));
    });
    let opens_tab = launch.mode != LaunchMode::Page;
    let link_text = if opens_tab {
        "popup_blocked.link"
    } else {
        "retry"
    };
    let screen = Rc::new(Screen {
        root: root.clone(),
        text: messages.lookup("broken.text").to_owned(),
        link_text: messages.lookup(link_text).to_owned(),
        href: launch.hosted_page_url(),
        opens_tab,
    });
    SCREENS.with_borrow_mut(|screens| screens.push(screen.clone()));
    CrashScreen(screen)
}

impl Drop for CrashScreen {
    fn drop(&mut self) {
        SCREENS.with_borrow_mut(|screens| screens.retain(|screen| !Rc::ptr_eq(screen, &self.0)));
    }
}

fn show_all() {
    SCREENS.with(|screens| {
        let screens = screens.try_borrow();
        for screen in screens.iter().flat_map(|screens| screens.iter()) {
            // Not shown where even this fails.
            let _ = screen.show();
        }
    });
}

impl Screen {
    fn show(&self) -> Result<(), JsValue> {
        let text = document().create_element("p")?;
        text.set_attribute("role", "alert")?;
        text.set_class_name("em-text");
        text.set_text_content(Some(&self.text));
        let link = document().create_element("a")?;
        link.set_class_name("em-button");
        link.set_attribute("href", &self.href)?;
        if self.opens_tab {
            link.set_attribute("target", "_blank")?;
            link.set_attribute("rel", "noopener")?;
        }
        link.set_text_content(Some(&self.link_text));
        self.root.set_text_content(None);
        self.root.set_attribute("data-state", "crashed")?;
        self.root.append_child(&text)?;
        self.root.append_child(&link)?;
        Ok(())
    }
}
