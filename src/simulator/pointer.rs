//! Paths into a manifest: JSON pointers whose steps into a list may also be `key=value`.
//!
//! Positions mean little here, because the API returns lists in any order; `/constants/name=Erp.BaseUrl/value`
//! says what is meant. `~1` stands for `/` and `~0` for `~`, as in RFC 6901.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Deeper than any manifest, and shallow enough to be read back: JSON readers stop at 128.
const MAX_DEPTH: usize = 64;

/// The value at a path.
pub(super) fn get<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    let mut node = root;
    for step in steps(path).ok()? {
        node = match node {
            Value::Object(map) => map.get(step.as_ref())?,
            Value::Array(list) => list.get(position(list, &step)?)?,
            _ => return None,
        };
    }
    Some(node)
}

/// The text at a path; empty when there is none, because hand-edited files may lack anything.
pub(super) fn text<'a>(root: &'a Value, path: &str) -> &'a str {
    get(root, path).and_then(Value::as_str).unwrap_or_default()
}

/// Whether there is a `true` at a path.
pub(super) fn is_true(root: &Value, path: &str) -> bool {
    get(root, path).and_then(Value::as_bool).unwrap_or_default()
}

/// The items of the list at a path; none when there is no list.
pub(super) fn items<'a>(root: &'a Value, path: &str) -> &'a [Value] {
    get(root, path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Puts a value at a path, making the objects and keyed items on the way.
pub(super) fn set(root: &mut Value, path: &str, new: Value) -> Result<(), String> {
    let mut node = root;
    for (depth, step) in steps(path)?.enumerate() {
        if depth == MAX_DEPTH {
            return Err(format!("the path has more than {MAX_DEPTH} steps"));
        }
        node = child(node, &step)?;
    }
    *node = new;
    Ok(())
}

/// The same for the server's own fields: where a hand-edited manifest has no room for one, it stays as it is.
pub(super) fn put(root: &mut Value, path: &str, new: Value) {
    drop(set(root, path, new));
}

/// Removes what is at a path; says whether there was anything.
pub(super) fn remove(root: &mut Value, path: &str) -> bool {
    let Some((parents, last)) = path.rsplit_once('/') else { return false };
    let Ok(parents) = steps(parents) else { return false };
    let last = &unescape(last);
    let mut node = root;
    for step in parents {
        let next = match node {
            Value::Object(map) => map.get_mut(step.as_ref()),
            Value::Array(list) => position(list, &step).and_then(|index| list.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return false };
        node = next;
    }
    match node {
        Value::Object(map) => map.shift_remove(last.as_ref()).is_some(),
        Value::Array(list) => position(list, last).map(|index| list.remove(index)).is_some(),
        _ => false,
    }
}

fn steps(path: &str) -> Result<impl Iterator<Item = Cow<'_, str>>, String> {
    let mut parts = path.split('/');
    match parts.next() {
        Some("") => Ok(parts.map(unescape)),
        _ => Err(format!("the path `{path}` must start with `/`")),
    }
}

fn unescape(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

fn position(list: &[Value], step: &str) -> Option<usize> {
    match step.split_once('=') {
        Some((key, wanted)) => list.iter().position(|item| text_of(item.get(key)) == Some(wanted)),
        None => step.parse().ok().filter(|index| *index < list.len()),
    }
}

fn text_of(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// The value one step down, made if need be.
fn child<'a>(node: &'a mut Value, step: &str) -> Result<&'a mut Value, String> {
    if node.is_null() {
        *node = if step.contains('=') { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    match node {
        Value::Object(map) => Ok(map.entry(step).or_insert(Value::Null)),
        Value::Array(list) => item(list, step),
        _ => Err(format!("`{step}` cannot be reached: the value above it is neither an object nor a list")),
    }
}

fn item<'a>(list: &'a mut Vec<Value>, step: &str) -> Result<&'a mut Value, String> {
    let index = match position(list, step) {
        Some(index) => index,
        None => {
            let new = match step.split_once('=') {
                Some((key, value)) => Value::Object(Map::from_iter([(key.to_owned(), value.into())])),
                None if step == "-" => Value::Null,
                None => return Err(format!("the list has no item `{step}`")),
            };
            list.push(new);
            list.len() - 1
        }
    };
    list.get_mut(index).ok_or_else(|| format!("the list has no item `{step}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keyed_items_are_found_made_and_removed() {
        let mut root = json!({"list": [{"name": "a", "value": "1"}, {"name": "b/c", "value": "2"}]});
        assert_eq!(text(&root, "/list/name=b~1c/value"), "2");
        set(&mut root, "/list/name=a/value", json!("3")).unwrap();
        set(&mut root, "/list/name=new/value", json!("4")).unwrap();
        set(&mut root, "/made/name=x/value", json!("5")).unwrap();
        assert!(remove(&mut root, "/list/0"));
        assert!(!remove(&mut root, "/list/name=a"));
        assert_eq!(
            root,
            json!({"list": [{"name": "b/c", "value": "2"}, {"name": "new", "value": "4"}],
                   "made": [{"name": "x", "value": "5"}]})
        );
    }

    #[test]
    fn nonsense_is_an_error() {
        let mut root = json!({"text": "x", "list": []});
        assert!(set(&mut root, "no-slash", json!(1)).is_err());
        assert!(set(&mut root, "/text/deeper", json!(1)).is_err());
        assert!(set(&mut root, "/list/7", json!(1)).is_err());
        assert!(set(&mut root, &"/a".repeat(65), json!(1)).is_err());
        assert!(!remove(&mut root, ""));
    }
}
