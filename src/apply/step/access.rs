//! Updates of cloud apps. The API has no document of an app with its access: it is read in parts, and changed in
//! parts, one request for each environment. They run through the same stations as every other update.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::send::Sent;
use super::stop::Stop;
use super::{SlotGuard, Step};
use crate::api::ApiError;
use crate::apply::outcome::Failure;
use crate::diff::{self, CONTACT, Change};
use crate::model::{Declared, Desired, ItemKey, Live};

impl Step {
    /// Reads a cloud app, as far as this action is concerned: afterwards a hand-over may not see the permissions.
    pub(super) async fn read_access(&self, app: Uuid) -> Result<Option<Live>, ApiError> {
        let environments = self.desired.as_deref().map(environments).unwrap_or_default();
        if self.action.is_hand_over() {
            self.context.client.read_cloud_contact(app, &environments).await
        } else {
            self.context.client.read_cloud_app(app, &environments).await
        }
    }

    /// Sends an update in its parts, and reads back once they are all answered.
    pub(super) async fn patch(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: &Live,
        slot: SlotGuard,
    ) -> Result<Live, Box<Stop>> {
        let mut slot = Some(slot);
        for part in diff::parts(changes) {
            let slot = match slot.take() {
                Some(slot) => slot,
                None => self.slot().await?,
            };
            // What became of the part before this one is known by now.
            self.lost = false;
            match self.send_update(desired, &part, live.clone(), slot).await? {
                // There are no jobs on Mendix Cloud.
                Sent::Arrived | Sent::Job(_) => {}
            }
        }
        if self.action.is_hand_over() { self.read_handed_over(live).await } else { self.read_back().await }
    }

    /// The end of a hand-over. It was answered well, so that a token that may not look any more is no failure.
    async fn read_handed_over(&mut self, before: &Live) -> Result<Live, Box<Stop>> {
        let crate::model::Identity::CloudApp(app) = self.action.identity else {
            return self.read_back().await;
        };
        match self.read_access(app).await {
            Err(ApiError::Forbidden { .. }) => {
                self.doubtful = true;
                self.warnings.push(
                    "handed over; the token may not see the app any more, so that this was not verified"
                        .to_owned(),
                );
                let mut live = before.clone();
                let wanted =
                    self.desired.as_ref().and_then(|desired| desired.text(&[CONTACT])).unwrap_or_default();
                if let Some(fields) =
                    live.document.pointer_mut("/cloudApp").and_then(|app| app.as_object_mut())
                {
                    fields.insert(CONTACT.to_owned(), wanted.into());
                }
                Ok(live)
            }
            _ => self.read_back().await,
        }
    }

    /// A refusal that names a member is told at the line of that member.
    pub(super) fn at_member(&self, failure: Failure, error: &ApiError) -> Failure {
        let (ApiError::NotFound { message, .. } | ApiError::Rejected { message, .. }) = error else {
            return failure;
        };
        let message = message.to_lowercase();
        let named = self.action.changes().iter().find(|change| {
            let user = diff::member(&change.path).map(|(_, user)| user.to_owned());
            let contact = || change.after.shown()?.as_str().map(str::to_lowercase);
            let user = user.or_else(|| contact().filter(|_| diff::is_contact(&change.path)));
            user.is_some_and(|user| message.contains(&user))
        });
        match named {
            Some(change) => Failure {
                path: Some(change.path.to_string()),
                origin: change.origin.clone().or(failure.origin),
                help: Some(
                    "add the user to the team of the app in the Developer Portal, with access to its environments; then apply again"
                        .to_owned(),
                ),
                ..failure
            },
            None => failure,
        }
    }
}

/// The environments whose permissions are declared.
fn environments(desired: &Desired) -> BTreeSet<Uuid> {
    let list = desired.fields.get("environments").and_then(Declared::as_list);
    let keys = list.into_iter().flat_map(|list| list.items.keys());
    keys.filter_map(|key| match key {
        ItemKey::Natural(parts) => Uuid::try_parse(parts.first()?).ok(),
        ItemKey::Content(_) => None,
    })
    .collect()
}
