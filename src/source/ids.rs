//! Ids for the documents that lack them.
//!
//! Pure: the random bytes come in as an argument.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::compose::MissingId;
use super::edit::{self, Edit, Step};
use super::part::identity_field;
use super::refused::EditRefused;
use super::tree::Tree;
use super::yaml::Node;
use crate::model::Kind;
use crate::model::field::{Format, Shape};

/// Gives each resource that lacks its id a random one that nothing in the estate has. The platform gives the ids of
/// apps, so that there is none for those.
pub fn propose_ids(
    files: &BTreeMap<String, String>,
    missing: &mut [MissingId],
    random: &mut dyn FnMut() -> [u8; 16],
) {
    let mut given: Vec<String> = Vec::new();
    for missing in missing.iter_mut().filter(|missing| missing.kind.is_created()) {
        loop {
            let id = fresh_id(missing.kind, random());
            let is_free = !given.contains(&id) && !files.values().any(|text| text.contains(&id));
            if is_free {
                given.push(id.clone());
                missing.proposal = Some(id);
                break;
            }
        }
    }
}

/// An id for a resource of a kind, made of random bytes.
pub fn fresh_id(kind: Kind, random: [u8; 16]) -> String {
    match identity_field(kind).map(|field| field.shape) {
        Some(Shape::Text(Format::EnvironmentId)) => environment_id(random),
        _ => uuid::Builder::from_random_bytes(random).into_uuid().to_string(),
    }
}

/// A letter, then letters and digits, eight of them: that suits every tool (ID-05).
fn environment_id(random: [u8; 16]) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rest = Uuid::from_bytes(random).as_u128();
    let mut id = String::new();
    for index in 0..8 {
        let count = if index == 0 { 26 } else { 36 };
        let choice = usize::try_from(rest % count).unwrap_or_default();
        rest /= count;
        id.push(LETTERS.get(choice).copied().map_or('a', char::from));
    }
    id
}

/// The texts of the files with the proposals in them; files that lack none are not among them.
///
/// # Errors
///
/// When a text cannot take its id without something else in it changing.
pub fn with_ids(
    files: &BTreeMap<String, String>,
    missing: &[MissingId],
) -> Result<BTreeMap<String, String>, EditRefused> {
    let mut edits: BTreeMap<&str, BTreeMap<usize, Vec<Edit>>> = BTreeMap::new();
    for missing in missing {
        let name = &*missing.document.file;
        let (Some(id), Some(text)) = (&missing.proposal, files.get(name)) else { continue };
        let documents = edit::read(text).map_err(|refusal| EditRefused::new(name, text, refusal))?;
        let at = missing.document.start;
        let Some(document) = documents.iter().rposition(|document| document.span.start <= at) else {
            continue;
        };
        let mut path = vec![Step::key(missing.kind.name()), Step::key(missing.field)];
        path.extend(missing.keys.iter().map(|key| Step::key(key)));
        // The id leads its document; in a mapping from values to ids the order is that of the values.
        let first = missing.keys.is_empty() || missing.mapping.is_none();
        let is_known = edits.get(name).and_then(|edits| edits.get(&document)).is_some();
        let edit = Edit::Put { path, value: Tree::text(id.clone()), first: first && !is_known };
        edits.entry(name).or_default().entry(document).or_default().push(edit);
    }
    let mut changed = BTreeMap::new();
    for (name, edits) in edits {
        let Some(text) = files.get(name) else { continue };
        let new = edit::edit_all(text, &edits).map_err(|refusal| EditRefused::new(name, text, refusal))?;
        changed.insert(name.to_owned(), new);
    }
    Ok(changed)
}

/// The name that a document gives, where it gives one, for people.
pub fn name_in(files: &BTreeMap<String, String>, missing: &MissingId) -> Option<String> {
    let documents = edit::read(files.get(&*missing.document.file)?).ok()?;
    let at = missing.document.start;
    let document = documents.iter().rev().find(|document| document.span.start <= at)?;
    let body = &document.root.as_ref()?.mapping()?.get(missing.kind.name())?.node;
    let nested = body.mapping().and_then(|body| body.get("properties")).map(|entry| &entry.node);
    let node = [Some(body), nested].into_iter().flatten().find_map(|node| node.mapping()?.get("name"));
    let node = &node?.node;
    node.scalar().filter(|_| !Node::is_null(node)).map(|scalar| scalar.text.clone())
}
