//! The last station: is everything as declared?

use super::Step;
use super::settle::Pauses;
use super::stop::Stop;
use crate::apply::event::Phase;
use crate::apply::outcome::{self, ActionOutcome, Failure};
use crate::apply::verify;
use crate::diff::{self, Change};
use crate::model::{Desired, Live};

/// How often a resource that is not as declared is read again before that counts: the platform may answer from a
/// copy that is a moment old.
pub(super) const VERIFY_TRIES: usize = 3;

impl Step {
    /// Waits until the platform is done, then verifies every managed field.
    pub(super) async fn finish(
        &mut self,
        desired: &Desired,
        changes: &[Change],
        live: Live,
    ) -> Result<bool, Box<Stop>> {
        let mut live = self.settled(live).await?;
        self.tell(Phase::Verifying);
        let mut pauses = Pauses::new(self.waits());
        for _ in 1..VERIFY_TRIES {
            // An environment that had failed before may still be shown as it was.
            if self.missed(desired, changes, &live).0.is_empty() && self.not_failed(&live).is_ok() {
                break;
            }
            tokio::time::sleep(pauses.next()).await;
            live = self.read_back().await?;
        }
        let (missed, others) = self.missed(desired, changes, &live);
        self.not_failed(&live)?;
        if !missed.is_empty() {
            return Err(Stop::with(ActionOutcome::Failed, self.not_converged(&missed)));
        }
        for other in &others {
            self.warnings.push(format!("`{}` changed while this ran: plan again", other.path));
        }
        Ok(others.is_empty() && !self.doubtful)
    }

    /// Managed fields that differ: those that this action was to change, and others.
    pub(super) fn missed(
        &self,
        desired: &Desired,
        changes: &[Change],
        live: &Live,
    ) -> (Vec<Change>, Vec<Change>) {
        self.differences(desired, live)
            .into_iter()
            .partition(|found| changes.iter().any(|change| diff::overlap(&change.path, &found.path)))
    }

    /// Whether these changes were made. Of a secret that the API never returns nothing tells.
    pub(super) fn is_as_wanted(&self, desired: &Desired, changes: &[Change], live: &Live) -> bool {
        !changes.iter().any(|change| verify::is_unseen(desired, change))
            && self.missed(desired, changes, live).0.is_empty()
    }

    pub(super) fn differences(&self, desired: &Desired, live: &Live) -> Vec<Change> {
        let mut found = verify::differences(desired, live);
        found.retain(|change| {
            self.action.concerns(change) && !self.context.ignores.covers(&desired.address, &change.path)
        });
        found
    }

    pub(super) fn is_created(&self, desired: &Desired, live: &Live) -> bool {
        let table = desired.kind().fields();
        let differences = self.differences(desired, live);
        let late = verify::update_only(table, differences.clone());
        late.len() == differences.len()
    }

    pub(super) fn not_converged(&self, missed: &[Change]) -> Failure {
        let fields: Vec<_> = missed.iter().map(|change| format!("`{}`", change.path)).collect();
        let verb = if fields.len() == 1 { "does" } else { "do" };
        let help = match missed.iter().any(|change| change.path.to_string().starts_with("deployment.")) {
            true => {
                "the platform drops constants and events that the package does not know: compare the file with the model of the package"
            }
            false => {
                "the platform accepted the request and kept another value: correct the file, or look in the portal"
            }
        };
        Failure {
            path: missed.first().map(|change| change.path.to_string()),
            origin: missed
                .iter()
                .find_map(|change| change.origin.clone())
                .or_else(|| Some(self.action.origin.clone())),
            ..self
                .failure(
                    outcome::NOT_CONVERGED,
                    format!("{} {verb} not have the declared value after the job", fields.join(", ")),
                )
                .help(help)
        }
    }

    pub(super) fn not_failed(&self, live: &Live) -> Result<(), Box<Stop>> {
        if live.text("/container/state") != Some("Failed") {
            return Ok(());
        }
        let failure = self
            .failure(outcome::ENVIRONMENT_FAILED, "the environment reports the state `Failed`".to_owned())
            .help("look at its logs in the portal; apply tries again only when something changes");
        Err(Stop::with(ActionOutcome::Failed, failure))
    }
}
