//! What a launch may say to Meta: a site's options, a tag's wishes where the site lets it have any, and
//! what goes together in which version of Embedded Signup ("Versions", "Pre-filled data").

use embark_protocol::config::{Site, TagOption};
use embark_protocol::launch::{Extras, Feature, Login};
use embark_protocol::prefill::Prefill;

/// Lays one wish of a tag over the site's options.
pub fn wish(site: &mut Site, name: &str, value: &str) -> Result<(), String> {
    let Some((_, option)) = WISHES.iter().find(|(known, _)| *known == name) else {
        return Err([name, ": no option"].concat());
    };
    if !site.tag_may.contains(option) {
        return Err([name, ": not among the site's tag_may"].concat());
    }
    match slot(site, *option) {
        Slot::Text(slot) => *slot = value.to_owned(),
        Slot::Choice(slot) => *slot = Some(value.to_owned()),
        Slot::Words(slot) => *slot = value.split_whitespace().map(str::to_owned).collect(),
        Slot::Json(slot) => {
            *slot = crate::json::from_slice(value.as_bytes())
                .map_err(|_| [name, ": not its JSON"].concat())?;
        }
    }
    Ok(())
}

/// Names of the options in a tag, as an address carries them.
pub const WISHES: &[(&str, TagOption)] = &[
    ("configId", TagOption::ConfigId),
    ("solutionId", TagOption::SolutionId),
    ("featureType", TagOption::FeatureType),
    ("features", TagOption::Features),
    ("sessionInfoVersion", TagOption::SessionInfoVersion),
    ("esVersion", TagOption::EsVersion),
    ("graphVersion", TagOption::GraphVersion),
    ("sdkLocale", TagOption::SdkLocale),
    ("prefill", TagOption::Prefill),
];

/// Where a wish goes, by how a tag writes it.
enum Slot<'s> {
    Text(&'s mut String),
    Choice(&'s mut Option<String>),
    Words(&'s mut Vec<String>),
    Json(&'s mut Prefill),
}

fn slot(site: &mut Site, option: TagOption) -> Slot<'_> {
    match option {
        TagOption::ConfigId => Slot::Text(&mut site.config_id),
        TagOption::SolutionId => Slot::Choice(&mut site.solution_id),
        TagOption::FeatureType => Slot::Choice(&mut site.feature_type),
        TagOption::Features => Slot::Words(&mut site.features),
        TagOption::SessionInfoVersion => Slot::Choice(&mut site.session_info_version),
        TagOption::EsVersion => Slot::Choice(&mut site.es_version),
        TagOption::GraphVersion => Slot::Choice(&mut site.graph_version),
        TagOption::SdkLocale => Slot::Choice(&mut site.sdk_locale),
        TagOption::Prefill => Slot::Json(&mut site.prefill),
    }
}

/// Whether all of it goes together.
pub fn check(site: &Site) -> Result<(), String> {
    let say = |fits: bool, what: &str| if fits { Ok(()) } else { Err(what.to_owned()) };
    say(
        digits(&site.config_id, 5..=20),
        "config_id: the digits of a Facebook Login for Business configuration",
    )?;
    say(
        site.solution_id
            .as_deref()
            .is_none_or(|id| digits(id, 5..=20)),
        "solution_id: digits",
    )?;
    let version = site.es_version.as_deref();
    say(
        version.is_none_or(|version| VERSIONS.contains(&version)),
        "es_version: v2, v3 or v4, or one's public preview",
    )?;
    // Without a version the configuration decides, and anything may fit.
    let any = version.is_none();
    let two = any || version.is_some_and(|version| version.starts_with("v2"));
    let coexistence = site.feature_type.as_deref() == Some("whatsapp_business_app_onboarding");
    say(
        match site.feature_type.as_deref() {
            None | Some("whatsapp_business_app_onboarding") => true,
            Some("only_waba_sharing") => two,
            Some("marketing_messages_lite") => any || version == Some("v2-public-preview"),
            Some(_) => false,
        },
        "feature_type: not in this version",
    )?;
    let lite = any || version != Some("v4");
    let install = any || version != Some("v2");
    for feature in &site.features {
        let fits = match feature.as_str() {
            "marketing_messages_lite" => lite,
            "app_only_install" => install && !coexistence,
            _ => false,
        };
        say(
            fits,
            "features: not in this version, or not with this feature_type",
        )?;
    }
    say(
        matches!(site.session_info_version.as_deref(), None | Some("2" | "3")),
        "session_info_version: 2 or 3",
    )?;
    say(
        site.graph_version.as_deref().is_none_or(is_graph_version),
        "graph_version: like v25.0",
    )?;
    let locale = site.sdk_locale.as_deref().map(str::as_bytes);
    say(
        matches!(
            locale,
            None | Some([b'a'..=b'z', b'a'..=b'z', b'_', b'A'..=b'Z', b'A'..=b'Z'])
        ),
        "sdk_locale: like en_US",
    )?;
    prefill(&site.prefill)
}

type Fits = fn(&str) -> bool;

fn prefill(fill: &Prefill) -> Result<(), String> {
    let rules: &[(&str, &Option<String>, Fits)] = &[
        ("business_id", &fill.business_id, |id| digits(id, 5..=20)),
        ("business_name", &fill.business_name, |text| {
            text.len() <= 100
        }),
        ("email", &fill.email, |text| {
            text.len() <= 254 && text.contains('@')
        }),
        ("website", &fill.website, |text| {
            text.len() <= 512 && (text.starts_with("https://") || text.starts_with("http://"))
        }),
        ("street1", &fill.street1, |text| text.len() <= 200),
        ("street2", &fill.street2, |text| text.len() <= 200),
        ("city", &fill.city, |text| text.len() <= 100),
        ("state", &fill.state, |text| text.len() <= 100),
        ("zip", &fill.zip, |text| text.len() <= 20),
        ("country", &fill.country, |text| {
            text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
        }),
        ("phone_code", &fill.phone_code, |text| digits(text, 1..=3)),
        ("phone_number", &fill.phone_number, |text| {
            digits(text, 4..=15)
        }),
        ("timezone", &fill.timezone, is_timezone),
        ("display_name", &fill.display_name, |text| text.len() <= 100),
        ("category", &fill.category, |text| {
            CATEGORIES.contains(&text)
        }),
        ("description", &fill.description, |text| text.len() <= 512),
    ];
    for (name, value, fits) in rules {
        if value
            .as_deref()
            .is_some_and(|value| value.trim().is_empty() || !fits(value))
        {
            return Err(["prefill: ", name].concat());
        }
    }
    for (name, ids) in [
        ("pre_verified_ids", &fill.pre_verified_ids),
        ("waba_ids", &fill.waba_ids),
    ] {
        if ids.len() > 20 || !ids.iter().all(|id| digits(id, 5..=20)) {
            return Err(["prefill: ", name].concat());
        }
    }
    if fill.phone_code.is_some() != fill.phone_number.is_some() {
        return Err("prefill: phone_code and phone_number go together".to_owned());
    }
    // Meta creates a portfolio from all four, and ignores them otherwise.
    let four = [
        &fill.business_name,
        &fill.email,
        &fill.website,
        &fill.country,
    ];
    let given = four.iter().filter(|value| value.is_some()).count();
    if fill.business_id.is_none() && !matches!(given, 0 | 4) {
        return Err("prefill: business_name, email, website and country go together".to_owned());
    }
    Ok(())
}

/// The second argument of FB.login ("Embedded Signup, Implementation"). What is empty is left out.
pub fn login(site: Site) -> Login {
    Login {
        config_id: site.config_id,
        response_type: "code".to_owned(),
        override_default_response_type: true,
        extras: Extras {
            setup: site.prefill.setup(site.solution_id),
            session_info_version: site.session_info_version.unwrap_or_else(|| "3".to_owned()),
            feature_type: site.feature_type,
            version: site.es_version,
            features: site
                .features
                .into_iter()
                .map(|name| Feature { name })
                .collect(),
        },
    }
}

fn digits(text: &str, many: core::ops::RangeInclusive<usize>) -> bool {
    many.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_graph_version(text: &str) -> bool {
    let parts = text.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(major, minor)| digits(major, 1..=2) && digits(minor, 1..=2))
}

/// `UTC-07:00`.
fn is_timezone(text: &str) -> bool {
    let signed = text
        .strip_prefix("UTC")
        .and_then(|rest| rest.strip_prefix(['+', '-']));
    let parts = signed.and_then(|rest| rest.split_once(':'));
    parts.is_some_and(|(hours, minutes)| digits(hours, 2..=2) && digits(minutes, 2..=2))
}

const VERSIONS: &[&str] = &[
    "v2",
    "v2-public-preview",
    "v3",
    "v3-public-preview",
    "v4",
    "v4-public-preview",
];

/// Verticals of a WhatsApp business profile.
const CATEGORIES: &[&str] = &[
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "PHYSICAL_GAMBLING",
    "OTC_DRUGS",
    "MATRIMONY_SERVICE",
];
