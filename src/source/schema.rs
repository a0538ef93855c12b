//! JSON Schema (draft 2020-12) of estate documents, from the same tables that loading checks.
//!
//! Editors use it to complete and check documents. It says less than loading does: it knows one document, not the
//! estate.

use serde_json::{Map, Value, json};

use super::defaults::DEFAULTS;
use super::documents::{REMOVE, WITHOUT};
use super::matrix::MATRIX;
use super::outside::stays_inside;
use super::settings::SETTINGS;
use super::tombstones::TOMBSTONES;
use crate::model::Kind;
use crate::model::field::{Clear, Field, Format, ListKey, ListMode, ListShape, Need, Owner, Shape, find};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of any document of an estate.
pub fn schema() -> Value {
    let mut properties = Map::new();
    properties.insert("manifestVersion".to_owned(), manifest_version());
    let mut choices = Vec::new();
    for kind in Kind::ALL {
        properties.insert(kind.name().to_owned(), body(kind, Within::Matrix));
        choices.push(json!({"required": [kind.name()]}));
    }
    properties.insert(MATRIX.to_owned(), matrix());
    properties.insert(WITHOUT.to_owned(), without());
    properties.insert(DEFAULTS.to_owned(), defaults());
    properties.insert(REMOVE.to_owned(), SETTING.field(&TOMBSTONES));
    choices.extend([json!({"required": [DEFAULTS]}), json!({"required": [REMOVE]})]);
    let mut with_estate = Map::new();
    let mut required = Vec::new();
    for field in SETTINGS {
        properties.insert(field.name.to_owned(), SETTING.field(field));
        if field.need == Need::Always {
            required.push(field.name);
        }
    }
    for field in SETTINGS.iter().filter(|field| field.need != Need::Always) {
        with_estate.insert(field.name.to_owned(), json!(required));
    }
    choices.push(json!({"required": required, "not": {"required": ["manifestVersion"]}}));
    let bodies = Kind::ALL.map(|kind| (kind.name().to_owned(), json!({"$ref": format!("#/$defs/{kind}")})));
    let beside = json!({"anyOf": Kind::ALL.map(|kind| json!({"required": [kind.name()]}))});
    let mut definitions = definitions();
    if let Some(definitions) = definitions.as_object_mut() {
        definitions.extend(Kind::ALL.map(|kind| (kind.name().to_owned(), body(kind, Within::Document))));
    }
    json!({
        "$schema": DRAFT,
        "title": "A document of an mxkeep estate",
        "description": "Declares one cluster, namespace, app, package, environment or access to an app on Mendix Cloud, sets defaults, removes resources, or holds the settings of the estate.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "oneOf": choices,
        "dependentRequired": with_estate,
        "dependentSchemas": {MATRIX: beside, WITHOUT: beside},
        // Variables go into texts of documents with a matrix only.
        "if": {"not": {"required": [MATRIX]}},
        "then": {"properties": Map::from_iter(bodies)},
        "$defs": definitions,
    })
}

/// The schema of a document that declares a resource of one kind.
pub fn schema_for(kind: Kind) -> Value {
    json!({
        "$schema": DRAFT,
        "title": format!("A document that declares a resource of kind {kind}"),
        "type": "object",
        "properties": {
            "manifestVersion": manifest_version(),
            MATRIX: matrix(),
            WITHOUT: without(),
            kind.name(): body(kind, Within::Matrix),
        },
        "required": [kind.name()],
        "additionalProperties": false,
        "if": {"not": {"required": [MATRIX]}},
        "then": {"properties": {kind.name(): body(kind, Within::Document)}},
        "$defs": definitions(),
    })
}

fn manifest_version() -> Value {
    json!({
        "description": "The version of the API's manifests.",
        "const": "2.0.0",
        "default": "2.0.0",
    })
}

fn body(kind: Kind, within: Within) -> Value {
    Writer { within }.object(kind.fields().iter(), None)
}

fn matrix() -> Value {
    let value = json!({"type": "string", "pattern": "\\S", "maxLength": 100});
    json!({
        "description": "The values of variables: the document becomes one resource for each choice of them.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {"type": "array", "minItems": 1, "uniqueItems": true, "items": value},
        "examples": [{"plant": ["ams", "bra"]}],
    })
}

fn without() -> Value {
    json!({
        "description": "Fields that no default may fill.",
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "examples": [["container.size"]],
    })
}

fn defaults() -> Value {
    let bodies = Kind::ALL.map(|kind| (kind.name().to_owned(), body(kind, Within::Defaults)));
    json!({
        "description": "Fields for all documents of a kind in this directory and below.",
        "type": "object",
        "properties": Map::from_iter(bodies),
        "additionalProperties": false,
    })
}

/// Values from outside: secret or not, base64 in the API or not.
fn definitions() -> Value {
    json!({
        "outside": outside(false, false),
        "outsideBase64": outside(false, true),
        "secret": outside(true, false),
        "secretBase64": outside(true, true),
    })
}

fn outside(secret: bool, base64: bool) -> Value {
    let mut properties = json!({
        "fromEnv": {
            "description": "The environment variable that holds the value.",
            "type": "string",
            "pattern": "^([A-Za-z0-9_]|\\$\\{[A-Za-z0-9_]+\\})+$",
        },
        "fromFile": {
            "description": "The file that holds the value, relative to the estate directory and inside it.",
            "type": "string",
            "minLength": 1,
        },
        "version": {
            "description": "Change it to have a value sent again that the API never returns.",
            "type": ["string", "number"],
        },
        "sensitive": {
            "description": "Whether the value must never be shown.",
            "type": "boolean",
            "default": true,
        },
    });
    if let Some(properties) = properties.as_object_mut() {
        if secret {
            properties.insert("sensitive".to_owned(), json!({"const": true}));
        }
        if base64 {
            let description = "Says that the value is base64 already; otherwise mxkeep encodes it.";
            properties.insert("encoding".to_owned(), json!({"description": description, "const": "base64"}));
        }
    }
    json!({
        "description": "A value from outside the manifest.",
        "type": "object",
        "properties": properties,
        "oneOf": [{"required": ["fromEnv"]}, {"required": ["fromFile"]}],
        "additionalProperties": false,
    })
}

/// Writes the schema of fields.
#[derive(Clone, Copy)]
struct Writer {
    within: Within,
}

/// What fields are written within.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Settings and tombstones: complete, and all values stand in the file.
    Setting,
    /// A document of a resource: what it leaves out may stand in defaults or in another fragment.
    Document,
    /// A document with a matrix: texts may have variables.
    Matrix,
    /// Defaults: there is no identity.
    Defaults,
}

const SETTING: Writer = Writer { within: Within::Setting };

impl Writer {
    fn field(self, field: &'static Field) -> Value {
        let mut schema = if field.is_declarable() {
            let mut alternatives = self.alternatives(field);
            if field.clear != Clear::Never {
                alternatives.push(json!({"type": "null"}));
            }
            any_of(alternatives)
        } else {
            // Ignored with a warning, whatever it is.
            Map::from_iter([("readOnly".to_owned(), json!(true)), ("deprecated".to_owned(), json!(true))])
        };
        schema.insert("description".to_owned(), json!(field.doc));
        if let Some(default) = field.default {
            schema.insert("default".to_owned(), default.to_json());
        }
        if let Some(example) = field.example {
            schema.insert("examples".to_owned(), json!([example.to_json()]));
        }
        Value::Object(schema)
    }

    fn alternatives(self, field: &'static Field) -> Vec<Value> {
        match field.shape {
            Shape::Object(table) => vec![self.object(table.iter(), None)],
            Shape::List(list) => self.list(list),
            Shape::Addresses => vec![json!({"type": "array", "items": {"type": "string", "minLength": 1}})],
            Shape::Integer(min, max) if max == i64::MAX => vec![json!({"type": "integer", "minimum": min})],
            Shape::Integer(min, max) => vec![json!({"type": "integer", "minimum": min, "maximum": max})],
            Shape::Boolean => vec![json!({"type": "boolean"})],
            Shape::Text(format) => {
                let reference = match (field.sensitive, format == Format::Base64) {
                    (true, true) => "#/$defs/secretBase64",
                    (true, false) => "#/$defs/secret",
                    (false, true) => "#/$defs/outsideBase64",
                    (false, false) => "#/$defs/outside",
                };
                let mut alternatives = vec![text(format)];
                if self.within == Within::Matrix {
                    alternatives.push(json!({"type": "string", "pattern": "\\$\\{"}));
                    if field.owner == Owner::Identity {
                        alternatives.push(json!({"description": "Its value for each value of the matrix.", "type": "object"}));
                    }
                }
                if self.within != Within::Setting && !stays_inside(field) {
                    alternatives.push(json!({"$ref": reference}));
                }
                alternatives
            }
        }
    }

    /// An object with these fields, or an item, which may be `absent` or not.
    fn object(self, fields: impl Iterator<Item = &'static Field>, item: Option<bool>) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            let is_id = field.owner == Owner::Identity && field.need == Need::Always;
            if is_id && self.within == Within::Defaults && item.is_none() {
                continue;
            }
            properties.insert(field.name.to_owned(), self.field(field));
            // The rest may come from defaults or another fragment.
            let is_needed = self.within == Within::Setting || item.is_some() || is_id;
            if field.need == Need::Always && is_needed {
                required.push(field.name);
            }
        }
        // In an exact list it takes out what a default puts in.
        if item.is_some_and(|may_be_absent| may_be_absent || self.within != Within::Setting) {
            let description = "Removes the item.";
            properties.insert("absent".to_owned(), json!({"description": description, "type": "boolean"}));
        }
        let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
        if let (Some(schema), false) = (schema.as_object_mut(), required.is_empty()) {
            schema.insert("required".to_owned(), json!(required));
        }
        schema
    }

    /// Both spellings of a list, bare and in `{exact: …}` or `{merge: …}`.
    fn list(self, list: ListShape) -> Vec<Value> {
        let mut alternatives = self.spellings(list, list.mode);
        for mode in [ListMode::Exact, ListMode::Merge] {
            let mut inner = self.spellings(list, mode);
            inner.push(json!({"type": "null"}));
            alternatives.push(json!({
                "type": "object",
                "properties": {mode.name(): any_of(inner)},
                "required": [mode.name()],
                "additionalProperties": false,
            }));
        }
        alternatives
    }

    fn spellings(self, list: ListShape, mode: ListMode) -> Vec<Value> {
        let items = self.object(list.items.iter(), Some(may_be_absent(list, mode)));
        let mut spellings = vec![json!({"type": "array", "items": items})];
        if let ListKey::Natural(names) = list.key {
            spellings.push(self.mapping(list, names, names, mode));
        }
        spellings
    }

    /// The mapping spelling, one level for each key field.
    fn mapping(
        self,
        list: ListShape,
        names: &[&'static str],
        keys: &[&'static str],
        mode: ListMode,
    ) -> Value {
        let Some((name, deeper)) = names.split_first() else {
            let rest = list.items.iter().filter(|field| !keys.contains(&field.name));
            let mut alternatives = vec![self.object(rest, Some(may_be_absent(list, mode)))];
            match list.short.and_then(|short| find(list.items, short)) {
                Some(short) => alternatives.push(self.field(short)),
                None => alternatives.push(json!({"type": "null"})),
            }
            return Value::Object(any_of(alternatives));
        };
        let mut schema = Map::new();
        schema.insert("type".to_owned(), json!("object"));
        let is_fixed = self.within != Within::Matrix;
        if let Some(Shape::Text(format)) =
            find(list.items, name).map(|field| field.shape).filter(|_| is_fixed)
        {
            schema.insert("propertyNames".to_owned(), text(format));
        }
        schema.insert("additionalProperties".to_owned(), self.mapping(list, deeper, keys, mode));
        Value::Object(schema)
    }
}

/// An exact list removes what it does not name, but for what the platform puts there itself.
const fn may_be_absent(list: ListShape, mode: ListMode) -> bool {
    matches!(mode, ListMode::Merge) || list.spared.is_some()
}

/// One alternative stands by itself.
fn any_of(alternatives: Vec<Value>) -> Map<String, Value> {
    match alternatives.as_slice() {
        [Value::Object(only)] => only.clone(),
        _ => Map::from_iter([("anyOf".to_owned(), Value::Array(alternatives))]),
    }
}

fn text(format: Format) -> Value {
    match format {
        Format::Plain | Format::Base64 => json!({"type": "string"}),
        Format::NonEmpty => json!({"type": "string", "pattern": "\\S"}),
        Format::Enum(words) => json!({"type": "string", "enum": words}),
        Format::Uuid => json!({
            "type": "string",
            "format": "uuid",
            "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
        }),
        Format::Short(longest) => json!({"type": "string", "pattern": "\\S", "maxLength": longest}),
        Format::Version => {
            json!({"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$", "maxLength": 20})
        }
        Format::PackageName => {
            json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._+-]*$", "maxLength": 100})
        }
        Format::EnvironmentId => json!({
            "type": "string",
            "maxLength": 32,
            "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        }),
        Format::Mail => json!({"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$"}),
        Format::Url => json!({"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}),
        Format::Decimal => json!({"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"}),
        Format::RelaxedJson => json!({"type": "string", "pattern": "^\\s*\\{[\\s\\S]*:[\\s\\S]*\\}\\s*$"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::codes;

    /// Documents as JSON, since every JSON text is YAML.
    fn examples() -> Vec<Value> {
        let id = "085a0e34-69ec-4c61-9c7d-5cd42554f9f2";
        vec![
            json!({"estate": "acme", "api": {"privateCloud": "https://a.example"}, "guards": {"protect": ["a/*"]},
                   "ignore": [{"address": "environment/*", "field": "container.instances"}]}),
            json!({"manifestVersion": "2.0.0", "cluster": {"clusterId": id, "name": "a", "clusterType": "eks",
                   "description": null, "clusterManagers": {"a@b.example": null, "c@d.example": {"absent": true}},
                   "creator": {"anything": 1}}}),
            json!({"namespace": {"namespaceId": id, "cluster": "a", "name": "n", "secret": {"fromEnv": "A", "encoding": "base64"},
                   "membership": {"exact": [{"email": "a@b.example", "role": "Developer"}]}}}),
            json!({"app": {"appId": id, "name": "desk"}}),
            json!({"environment": {"id": "e1", "app": "desk", "properties": {"name": "p", "production": true},
                   "provider": {"cluster": "a", "namespace": "n"}, "container": {"instances": 3, "size": "M"},
                   "deployment": {"appUrl": {"fromEnv": "URL", "sensitive": false},
                                  "constants": {"A.B": "x", "A.C": {"value": {"fromFile": "c"}}, "A.D": {"absent": true}}},
                   "annotations": {"Pod": {"a": "b"}}, "runtime": {"mxAdminPassword": null},
                   "services": [{"name": "rds", "plan": "OnDemand", "config": "{type: \"database\"}"},
                                {"name": "s3", "plan": "OnDemand", "config": "{type: \"storage\"}"}]}}),
            json!({"remove": [{"address": "environment/desk/p", "id": "e1"}]}),
            json!({"defaults": {"environment": {"app": "desk", "properties": {"production": true}, "container": {"size": "M"},
                   "runtime": {"environmentVariables": {"A": "b"}, "mxAdminPassword": {"fromEnv": "A"}}}}}),
            json!({"matrix": {"plant": ["ams", "bra"]}, "withoutDefaults": ["container.size"],
                   "environment": {"id": {"ams": "e3", "bra": "e4"}, "properties": {"name": "${plant}"},
                   "provider": {"cluster": "a", "namespace": "n"}, "container": {"instances": 1},
                   "deployment": {"appUrl": "https://${plant}.example", "constants": {"A.${plant}": "x"}},
                   "runtime": {"environmentVariables": {"A": {"absent": true}}, "debuggerPassword": {"fromEnv": "PW_${plant}"}}}}),
            json!({"environment": {"id": "e1", "app": "desk", "provider": {"cluster": "a", "namespace": "n"}, "properties": {"name": "p"},
                   "deploymentStrategy": {"maxSurge": 1}}}),
        ]
    }

    fn change(document: &Value, pointer: &str, value: Value) -> Value {
        let mut document = document.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        document
    }

    #[test]
    fn the_schemas_are_schemas() {
        jsonschema::meta::validate(&schema()).unwrap();
        for kind in Kind::ALL {
            jsonschema::meta::validate(&schema_for(kind)).unwrap();
        }
    }

    #[test]
    fn good_documents_are_accepted_by_schema_and_loader() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for document in examples() {
            let errors: Vec<String> =
                validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{document:#}");
        }
        let dir = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for document in examples().iter().filter(|document| document.get("remove").is_none()) {
            text.push_str(&format!("---\n{document:#}\n"));
        }
        fs_err::write(dir.path().join("mxkeep.yaml"), text).unwrap();
        fs_err::write(dir.path().join("c"), "x").unwrap();
        let loaded = crate::source::load(
            dir.path(),
            &crate::source::LoadOptions { environment: &|_| None, today: jiff::civil::date(2026, 11, 22) },
        );
        // Rules of the platform look at more than types.
        let is_rule = |code: &&str| codes::find(code).is_some_and(codes::Code::is_rule);
        let found = loaded.diagnostics.iter().map(crate::source::Diagnostic::code);
        let codes: Vec<&str> = found.filter(|code| !is_rule(code)).collect();
        // Only the loader knows how addresses start; the server-owned field is a warning.
        assert_eq!(codes, ["EST-003", "SHAPE-008"], "{:#?}", loaded.diagnostics);
    }

    #[test]
    fn bad_documents_are_refused() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let all = examples();
        let environment = &all[4];
        for bad in [
            change(environment, "/environment/containr", json!({})),
            change(environment, "/environment/container/instances", json!("3")),
            change(environment, "/environment/container/instances", json!(11)),
            change(environment, "/environment/container/size", json!("m")),
            change(environment, "/environment/properties/name", json!({"fromEnv": "A"})),
            change(environment, "/environment/deployment/constants", json!({"A.B": 1})),
            change(environment, "/environment/annotations", json!({"pod": {"a": "b"}})),
            change(environment, "/environment/container/size", json!("${size}")),
            change(
                &change(environment, "/matrix", json!({})),
                "/environment/container/size",
                json!("${size}"),
            ),
            change(environment, "/environment/id", json!({"ams": "e1"})),
            change(&all[5], "/matrix", json!({"plant": ["ams"]})),
            json!({"matrix": {"plant": ["ams"]}}),
            json!({"defaults": {"environment": {"id": "e1"}}}),
            json!({"defaults": {"environments": {}}}),
            json!({"environment": {"container": {"size": "M"}}}),
            change(
                environment,
                "/environment/runtime/mxAdminPassword",
                json!({"fromEnv": "A", "sensitive": false}),
            ),
            change(
                environment,
                "/app",
                json!({"appId": "085a0e34-69ec-4c61-9c7d-5cd42554f9f2", "name": "x"}),
            ),
            change(&all[1], "/cluster/clusterId", json!("x")),
            change(&all[3], "/guards", json!({})),
            json!({"manifestVersion": "2.0.0"}),
            json!({}),
        ] {
            assert!(!validator.is_valid(&bad), "{bad:#}");
        }
    }
}
