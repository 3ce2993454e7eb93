//! Parameters of paths, queries and headers.

use crate::content::{components_of, reference};
use embark_protocol::{AppKey, InvitationId, PhoneNumberId, SignupId, SiteId, SolutionId, WabaId};
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Required, Schema, SchemaFormat, Type};

/// A parameter of paths.
pub struct PathParameter {
    /// As it stands in the paths of descriptions.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// A value.
    pub sample: &'static str,
    /// Whether the route table answers another shape with `bad_id`.
    pub is_id: bool,
    schema: fn() -> Typed,
}

/// A schema, with the schemas that it refers to.
type Typed = (RefOr<Schema>, Vec<(String, RefOr<Schema>)>);

impl PathParameter {
    /// The parameter of this name. `None`: there is none.
    pub fn find(name: &str) -> Option<&'static Self> {
        PATH_PARAMETERS.iter().find(|known| known.name == name)
    }

    /// Its description, with the schemas that it refers to.
    pub fn describe(&self) -> (Parameter, Vec<(String, RefOr<Schema>)>) {
        let (schema, components) = (self.schema)();
        let parameter = ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(self.about))
            .schema(Some(schema));
        (parameter.build(), components)
    }
}

/// The names of the parameters of a path, in order.
pub fn names(path: &str) -> impl Iterator<Item = &str> {
    let segments = path.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// A query parameter that may be absent.
pub fn query(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    optional(ParameterIn::Query, name, about, schema.into())
}

/// A query parameter that may not be absent.
pub fn required_query(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(ParameterIn::Query, name, about, schema.into())
        .required(Required::True)
        .build()
}

/// A header that may be absent.
pub fn header(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    optional(ParameterIn::Header, name, about, schema.into())
}

fn optional(place: ParameterIn, name: &str, about: &str, schema: RefOr<Schema>) -> Parameter {
    parameter(place, name, about, schema)
        .required(Required::False)
        .build()
}

fn parameter(
    place: ParameterIn,
    name: &str,
    about: &str,
    schema: RefOr<Schema>,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(about))
        .schema(Some(schema))
}

/// Any text.
pub fn text() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// One of these words.
pub fn one_of(words: &[&str]) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(words.iter().copied())).into()
}

/// A number that is not negative.
pub fn number() -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let number = number.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    number.minimum(Some(0)).into()
}

/// Text of such characters, as a regular expression.
pub fn pattern(pattern: &str) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.pattern(Some(pattern)).into()
}

/// A number of days.
pub fn days() -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let number = number.minimum(Some(1)).maximum(Some(400));
    number.default(Some(30.into())).into()
}

/// How long a list is at most.
pub fn limit() -> Parameter {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let number = number
        .minimum(Some(1))
        .maximum(Some(500))
        .default(Some(100.into()));
    query("limit", "How many at most.", Schema::from(number))
}

/// Where a page of a list by time begins.
pub fn after_row() -> Parameter {
    query(
        "after",
        "The field `next` of the page before.",
        pattern(r"^[0-9]{1,16}\.[0-9A-Za-z]{1,64}$"),
    )
}

fn id<T: ToSchema>() -> Typed {
    (reference::<T>(), components_of::<T>())
}

fn plain(regular_expression: &str) -> Typed {
    (pattern(regular_expression).into(), vec![])
}

const PATH_PARAMETERS: &[PathParameter] = &[
    PathParameter {
        name: "site",
        about: "The site, by the name that the operator chose.",
        sample: "acme",
        is_id: true,
        schema: id::<SiteId>,
    },
    PathParameter {
        name: "app",
        about: "The app, by the name that the operator chose.",
        sample: "main",
        is_id: true,
        schema: id::<AppKey>,
    },
    PathParameter {
        name: "signup",
        about: "The signup.",
        sample: "0123456789abcdef0123456789abcdef",
        is_id: true,
        schema: id::<SignupId>,
    },
    PathParameter {
        name: "waba",
        about: "The WhatsApp Business Account.",
        sample: "5000000000000001",
        is_id: true,
        schema: id::<WabaId>,
    },
    PathParameter {
        name: "number",
        about: "Meta's id of the phone number.",
        sample: "6000000000000001",
        is_id: true,
        schema: id::<PhoneNumberId>,
    },
    PathParameter {
        name: "solution",
        about: "The partner solution.",
        sample: "7000000000000001",
        is_id: true,
        schema: id::<SolutionId>,
    },
    PathParameter {
        name: "invitation",
        about: "The invitation.",
        sample: "0123456789abcdef0123456789abcdef",
        is_id: true,
        schema: id::<InvitationId>,
    },
    PathParameter {
        name: "code",
        about: "The code of a callback: 32 hexadecimal digits.",
        sample: "0123456789abcdef0123456789abcdef",
        is_id: false,
        schema: || plain("^[0-9a-f]{32}$"),
    },
    PathParameter {
        name: "step",
        about: "The step of the checklist, as its `key`.",
        sample: "live",
        is_id: false,
        schema: || plain("^[a-z_]{1,40}$"),
    },
    PathParameter {
        name: "app_secret",
        about: "Which secret of the app.",
        sample: "app_secret",
        is_id: false,
        schema: || (one_of(embark_protocol::admin::APP_SECRETS).into(), vec![]),
    },
    PathParameter {
        name: "site_secret",
        about: "The name of the secret, as the site's settings use it.",
        sample: "infobip",
        is_id: false,
        schema: || plain("^[a-z0-9_]{1,32}$"),
    },
    PathParameter {
        name: "token_id",
        about: "The id of the token, which is not a secret.",
        sample: "0123456789abcdef0123456789abcdef",
        is_id: false,
        schema: || plain("^[0-9a-f]{32}$"),
    },
    PathParameter {
        name: "operator",
        about: "The operator, by id.",
        sample: "0123456789abcdef0123456789abcdef",
        is_id: false,
        schema: || plain("^[0-9a-f]{32}$"),
    },
    PathParameter {
        name: "message",
        about: "Infobip's id of the message.",
        sample: "a-1",
        is_id: false,
        schema: || plain("^[A-Za-z0-9-]{1,100}$"),
    },
    PathParameter {
        name: "token",
        about: "The token of the address, 64 hexadecimal digits.",
        sample: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        is_id: false,
        schema: || plain("^[0-9a-f]{64}$"),
    },
];
