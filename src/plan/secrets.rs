//! Secrets that the API takes and never returns: nothing live tells whether one changed, so that somebody has to say it.

use super::PlanInput;
use super::options::{Rotation, ValuesAt};
use super::scope::addresses;
use super::three_way::ThreeWay;
use crate::diff::{After, Change, Class, Diff, Uncompared, Why, field_at, place};
use crate::model::field::{Clear, Field, Owner, Shape};
use crate::model::{
    Declared, DeclaredItem, DeclaredValue, Desired, DesiredState, FieldPath, Fields, declared_at,
};

/// A text that names no secret of the estate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoSuchSecret {
    /// What is wrong.
    pub message: String,
    /// What to name instead.
    pub help: String,
}

/// Reads `ADDRESS` or `ADDRESS.FIELD`. Names may hold dots: the address is the longest that the text begins with.
///
/// # Errors
///
/// When the estate declares no such resource, or the resource no such secret.
pub fn rotation(estate: &DesiredState, text: &str) -> Result<Rotation, NoSuchSecret> {
    let named = |address: &str| {
        let rest = text.strip_prefix(address)?;
        if rest.is_empty() { Some(None) } else { rest.strip_prefix('.').map(Some) }
    };
    let found = estate.resources.values().filter_map(|desired| {
        let address = desired.address.to_string();
        Some((address.len(), desired, named(&address)?))
    });
    let Some((_, desired, field)) = found.max_by_key(|(length, ..)| *length) else {
        return Err(no_such_resource(estate, text));
    };
    let secrets = declared(desired);
    let Some(field) = field.filter(|field| !field.is_empty()) else {
        if secrets.is_empty() {
            return Err(no_such_secret(desired, None, &secrets));
        }
        return Ok(Rotation { identity: desired.identity.clone(), field: None });
    };
    let at = secrets.iter().find_map(|secret| above(secret, field));
    match at {
        Some(at) => Ok(Rotation { identity: desired.identity.clone(), field: Some(at) }),
        None => Err(no_such_secret(desired, Some(field), &secrets)),
    }
}

/// The path that is spelt so, among a path and those above it.
fn above(path: &FieldPath, text: &str) -> Option<FieldPath> {
    let mut path = path.clone();
    while path.to_string() != text {
        path.0.pop()?;
    }
    Some(path).filter(|path| !path.0.is_empty())
}

fn no_such_resource(estate: &DesiredState, text: &str) -> NoSuchSecret {
    let known: Vec<String> = addresses(estate).map(ToString::to_string).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = similar::get_close_matches(text, &known, 1, 0.6);
    let help = near.first().map_or_else(
        || "write it like `environment/order-desk/test`; mxkeep plan shows the addresses".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    NoSuchSecret { message: format!("`{text}` names nothing that the estate declares"), help }
}

fn no_such_secret(desired: &Desired, field: Option<&str>, secrets: &[FieldPath]) -> NoSuchSecret {
    let address = &desired.address;
    let message = match field {
        Some(field) => format!("`{field}` is no secret of `{address}` that can be sent again"),
        None => format!("`{address}` declares no secret that can be sent again"),
    };
    let secrets: Vec<String> = secrets.iter().map(|path| format!("`{path}`")).collect();
    let help = match secrets.as_slice() {
        [] => "only what the API never returns is sent on request; every other value is compared".to_owned(),
        secrets => format!("its secrets are {}", secrets.join(", ")),
    };
    NoSuchSecret { message, help }
}

/// The declared secrets of a resource that the API never returns.
fn declared(desired: &Desired) -> Vec<FieldPath> {
    let mut found = Vec::new();
    each_value(desired.kind().fields(), &desired.fields, &FieldPath::root(), &mut |path, field, _| {
        if field.owner == Owner::WriteOnly {
            found.push(path);
        }
    });
    found
}

/// Looks at every declared value that is neither an object nor a list.
pub(super) fn each_value(
    table: &'static [Field],
    fields: &Fields,
    path: &FieldPath,
    look: &mut impl FnMut(FieldPath, &'static Field, &Declared),
) {
    for field in table {
        let Some(declared) = fields.get(field.name) else { continue };
        let path = path.field(field.name);
        match (&declared.value, field.shape) {
            (DeclaredValue::Object(fields), Shape::Object(table)) => each_value(table, fields, &path, look),
            (DeclaredValue::List(list), Shape::List(shape)) => {
                for (key, DeclaredItem { fields, .. }) in &list.items {
                    each_value(shape.items, fields, &path.item(key.clone()), look);
                }
            }
            _ => look(path, field, declared),
        }
    }
}

/// Puts the secrets that the command line names among the changes of an existing resource.
pub(super) fn rotate(input: &PlanInput<'_>, desired: &Desired, found: &mut Diff) {
    let is_meant = |path: &FieldPath| {
        input.options.rotate.iter().any(|rotation| {
            rotation.identity == desired.identity
                && rotation.field.as_ref().is_none_or(|field| path.0.starts_with(&field.0))
        })
    };
    let known = found.changes.len();
    send(desired, found, is_meant);
    for change in found.changes.iter_mut().skip(known) {
        change.class = input.base.map(|_| Class::Change);
    }
}

/// Puts the secrets among the changes that Git shows to be other ones than before; where the values are known only
/// when the plan is applied, those as well that could be compared then.
pub(super) fn changed(input: &PlanInput<'_>, three_way: &ThreeWay<'_>, desired: &Desired, found: &mut Diff) {
    let known = found.changes.len();
    send(desired, found, |path| three_way.is_other_secret(path));
    for change in found.changes.iter_mut().skip(known) {
        change.class = Some(Class::Change);
    }
    if input.options.values == ValuesAt::Apply {
        let (meant, rest) = std::mem::take(&mut found.unset)
            .into_iter()
            .partition::<Vec<_>, _>(|change| three_way.is_other_secret(&change.path));
        found.uncompared.retain(|other| meant.iter().all(|change| change.path != other.path));
        found.unset = rest;
        for change in found.changes.iter_mut().skip(known) {
            change.class = Some(Class::Change);
        }
        for (more, change) in meant.into_iter().enumerate() {
            insert(
                desired,
                &mut found.changes,
                known + more,
                Change { class: Some(Class::Change), ..change },
            );
        }
        return;
    }
    for change in found.changes.iter_mut().skip(known) {
        change.class = Some(Class::Change);
    }
}

/// Puts a change where it would be if its value were known: an approval without the value is one with it. So many of the
/// changes are in the order of the field table.
fn insert(desired: &Desired, changes: &mut Vec<Change>, compared: usize, change: Change) {
    let place = |path: &FieldPath| place(desired.kind().fields(), &desired.fields, path);
    let own = place(&change.path);
    let after = changes.iter().take(compared).position(|other| place(&other.path) > own);
    changes.insert(after.unwrap_or(compared), change);
}

/// Makes changes of what could not be compared because the API never returns it.
fn send(desired: &Desired, found: &mut Diff, is_meant: impl Fn(&FieldPath) -> bool) {
    let table = desired.kind().fields();
    let (meant, rest): (Vec<Uncompared>, Vec<Uncompared>) = std::mem::take(&mut found.uncompared)
        .into_iter()
        .partition(|other| matches!(other.why, Why::WriteOnly { .. }) && is_meant(&other.path));
    found.uncompared = rest;
    found.changes.extend(meant.into_iter().filter_map(|secret| {
        let field = field_at(table, &secret.path)?;
        let after = after(field, declared_at(&desired.fields, &secret.path)?)?;
        Some(Change {
            path: secret.path,
            before: None,
            after,
            sensitive: true,
            effect: field.effect,
            immutable: false,
            origin: Some(secret.origin),
            class: None,
        })
    }));
}

/// What to send of a declared secret.
fn after(field: &Field, declared: &Declared) -> Option<After> {
    match (&declared.value, field.clear) {
        (DeclaredValue::Outside(outside), _) => Some(After::Outside(outside.clone())),
        (DeclaredValue::Scalar(value), _) => Some(After::Set(value.clone())),
        (DeclaredValue::Clear, Clear::Text(text)) => Some(After::ClearTo(text.into())),
        (DeclaredValue::Clear, Clear::Omit) => Some(After::Omit),
        _ => None,
    }
}
