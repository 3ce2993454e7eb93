//! A document of descriptions.

use crate::description::{Access, Description, Success};
use crate::meanings;
use crate::parameters::{self, PathParameter};
use crate::problems;
use crate::routes;
use crate::routes::table::{Entry, Row};
use crate::schemas::{self, Schemas};
use crate::text::plain;
use anyhow::Result;
use embark_edge::http::route::Audience;
use embark_protocol::backend::BackendScope;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, Paths};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApiBuilder, RefOr,
    Required, Response, ResponseBuilder, Schema,
};

/// What the public origin serves: the API for pages, back ends and Meta.
///
/// # Errors
/// When the sources of `protocol` cannot be read.
pub fn public_document() -> Result<Value> {
    document(Audience::Public, "Embark", ABOUT_PUBLIC)
}

/// What the operator's origin serves.
///
/// # Errors
/// When the sources of `protocol` cannot be read.
pub fn operator_document() -> Result<Value> {
    document(Audience::Operator, "Embark, for operators", ABOUT_OPERATOR)
}

fn document(audience: Audience, title: &str, about: &str) -> Result<Value> {
    let mut paths = Paths::new();
    let mut types: Vec<(String, RefOr<Schema>)> =
        crate::content::components_of::<embark_protocol::Problem>();
    let mut left_out = vec![];
    let mut schemes: Vec<Scheme> = vec![];
    for row in routes::rows(audience) {
        match &row.entry {
            Entry::Described(description) => {
                schemes.extend(Scheme::of(description.access));
                let operation = operation(&row, description, &mut types);
                let method = description.method.clone();
                paths.add_path_operation(description.path, vec![method], operation);
            }
            Entry::LeftOut { request, reason } => {
                left_out.push(format!("- `{request}`: {reason}"));
            }
            Entry::Table => {}
        }
    }
    let mut about = plain(about);
    if !left_out.is_empty() {
        about.push_str("\n\nPages for people are not described here:\n\n");
        about.push_str(&left_out.join("\n"));
    }
    schemes.sort();
    schemes.dedup();
    let components = schemes.into_iter().fold(
        ComponentsBuilder::new().responses_from_iter(problems::shared()),
        |components, scheme| components.security_scheme(scheme.name(), scheme.describe()),
    );
    let license = LicenseBuilder::new()
        .name(env!("CARGO_PKG_LICENSE"))
        .identifier(Some(env!("CARGO_PKG_LICENSE")));
    let document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title(title)
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(about))
                .license(Some(license.build())),
        )
        .paths(paths)
        .components(Some(components.build()))
        .build();
    let mut document = serde_json::to_value(document)?;
    let types = serde_json::to_value(
        types
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>(),
    )?;
    let mut types = match types {
        Value::Object(types) => types,
        _ => Schemas::new(),
    };
    types.insert(
        embark_protocol::ProblemCode::name().into_owned(),
        problems::schema_of_codes()?,
    );
    schemas::finish(&mut types);
    types.values_mut().for_each(schemas::tidy_descriptions);
    let meanings = meanings::read()?;
    for (name, schema) in &mut types {
        meanings::add(&meanings, name, schema);
    }
    schemas::add_patches(&mut types, &document);
    schemas::retain_used(&mut types, &document);
    document["components"]["schemas"] = Value::Object(types);
    Ok(document)
}

fn operation(
    row: &Row,
    description: &Description,
    types: &mut Vec<(String, RefOr<Schema>)>,
) -> OperationBuilder {
    let notes = Some(description.notes).filter(|notes| !notes.is_empty());
    let mut operation = OperationBuilder::new()
        .tag(description.tag())
        .operation_id(Some(row.id.as_str()))
        .summary(Some(description.summary))
        .description(notes);
    if let Some(scheme) = Scheme::of(description.access) {
        let requirement =
            SecurityRequirement::new(scheme.name(), scheme.scopes(description.access));
        operation = operation.security(requirement);
    }
    for parameter in parameters::names(description.path).filter_map(PathParameter::find) {
        let (parameter, used) = parameter.describe();
        types.extend(used);
        operation = operation.parameter(parameter);
    }
    for parameter in description.all_parameters() {
        operation = operation.parameter(parameter);
    }
    if let Some(content) = &description.body {
        types.extend(content.components.iter().cloned());
        let required = if content.is_optional {
            Required::False
        } else {
            Required::True
        };
        let body = ContentBuilder::new()
            .schema(Some(content.schema.clone()))
            .build();
        let body = RequestBodyBuilder::new()
            .required(Some(required))
            .content(content.media_type, body);
        operation = operation.request_body(Some(body.build()));
    }
    for success in &description.successes {
        types.extend(components_of(success));
        operation = operation.response(success.status.to_string(), response(success));
    }
    for (status, response) in problems::responses(&description.all_problems()) {
        operation = operation.response(status, response);
    }
    operation
}

fn components_of(success: &Success) -> impl Iterator<Item = (String, RefOr<Schema>)> + '_ {
    let content = success.content.iter();
    content.flat_map(|content| content.components.iter().cloned())
}

fn response(success: &Success) -> Response {
    let mut response = ResponseBuilder::new().description(success.about);
    let Some(content) = &success.content else {
        return response.build();
    };
    let body = ContentBuilder::new()
        .schema(Some(content.schema.clone()))
        .build();
    for media_type in content.alternatives {
        response = response.content(*media_type, body.clone());
    }
    response.content(content.media_type, body).build()
}

/// How a caller proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scheme {
    Grant,
    BackendToken,
    OperatorToken,
}

impl Scheme {
    fn of(access: Access) -> Option<Self> {
        match access {
            Access::Open => None,
            Access::Grant => Some(Self::Grant),
            Access::Backend(_) | Access::AnyBackend => Some(Self::BackendToken),
            Access::Operator => Some(Self::OperatorToken),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::BackendToken => "backendToken",
            Self::OperatorToken => "operatorToken",
        }
    }

    /// OpenAPI 3.1 lets schemes of HTTP name what the caller must be permitted to do.
    fn scopes(self, access: Access) -> Option<&'static str> {
        match access {
            Access::Backend(scope) => Some(BackendScope::as_str(scope)),
            _ => None,
        }
    }

    fn describe(self) -> SecurityScheme {
        let about = match self {
            Self::Grant => "The `grant` of a launch document: it opens one signup.",
            Self::BackendToken => {
                "A back-end token of the site, which the operator creates. What it must permit is named at each operation."
            }
            Self::OperatorToken => {
                "The token of an operator, or the deployment's `EMBARK_OPERATOR_TOKEN`."
            }
        };
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(about));
        SecurityScheme::Http(scheme.build())
    }
}

const ABOUT_PUBLIC: &str = "The API of the public origin: what pages post and read, the API for the partner's back end below \
    `/v1/backend`, and what Meta and Infobip call.\n\n\
    Every 4xx and 5xx response is a problem document (RFC 9457) with a stable `code`; the schema `ProblemCode` lists all of \
    them. Any address may also answer 404 `not_found` where there is nothing, and 405 `method_not_allowed` to a method that \
    is not described. `HEAD` is answered like `GET`, without the body. Bodies have at most 16 kB, those of Meta's webhooks 3 \
    MB. Fields are only ever added.";

const ABOUT_OPERATOR: &str = "The API of the operator's origin, below `/v1/admin`: settings of apps and sites, secrets, \
    invitations, back-end tokens, lists.\n\n\
    Every 4xx and 5xx response is a problem document (RFC 9457) with a stable `code`; the schema `ProblemCode` lists all of \
    them. Any address may also answer 404 `not_found` where there is nothing, and 405 `method_not_allowed` to a method that \
    is not described. `HEAD` is answered like `GET`, without the body. Bodies have at most 16 kB. Fields are only ever added.";
