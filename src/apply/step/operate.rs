//! The way of restart and scale: changes of a running environment that no file asks for.

use super::Step;
use super::stop::Stop;
use crate::diff::{After, Change};
use crate::model::{Declared, DeclaredValue, Desired, Fields, Step as PathStep};

impl Step {
    /// Makes changes one after the other, each with a request, a job and a look at the result of its own. Every one of
    /// them is an update in all but where it comes from, so it is made as one: of a resource that declares nothing
    /// but the value to be set. Everything else of the manifest is carried over.
    pub(super) async fn operate(&mut self, desired: &Desired, changes: &[Change]) -> Result<bool, Box<Stop>> {
        let mut verified = true;
        for change in changes {
            // What became of the change before this one is known by now.
            self.lost = false;
            let only = Desired { fields: declaring(change, desired), ..desired.clone() };
            verified &= self.update(&only, std::slice::from_ref(change)).await?;
        }
        Ok(verified)
    }
}

/// The fields of a document that asks for this one value.
fn declaring(change: &Change, desired: &Desired) -> Fields {
    let origin = change.origin.clone().unwrap_or_else(|| desired.origin.clone());
    let After::Set(value) = &change.after else { return Fields::new() };
    let mut value = DeclaredValue::Scalar(value.clone());
    let mut names = change.path.0.iter().rev().filter_map(|step| match step {
        PathStep::Field(name) => Some(*name),
        PathStep::Item(_) => None,
    });
    let Some(last) = names.next() else { return Fields::new() };
    let mut fields = Fields::from([(last, Declared { value, origin: origin.clone() })]);
    for name in names {
        value = DeclaredValue::Object(fields);
        fields = Fields::from([(name, Declared { value, origin: origin.clone() })]);
    }
    fields
}
