//! Bodies of requests and responses.

use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ArrayBuilder, Object, ObjectBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The schema of a body, with the schemas that it refers to.
pub struct Content {
    /// The media type.
    pub media_type: &'static str,
    /// Other media types that the same may come as.
    pub alternatives: &'static [&'static str],
    /// The schema.
    pub schema: RefOr<Schema>,
    /// Schemas by their name.
    pub components: Vec<(String, RefOr<Schema>)>,
    /// Whether a request may come without a body.
    pub is_optional: bool,
}

impl Content {
    /// The JSON of a type.
    pub fn of<T: ToSchema>() -> Self {
        Self::json(reference::<T>(), components_of::<T>())
    }

    /// A JSON array of a type.
    pub fn list_of<T: ToSchema>() -> Self {
        let list = ArrayBuilder::new().items(reference::<T>());
        Self::json(Schema::Array(list.build()).into(), components_of::<T>())
    }

    /// A JSON merge patch (<https://www.rfc-editor.org/rfc/rfc7396>) of a type.
    pub fn patch_of<T: ToSchema>() -> Self {
        let name = [&T::name(), PATCH].concat();
        Self::json(Ref::from_schema_name(name).into(), components_of::<T>())
    }

    /// A JSON object without members of a meaning, or one that somebody else defines.
    pub fn object() -> Self {
        Self::json(object(), vec![])
    }

    /// Any JSON.
    pub fn any() -> Self {
        Self::json(
            Schema::Object(Object::with_type(SchemaType::AnyValue)).into(),
            vec![],
        )
    }

    /// A form with one field.
    pub fn form(field: &str, about: &str) -> Self {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(about));
        let form = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property(field, text)
            .required(field);
        Self {
            media_type: "application/x-www-form-urlencoded",
            ..Self::json(Schema::Object(form.build()).into(), vec![])
        }
    }

    /// A text of one of two media types.
    pub fn texts(media_type: &'static str, alternatives: &'static [&'static str]) -> Self {
        Self {
            media_type,
            alternatives,
            ..Self::text()
        }
    }

    /// Plain text.
    pub fn text() -> Self {
        Self {
            media_type: "text/plain",
            ..Self::json(String::schema(), vec![])
        }
    }

    /// The same, and a request may come without it.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }

    fn json(schema: RefOr<Schema>, components: Vec<(String, RefOr<Schema>)>) -> Self {
        Self {
            media_type: "application/json",
            alternatives: &[],
            schema,
            components,
            is_optional: false,
        }
    }
}

/// The reference to a type's schema.
pub fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

/// The schemas of a type, and of all that it refers to.
pub fn components_of<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut components = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut components);
    components
}

fn object() -> RefOr<Schema> {
    Schema::Object(Object::with_type(Type::Object)).into()
}

/// The end of the name of a patch's schema.
pub const PATCH: &str = "Patch";
