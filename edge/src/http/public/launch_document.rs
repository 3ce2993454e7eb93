//! Builds a launch document, step by step. Each step returns a type that holds what is known after it: the
//! site, its settings with the options of the tag, the app, the invitation, and at last the signed document.

use super::customer;
use super::site_settings::site_settings;
use crate::clock;
use crate::config::Settings;
use crate::durable_objects::app_credentials::{app_settings, has_app_secret};
use crate::http::html::BUILD_PATH;
use crate::http::incoming::Incoming;
use crate::http::launch::Launch;
use crate::http::locale::language;
use crate::kv;
use crate::random;
use embark_onboarding::auth::grant::{Grant, RENEW_AFTER};
use embark_onboarding::auth::return_cookie::returned_session;
use embark_onboarding::meta::login_options;
use embark_onboarding::meta::oauth_dialog;
use embark_onboarding::resources::quota::Quota;
use embark_onboarding::resources::site::allows_origin;
use embark_onboarding::resources::site_identity::{frame_ancestors, logo_origin, shown_name};
use embark_onboarding::settings_error::SettingsError;
use embark_onboarding::time::{UnixMillis, millis};
use embark_onboarding::web::origin::Origin;
use embark_protocol::admin::{AppSettings, SiteSettings};
use embark_protocol::launch::{
    LaunchDocument, LaunchMode, LoginOptions, SdkSettings, SiteIdentity,
};
use embark_protocol::{AppKey, Problem, ProblemCode, SignupId, SiteId};
use form_urlencoded::Serializer;
use futures_util::future::join;
use worker::Env;

/// A page asks for a launch document.
pub struct LaunchRequest<'a> {
    /// The request.
    pub incoming: &'a Incoming<'a>,
    /// The site that the page is for.
    pub site: SiteId,
    /// Origin of the page with the tag; for the hosted page our own.
    pub page_origin: String,
    /// How the widget is embedded.
    pub mode: LaunchMode,
}

/// The site exists, is enabled and allows the page's origin.
struct SiteLaunch<'a> {
    request: LaunchRequest<'a>,
    /// With the options of the tag, once they are applied.
    site_settings: SiteSettings,
}

/// The app is set up, and takes new businesses.
struct AppLaunch<'a> {
    request: LaunchRequest<'a>,
    site_settings: SiteSettings,
    app: AppSettings,
}

/// The invitation was checked. Checking does not use it up.
struct InvitedLaunch<'a> {
    launch: AppLaunch<'a>,
    /// `None`: the page has none, or it is not valid.
    invitation: Option<customer::UsableInvitation>,
    /// Why the invitation is not valid. The page is still rendered, so that a signup that redeemed the invitation earlier
    /// can continue.
    problem: Option<Problem>,
}

impl LaunchRequest<'_> {
    /// Builds the document.
    ///
    /// # Errors
    /// `unknown_site`, `site_disabled`, `origin_not_allowed`, `bad_request` for an option of the tag,
    /// `app_misconfigured`, `app_incomplete`, `quota_full`, `invitation_required`; `internal` if the settings cannot be
    /// read.
    pub async fn launch(self) -> Result<Launch, Problem> {
        self.load_site()
            .await?
            .apply_tag_options()?
            .load_app()
            .await?
            .check_quota()
            .await?
            .check_invitation()
            .await?
            .sign()
    }
}

impl<'a> LaunchRequest<'a> {
    /// The request of the hosted page, which is of our own origin.
    pub fn of_hosted_page(incoming: &'a Incoming<'a>, site: SiteId) -> Self {
        Self {
            incoming,
            site,
            page_origin: incoming.settings.origin.clone(),
            mode: LaunchMode::Page,
        }
    }

    async fn load_site(self) -> Result<SiteLaunch<'a>, Problem> {
        let site_settings = site_settings(self.incoming.env, &self.site).await?;
        let site_settings = site_settings.ok_or_else(|| Problem::new(ProblemCode::UnknownSite))?;
        if !site_settings.enabled {
            return Err(Problem::new(ProblemCode::SiteDisabled));
        }
        // The hosted page is of our own origin, which sites do not list.
        if self.mode != LaunchMode::Page && !allows_origin(&site_settings, &self.page_origin) {
            return Err(Problem::new(ProblemCode::OriginNotAllowed));
        }
        Ok(SiteLaunch {
            request: self,
            site_settings,
        })
    }

    /// The resume token `<signup>.<grant>` from the return cookie. `None`: no valid cookie, or not the hosted page.
    fn returned_session(&self) -> Option<String> {
        if self.mode != LaunchMode::Page {
            return None;
        }
        let cookies = self.incoming.header("cookie")?;
        let keyring = &self.incoming.settings.keyring;
        returned_session(&cookies, &self.site, keyring, clock::now())
    }

    /// `{prefix}{site}{suffix}?…`, with the leading parameters and the tag options of the request.
    fn path_with_options(
        &self,
        prefix: &str,
        suffix: &str,
        leading_parameters: &[(&str, &str)],
    ) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(leading_parameters);
        let tag_options = login_options::TAG_OPTIONS.iter().map(|(name, _)| *name);
        for name in ["lang", "invite", "reference"]
            .into_iter()
            .chain(tag_options)
        {
            if let Some(value) = self.incoming.query(name) {
                pairs.append_pair(name, &value);
            }
        }
        let query = pairs.finish();
        let separator = if query.is_empty() { "" } else { "?" };
        [prefix, self.site.as_str(), suffix, separator, &query].concat()
    }
}

impl<'a> SiteLaunch<'a> {
    /// Applies the options of the tag that the site allows, and checks the result.
    fn apply_tag_options(mut self) -> Result<Self, Problem> {
        let bad = |error: SettingsError| {
            Problem::new(ProblemCode::BadRequest).with_detail(&error.to_string())
        };
        let mut changed = false;
        for (name, _) in login_options::TAG_OPTIONS {
            if let Some(value) = self.request.incoming.query(name) {
                login_options::apply_tag_option(&mut self.site_settings, name, &value)
                    .map_err(bad)?;
                changed = true;
            }
        }
        // The site's own options were checked when they were put.
        if changed {
            login_options::validate(&self.site_settings).map_err(bad)?;
        }
        Ok(self)
    }

    async fn load_app(self) -> Result<AppLaunch<'a>, Problem> {
        let (env, key) = (self.request.incoming.env, &self.site_settings.app);
        let (app, secret) = join(app_settings(env, key), has_app_secret(env, key)).await;
        let app = app?.ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))?;
        // An unreadable secret is not a missing one; the signup reads it later.
        if matches!(secret, Ok(false)) {
            return Err(Problem::new(ProblemCode::AppIncomplete));
        }
        Ok(AppLaunch {
            request: self.request,
            site_settings: self.site_settings,
            app,
        })
    }
}

impl<'a> AppLaunch<'a> {
    async fn check_quota(self) -> Result<Self, Problem> {
        let env = self.request.incoming.env;
        if self.app.block_when_full && quota_is_full(env, &self.site_settings.app).await {
            return Err(Problem::new(ProblemCode::QuotaFull));
        }
        Ok(self)
    }

    /// Only the hosted page takes invitations.
    async fn check_invitation(self) -> Result<InvitedLaunch<'a>, Problem> {
        let request = &self.request;
        let invite = request.incoming.query("invite");
        let (invitation, problem) = match invite.filter(|_| request.mode == LaunchMode::Page) {
            Some(invite) => {
                match customer::checked_invitation(request.incoming, &request.site, &invite).await {
                    Ok(invitation) => (Some(invitation), None),
                    Err(problem) => (None, Some(problem)),
                }
            }
            None if !self.site_settings.invited_only => (None, None),
            // Rendered with the problem: a resume or renewal link needs no new invitation.
            None if request.mode == LaunchMode::Page => {
                let required = Problem::new(ProblemCode::InvitationRequired);
                (None, Some(required))
            }
            None => return Err(Problem::new(ProblemCode::InvitationRequired)),
        };
        Ok(InvitedLaunch {
            launch: self,
            invitation,
            problem,
        })
    }
}

impl InvitedLaunch<'_> {
    fn sign(self) -> Result<Launch, Problem> {
        let grant = self.grant()?;
        let signed = self.signed(&grant)?;
        let handover_grant = self.handover_grant(&grant)?;
        let AppLaunch {
            request,
            site_settings,
            app,
        } = self.launch;
        let settings = request.incoming.settings;
        let lang = language(request.incoming);
        let is_hosted = request.mode == LaunchMode::Page;
        let frame_ancestors = if is_hosted {
            "'none'".to_owned()
        } else {
            frame_ancestors(&site_settings)
        };
        let logo_origin = logo_origin(&site_settings).filter(|_| is_hosted);
        let about = is_hosted.then(|| identity(&site_settings, &app));
        let reference = customer::reference(request.incoming)?;
        let is_opened_by_site = is_hosted && customer::is_sent_by(&site_settings, request.incoming);
        let returned_session = request.returned_session();
        let sdk = sdk_settings(&site_settings, app, lang.sdk_locale, settings);
        let login = login_options::fb_login_options(site_settings);
        let dialog_url = match request.mode {
            LaunchMode::Page => dialog_url(&sdk, &login, settings),
            _ => None,
        };
        let first = [
            ("host", request.page_origin.as_str()),
            ("mode", request.mode.as_str()),
        ];
        let document = LaunchDocument {
            version: 1,
            renew_path: Some(request.path_with_options("/v1/sites/", "", &first)),
            hosted_page_path: Some(request.path_with_options("/go/", "", &[])),
            dialog_start_path: dialog_url
                .is_some()
                .then(|| request.path_with_options("/go/", "/dialog", &[])),
            site: request.site,
            signup: grant.signup,
            grant: signed,
            handover_grant,
            renew_in_ms: u32::try_from(millis(RENEW_AFTER)).unwrap_or(u32::MAX),
            edge_origin: settings.origin.clone(),
            page_origin: request.page_origin,
            mode: request.mode,
            sdk,
            login,
            dialog_url,
            returned_session,
            is_opened_by_site,
            reference,
            about,
            problem: self.problem,
            snapshot: None,
            lang: lang.tag.to_owned(),
            build_path: BUILD_PATH.to_owned(),
        };
        Ok(Launch {
            document,
            frame_ancestors,
            logo_origin,
        })
    }

    /// The grant of a fresh signup.
    fn grant(&self) -> Result<Grant, Problem> {
        let launch = &self.launch;
        let signup = SignupId::parse(&random::fresh_id())
            .map_err(|_| Problem::new(ProblemCode::Internal))?;
        let grant = Grant::new(
            signup,
            launch.request.site.clone(),
            launch.site_settings.app.clone(),
            launch.request.page_origin.clone(),
            clock::now(),
        );
        if self.problem.is_some() {
            // A launch document always has a grant; this one has expired already.
            return Ok(Grant {
                launch_by: UnixMillis(0),
                submit_by: UnixMillis(0),
                ..grant
            });
        }
        Ok(Grant {
            // An invitation is used up by the launch: the page gets no other grant.
            launch_by: match self.invitation {
                Some(_) => grant.submit_by,
                None => grant.launch_by,
            },
            invitation: self
                .invitation
                .as_ref()
                .map(|invitation| invitation.id.clone()),
            reference: customer::customer_reference(
                launch.request.incoming,
                self.invitation.as_ref(),
            )?,
            ..grant
        })
    }

    /// The grant for the hosted page, should this page hand its signup over to it. `None`: this is that page.
    fn handover_grant(&self, grant: &Grant) -> Result<Option<String>, Problem> {
        if self.launch.request.mode == LaunchMode::Page {
            return Ok(None);
        }
        let handover = Grant {
            handover: Some(0),
            ..grant.clone()
        };
        self.signed(&handover).map(Some)
    }

    fn signed(&self, grant: &Grant) -> Result<String, Problem> {
        let keyring = &self.launch.request.incoming.settings.keyring;
        grant
            .sign(keyring)
            .ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))
    }
}

/// The business identity shown on the hosted page.
fn identity(site: &SiteSettings, app: &AppSettings) -> SiteIdentity {
    let website = site
        .origins
        .first()
        .and_then(|origin| Origin::parse(origin));
    SiteIdentity {
        name: shown_name(site),
        website: website.map_or_else(String::new, |origin| origin.hostname().to_owned()),
        logo_url: site.logo_url.clone(),
        partner: app.partner_name.clone(),
    }
}

/// Whether the app's quota was published as full and still is. If KV cannot be read it counts as not full: Meta
/// enforces its limit itself.
async fn quota_is_full(env: &Env, app: &AppKey) -> bool {
    let quota = kv::read_json::<Quota>(env, &kv::quota_key(app)).await;
    let free_at = quota.ok().flatten().and_then(|quota| quota.free_at);
    free_at.is_some_and(|at| clock::now() < at)
}

/// Meta's popup is in the language of the page, unless the site names another.
fn sdk_settings(
    site: &SiteSettings,
    app: AppSettings,
    page_locale: &str,
    settings: &Settings,
) -> SdkSettings {
    let locale = site.sdk_locale.as_deref().unwrap_or(page_locale);
    let graph_version = site.graph_version.clone();
    SdkSettings {
        url: [settings.meta.sdk.as_str(), "/", locale, "/sdk.js"].concat(),
        app_id: app.app_id,
        version: graph_version.unwrap_or(app.graph_version),
        origins: settings.meta.popups.clone(),
    }
}

/// Meta's OAuth dialog, for when the popup is blocked.
fn dialog_url(sdk: &SdkSettings, login: &LoginOptions, settings: &Settings) -> Option<String> {
    let origin = settings.meta.popups.first()?;
    let app_id = sdk.app_id.as_str();
    let callback = settings.callback();
    let url = oauth_dialog::dialog_url(origin, &sdk.version, app_id, login, &callback);
    Some(url)
}
