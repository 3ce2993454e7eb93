//! What the widget shows first, rendered into its page: the button, or the signup that this browser comes back to. The
//! widget takes the elements over, so both are given the same model.

use embark_onboarding::time::UnixMillis;
use embark_protocol::Problem;
use embark_protocol::launch::{LaunchDocument, LaunchMode};
use embark_view::appearance::Appearance;
use embark_view::html;
use embark_view::messages::Messages;
use embark_view::model::{Following, Form, Model, Panel, Snapshot};

/// The widget's element, and what the tag adds to its style sheet.
#[derive(Default)]
pub struct WidgetView {
    /// Empty in a frame that shows nothing, and if the texts could not be read: then the widget renders it all.
    pub html: String,
    /// The custom properties that the tag sets, as a style sheet. Empty if it sets none.
    pub style: String,
}

impl WidgetView {
    /// Renders it. `snapshot`: that of `launch`.
    pub fn new(
        launch: &LaunchDocument,
        snapshot: Option<Snapshot>,
        messages: &Messages,
        appearance: &Appearance,
        now: UnixMillis,
    ) -> Self {
        if launch.mode == LaunchMode::Window {
            return Self::default();
        }
        let following = snapshot.map(|snapshot| following(snapshot, now));
        let problem = launch.problem.as_ref().and_then(Problem::to_open);
        let panel = match (&following, &problem) {
            (Some(following), _) => Panel::Following(following),
            (None, Some(problem)) => Panel::Failed(problem),
            (None, None) => Panel::Loading,
        };
        let model = Model::new(launch, panel, now.0);
        Self::of_model(&model, messages, appearance)
    }

    /// The button as it is once the widget is ready; where signups are refused, what customers see instead.
    pub fn ready(
        launch: &LaunchDocument,
        messages: &Messages,
        appearance: &Appearance,
        now: UnixMillis,
    ) -> Self {
        let problem = launch.problem.as_ref().and_then(Problem::to_open);
        let panel = problem.as_ref().map_or(Panel::Start, Panel::Failed);
        let model = Model {
            mode: LaunchMode::Frame,
            about: None,
            can_launch: true,
            ..Model::new(launch, panel, now.0)
        };
        Self::of_model(&model, messages, appearance)
    }

    fn of_model(model: &Model<'_>, messages: &Messages, appearance: &Appearance) -> Self {
        Self {
            html: html::render(|sink| embark_view::render(sink, model, messages, appearance)),
            style: style(appearance),
        }
    }
}

/// As the widget follows a signup whose first snapshot this is.
fn following(snapshot: Snapshot, now: UnixMillis) -> Following {
    let wait = snapshot.wait_ms.map(u64::from);
    Following {
        report: snapshot.report.clone(),
        deadline: wait.map(|wait| now.0 + wait),
        form: Form::Open,
        is_long: false,
        is_rechecked: false,
        snapshot,
    }
}

/// The values were checked when they were read: none can end the declaration.
fn style(appearance: &Appearance) -> String {
    let properties = appearance.custom_properties().into_iter();
    let declarations: String = properties
        .map(|(name, value)| [name, ":", &value, ";"].concat())
        .collect();
    match declarations.is_empty() {
        true => declarations,
        false => [".embark{", &declarations, "}"].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const SIGNUP: &str = "0123456789abcdef0123456789abcdef";
    const NOW: UnixMillis = UnixMillis(1_000_000);

    /// A launch document of this mode with further parts.
    fn launch(mode: &str, parts: Value) -> LaunchDocument {
        let mut document = json!({
            "v": 1, "site": "acme", "signup": SIGNUP, "grant": "g.1", "renew_in_ms": 600_000,
            "edge": "https://signup.partner.example", "host": "https://shop.example", "mode": mode,
            "sdk": {"url": "https://connect.facebook.net/en_US/sdk.js", "app_id": "1000000000000001",
                    "version": "v25.0", "origins": ["https://www.facebook.com"]},
            "login": {"config_id": "3000000000000001", "response_type": "code",
                      "override_default_response_type": true,
                      "extras": {"setup": {}, "sessionInfoVersion": "3"}},
            "page": "/go/acme?lang=en", "handover": "h.1", "lang": "en", "build": "/b/0123456789ab"
        });
        let parts = parts.as_object().cloned().unwrap_or_default();
        document.as_object_mut().unwrap().extend(parts);
        serde_json::from_value(document).unwrap()
    }

    fn snapshot(status: &str, parts: Value) -> Value {
        let mut snapshot = json!({"id": SIGNUP, "seq": 3, "status": status, "poll_after_ms": 0,
            "steps": [{"step": "exchange", "state": "done"}, {"step": "register", "state": "active"}]});
        let parts = parts.as_object().cloned().unwrap_or_default();
        snapshot.as_object_mut().unwrap().extend(parts);
        snapshot
    }

    fn english() -> Messages {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales/en.json");
        let texts = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Messages::new(texts, |_, _| "other".to_owned())
    }

    fn view(launch: &LaunchDocument, options: &[(&str, &str)]) -> WidgetView {
        let appearance = Appearance::read(|name| {
            let option = options.iter().find(|(known, _)| *known == name);
            option.map(|(_, value)| (*value).to_owned())
        });
        let snapshot = launch.snapshot.as_ref().and_then(|one| one.to_open());
        WidgetView::new(launch, snapshot, &english(), &appearance, NOW)
    }

    #[test]
    fn view_is_button_signup_or_problem() {
        let refused = json!({"problem": {"type": "about:blank", "title": "No", "status": 403,
            "code": "site_disabled", "remedy": "operator"}});
        let running = json!({"snapshot": snapshot("running", json!({}))});
        let both = json!({"problem": refused["problem"], "snapshot": running["snapshot"]});
        let connected = json!({"snapshot": snapshot("connected", json!({"connected": {}}))});
        let ended = |status: &str| {
            let parts = json!({"problem": refused["problem"], "connected": {}});
            json!({"snapshot": snapshot(status, parts)})
        };
        let (failed, relaunch) = (ended("failed"), ended("relaunch"));
        let (waiting, numberless) = (ended("waiting"), ended("connected_without_number"));
        let input = json!({"input": {"kind": "pin"}});
        let asked = json!({"snapshot": snapshot("needs_input", input)});
        for (mode, parts, state, contained) in [
            ("frame", json!({}), "loading", "data-act=\"elsewhere\""),
            ("page", json!({}), "loading", "data-act=\"here\""),
            ("inline", json!({}), "loading", "data-act=\"elsewhere\""),
            (
                "frame",
                refused,
                "stopped",
                "<section class=\"em-card\" role=\"alert\"",
            ),
            (
                "page",
                failed,
                "failed",
                "<section class=\"em-card\" role=\"alert\"",
            ),
            ("page", relaunch, "relaunch", "em-title"),
            ("page", asked, "needs_input", "embark-input-pin"),
            ("page", waiting, "waiting", "em-title"),
            ("page", numberless, "connected_without_number", "em-title"),
            ("page", running, "running", "embark-step-register"),
            ("page", both, "running", "embark-step-register"),
            ("page", connected, "connected", "em-title"),
        ] {
            let html = view(&launch(mode, parts), &[]).html;
            let state = format!("data-state=\"{state}\"");
            assert!(html.contains(&state), "{mode}: {state} in {html}");
            assert!(html.contains(contained), "{mode}: {contained} in {html}");
        }
    }

    #[test]
    fn button_links_to_the_way_without_scripts() {
        let handover =
            format!("https://signup.partner.example/go/acme?lang=en#embark={SIGNUP}.h.1");
        let dialog = json!({"dialog": "https://m/", "dialog_start": "/go/acme/dialog?lang=en"});
        for (mode, parts, href) in [
            ("frame", json!({}), handover.as_str()),
            (
                "page",
                dialog,
                "https://signup.partner.example/go/acme/dialog?lang=en",
            ),
            (
                "page",
                json!({}),
                "https://signup.partner.example/go/acme?lang=en",
            ),
        ] {
            let html = view(&launch(mode, parts), &[]).html;
            let href = format!("href=\"{href}\"");
            assert!(html.contains(&href), "{mode}: {href} in {html}");
        }
    }

    #[test]
    fn ready_view_has_the_button_or_the_problem() {
        let refused = json!({"problem": {"type": "about:blank", "title": "No", "status": 403,
            "code": "site_disabled", "remedy": "operator"}});
        for (parts, state) in [(json!({}), "ready"), (refused, "stopped")] {
            let appearance = Appearance::default();
            let launch = launch("page", parts);
            let html = WidgetView::ready(&launch, &english(), &appearance, NOW).html;
            let state = format!("data-state=\"{state}\"");
            assert!(html.contains(&state), "{state} in {html}");
        }
    }

    #[test]
    fn wait_is_counted_down_from_now() {
        let waiting = json!({"snapshot": snapshot("waiting", json!({"wait_ms": 65_000}))});
        let html = view(&launch("page", waiting), &[]).html;
        assert!(html.contains("1:05"), "{html}");
    }

    #[test]
    fn hidden_frame_shows_nothing() {
        let hidden = view(&launch("window", json!({})), &[("accent", "#123456")]);
        assert_eq!((hidden.html, hidden.style), (String::new(), String::new()));
    }

    #[test]
    fn style_has_the_properties_that_the_tag_sets() {
        let style = |options: &[(&str, &str)]| view(&launch("frame", json!({})), options).style;
        assert_eq!(style(&[]), "");
        assert_eq!(style(&[("accent", "red}body{"), ("radius", "x")]), "");
        let set = style(&[("accent", "#123456"), ("radius", "4")]);
        assert!(set.starts_with(".embark{--embark-accent:#123456;"), "{set}");
        assert!(set.ends_with("--embark-radius:4px;}"), "{set}");
    }
}
