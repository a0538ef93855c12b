//! Fields that differ.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{SavedPlace, Wrong, word};
use crate::diff::Class;
use crate::model::field::Field;
use crate::model::{FieldPath, Kind};
use crate::render::sanitise::Name;
use crate::render::value::Shown;
use crate::render::view::{ChangeView, Wanted};

pub(super) const CLASSES: [Class; 4] = [Class::Drift, Class::Adopt, Class::Change, Class::Conflict];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedChange {
    path: String,
    class: String,
    #[serde(default, deserialize_with = "present")]
    before: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    after: Option<Value>,
    live: bool,
    intent: SavedIntent,
    known_after: Option<String>,
    reference: Option<String>,
    sensitive: bool,
    source: Option<SavedPlace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedIntent {
    Value,
    Secret,
    UnsetSecret,
    Unset,
    Later,
    Clear,
    Remove,
}

/// A member that is there, `null` included.
fn present<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The table of the kind that an address is of.
pub(super) fn table(address: &str) -> Result<&'static [Field], Wrong> {
    let kind = address.split('/').next().unwrap_or_default();
    Ok(word(&Kind::ALL, Kind::name, kind)?.fields())
}

/// Changes of a resource of a kind with this table.
pub(super) fn views(
    changes: Vec<SavedChange>,
    table: &'static [Field],
    has_base: bool,
) -> Result<Vec<ChangeView>, Wrong> {
    changes.into_iter().map(|change| change.view(table, has_base)).collect()
}

impl SavedChange {
    fn view(self, table: &'static [Field], has_base: bool) -> Result<ChangeView, Wrong> {
        let SavedChange {
            path: spelling,
            class,
            before,
            after,
            live,
            intent,
            known_after,
            reference,
            sensitive,
            source,
        } = self;
        let lacks = |what: &str| format!("`{}` has no `{what}`", Name::new(&spelling));
        let wanted = match intent {
            SavedIntent::Value => Wanted::Value(Shown::new(after.ok_or_else(|| lacks("after"))?)),
            SavedIntent::Secret => Wanted::Hidden { reference: reference.map(Name::new), is_set: true },
            SavedIntent::UnsetSecret => Wanted::Hidden { reference: reference.map(Name::new), is_set: false },
            SavedIntent::Unset => {
                Wanted::Unset { reference: Name::new(reference.ok_or_else(|| lacks("reference"))?) }
            }
            SavedIntent::Later => {
                Wanted::Later { address: Name::new(known_after.ok_or_else(|| lacks("knownAfter"))?) }
            }
            SavedIntent::Clear => Wanted::Cleared,
            SavedIntent::Remove => Wanted::Removed,
        };
        let class = word(&CLASSES, Class::name, &class)?;
        let before = before.filter(|_| live && !sensitive).map(Shown::new);
        Ok(ChangeView {
            sensitive,
            is_live: live,
            before,
            place: source.map(SavedPlace::view),
            class: has_base.then_some(class),
            ..match FieldPath::parse(table, &spelling) {
                Some(path) => ChangeView::at(table, &path, wanted),
                // A field that a later mxkeep knows.
                None => ChangeView::at_unknown(spelling, wanted),
            }
        })
    }
}
