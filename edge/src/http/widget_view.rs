//! What the widget shows first, rendered into its page: the button, or the signup that this browser comes back to. The
//! widget takes the elements over, so both are given the same model.

use base64ct::{Base64, Encoding};
use embark_onboarding::time::UnixMillis;
use embark_protocol::Problem;
use embark_protocol::launch::{LaunchDocument, LaunchMode};
use embark_view::appearance::Appearance;
use embark_view::html;
use embark_view::messages::Messages;
use embark_view::model::{Following, Form, Model, Panel, Snapshot};
use sha2::{Digest, Sha256};

/// The widget's element, and its style sheet.
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
        Self {
            html: html::render(|sink| embark_view::render(sink, &model, messages, appearance)),
            style: style(appearance),
        }
    }

    /// The source expression that lets a policy accept the style sheet, and no other
    /// (<https://www.w3.org/TR/CSP3/#grammardef-hash-source>). `None` without one.
    pub fn style_hash(&self) -> Option<String> {
        let hash = Base64::encode_string(&Sha256::digest(&self.style));
        (!self.style.is_empty()).then(|| ["'sha256-", &hash, "'"].concat())
    }
}

/// As the widget follows a signup whose first snapshot this is.
fn following(snapshot: Snapshot, now: UnixMillis) -> Following {
    let wait = snapshot.wait_ms.map(u64::from);
    Following {
        report: snapshot.report.clone(),
        deadline: wait.map(|wait| now.0 + wait),
        form: Form::Open,
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
