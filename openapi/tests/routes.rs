//! The descriptions are those of the route table: the same methods, paths and routes, no more and no fewer.

use embark_edge::http::route::{Audience, find};
use embark_openapi::description::Description;
use embark_openapi::document::{operator_document, public_document};
use embark_openapi::parameters::{PathParameter, names};
use embark_openapi::routes::rows;
use embark_openapi::routes::table::{Entry, Row};
use embark_protocol::ProblemCode;
use std::collections::{BTreeMap, BTreeSet};

const AUDIENCES: [Audience; 2] = [Audience::Public, Audience::Operator];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

#[test]
fn each_description_is_that_of_its_route() {
    for audience in AUDIENCES {
        for row in rows(audience) {
            let (method, path) = match &row.entry {
                Entry::Described(description) => (method(description), sample(description.path)),
                Entry::LeftOut { request, .. } => {
                    let (method, path) = request.split_once(' ').unwrap();
                    (method.to_owned(), sample(path))
                }
                Entry::Table => continue,
            };
            let route = find(audience, &method, &path);
            let route = route.unwrap_or_else(|code| panic!("{method} {path}: {code:?}"));
            assert!(
                (row.is_of)(&route),
                "{}: {method} {path} is {route:?}",
                row.id
            );
            // The log names a route as the documents do.
            assert_eq!(route.name(), row.id, "{method} {path}");
        }
    }
}

#[test]
fn no_other_method_of_a_described_path_has_a_route() {
    for audience in AUDIENCES {
        let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for description in descriptions(&rows(audience)) {
            let methods = described.entry(sample(description.path)).or_default();
            assert!(methods.insert(method(description)), "{}", description.path);
        }
        for (path, methods) in &described {
            for method in METHODS {
                let found = find(audience, method, path);
                match methods.contains(method) {
                    true => assert!(found.is_ok(), "{method} {path}"),
                    false => {
                        assert_eq!(found, Err(ProblemCode::MethodNotAllowed), "{method} {path}")
                    }
                }
            }
        }
    }
}

#[test]
fn operations_are_unique_and_complete() {
    for audience in AUDIENCES {
        let rows = rows(audience);
        let ids: BTreeSet<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids.len(), rows.len());
        for description in descriptions(&rows) {
            let path = description.path;
            assert!(description.summary.ends_with('.'), "{path}");
            assert!(!description.successes.is_empty(), "{path}");
            for name in names(path) {
                assert!(PathParameter::find(name).is_some(), "{path}: {name}");
            }
        }
    }
}

#[test]
fn id_of_another_shape_is_refused_as_described() {
    for audience in AUDIENCES {
        for description in descriptions(&rows(audience)) {
            let has_id = names(description.path)
                .filter_map(PathParameter::find)
                .any(|parameter| parameter.is_id);
            let problems = description.all_problems();
            let says_so = problems.contains(&(400, ProblemCode::BadId));
            let path = malformed(description.path);
            let found = find(audience, &method(description), &path);
            if has_id && says_so {
                assert_eq!(found, Err(ProblemCode::BadId), "{path}");
            } else if has_id {
                assert_eq!(found, Err(ProblemCode::NotFound), "{path}");
            }
        }
    }
}

#[test]
fn document_of_the_public_origin_names_no_path_of_the_operator() {
    let [public, operator] = [public_document(), operator_document()];
    assert!(!public.unwrap().to_string().contains("/v1/admin"));
    assert!(operator.unwrap().to_string().contains("/v1/admin"));
}

fn descriptions(rows: &[Row]) -> impl Iterator<Item = &Description> {
    rows.iter().filter_map(|row| match &row.entry {
        Entry::Described(description) => Some(&**description),
        Entry::LeftOut { .. } | Entry::Table => None,
    })
}

fn method(description: &Description) -> String {
    let method = serde_json::to_value(&description.method).unwrap();
    method.as_str().unwrap().to_uppercase()
}

/// The path with a value for each parameter.
fn sample(path: &str) -> String {
    names(path).fold(path.to_owned(), |sample, name| {
        let parameter = PathParameter::find(name).unwrap_or_else(|| panic!("{path}: {name}"));
        sample.replace(&format!("{{{name}}}"), parameter.sample)
    })
}

/// The path with a value for each parameter that no id has.
fn malformed(path: &str) -> String {
    names(path).fold(path.to_owned(), |sample, name| {
        sample.replace(&format!("{{{name}}}"), "Not_An_Id!")
    })
}
