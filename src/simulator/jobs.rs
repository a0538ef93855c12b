//! Asynchronous jobs: every write is one, and takes effect when its job finishes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    durations,
    faults::JobFaults,
    message::{Answer, Call, Refusal, Reply},
    packages, pointer,
    world::World,
};

/// Finished jobs are forgotten after a day, so that a state file does not grow for ever.
const RETENTION: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// A job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) details: String,
    pub(super) status: Status,
    pub(super) created_at: Timestamp,
    pub(super) finishes_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<JobError>,
    /// The package that a build or an upload makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) package_id: Option<String>,
    /// What is to be done; gone when the job is over, and the secrets in it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) work: Option<Work>,
    #[serde(default)]
    pub(super) faults: JobFaults,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Created,
    Running,
    Finished,
    Failed,
}

/// Why a job failed. Its code may be absent (contract A, "failed without code").
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct JobError {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<u16>,
    pub(super) message: String,
}

/// What a job does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) verb: Verb,
    pub(super) target: Target,
    /// The body of the request; nothing for a delete.
    #[serde(default)]
    pub(super) manifest: Value,
}

/// What a job does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verb {
    Create,
    Update,
    Delete,
}

/// What a job works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Target {
    Cluster { cluster_id: String },
    Namespace { cluster_id: String, namespace_id: String },
    Environment { app_id: String, namespace_id: String, environment_id: String },
    Package { app_id: String, package_id: String },
}

impl Target {
    /// The word for it, which is also its key in a manifest.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Cluster { .. } => "cluster",
            Self::Namespace { .. } => "namespace",
            Self::Environment { .. } => "environment",
            Self::Package { .. } => "package",
        }
    }
}

impl Work {
    /// The package that it makes.
    fn makes_package(&self) -> Option<String> {
        match &self.target {
            Target::Package { package_id, .. } if self.verb == Verb::Create => Some(package_id.clone()),
            _ => None,
        }
    }
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl World {
    /// Accepts a write: answers 202 with a job.
    pub(super) fn start_job(&mut self, work: Work, faults: &JobFaults, now: Timestamp) -> Reply {
        self.state.last_job += 1;
        let id =
            Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("job {}", self.state.last_job).as_bytes()).to_string();
        let job = Job {
            id,
            details: format!("Request to {} {}.", work.verb.word(), work.target.kind()),
            status: Status::Created,
            created_at: now,
            finishes_at: durations::later(now, self.settings.job_delay),
            error: None,
            package_id: work.makes_package(),
            work: Some(work),
            faults: faults.clone(),
        };
        let mut body = show(&job);
        if self.settings.nested_job_ids {
            // As in the only public script that reads one (DOMAIN 2.16, 2).
            body = json!({ "job": body });
        }
        let answer = Answer::json(202, body).with_header("location", self.location(&job.id));
        self.state.jobs.push(job);
        self.changed = true;
        Ok(answer)
    }

    /// `GET /jobs/{jobId}`.
    pub(super) fn get_job(&self, call: &Call, [id]: [&str; 1]) -> Reply {
        let job = self.state.jobs.iter().find(|job| job.id.eq_ignore_ascii_case(id) && !job.faults.vanishes);
        let job = job.ok_or_else(|| Refusal::not_found("Job", id))?;
        let mut shown = show(job);
        if call.flag("log") && job.package_id.is_some() {
            pointer::put(&mut shown, "/log", json!({"build": packages::build_log(job)}));
        }
        Ok(Answer::ok(shown).with_header("location", self.location(&job.id)))
    }

    /// The documentation shows an absolute URL of API v3, which this server does not have (DOMAIN 2.16, 1).
    fn location(&self, id: &str) -> String {
        format!("{}/api/v3/jobs/{id}", self.settings.origin)
    }

    /// Brings every job to where it is at `now`, in the order in which they end.
    pub(super) fn run_jobs(&mut self, now: Timestamp) {
        let half = self.settings.job_delay / 2;
        for job in &mut self.state.jobs {
            if job.status == Status::Created && durations::later(job.created_at, half) <= now {
                // Nothing to save: after a restart the clock says the same.
                job.status = Status::Running;
            }
        }
        while let Some(index) = self.next_due(now) {
            self.finish_job(index);
        }
        self.state
            .jobs
            .retain(|job| job.work.is_some() || durations::later(job.finishes_at, RETENTION) > now);
    }

    fn next_due(&self, now: Timestamp) -> Option<usize> {
        let due = |job: &Job| job.work.is_some() && !job.faults.hangs && job.finishes_at <= now;
        let open = self.state.jobs.iter().enumerate().filter(|(_, job)| due(job));
        open.min_by_key(|(index, job)| (job.finishes_at, *index)).map(|(index, _)| index)
    }

    fn finish_job(&mut self, index: usize) {
        let Some(job) = self.state.jobs.get_mut(index) else { return };
        let Some(work) = job.work.take() else { return };
        let (faults, at) = (job.faults.clone(), job.finishes_at);
        let result = match &faults.fails {
            Some(message) => {
                self.leave_failed_build(&work, at);
                Err(JobError { code: None, message: message.clone() })
            }
            None => self.perform(work, &faults, at).map_err(|message| JobError { code: Some(400), message }),
        };
        if let Some(job) = self.state.jobs.get_mut(index) {
            job.status = if result.is_ok() { Status::Finished } else { Status::Failed };
            job.error = result.err();
        }
        self.changed = true;
    }

    fn perform(&mut self, work: Work, faults: &JobFaults, at: Timestamp) -> Result<(), String> {
        let Work { verb, target, mut manifest } = work;
        if verb != Verb::Delete {
            let live = self.manifest_of(&target).cloned();
            for path in &faults.dropped_fields {
                drop_field(&mut manifest, live.as_ref(), &target, path);
            }
        }
        match target {
            Target::Package { app_id, package_id } if verb == Verb::Delete => {
                self.remove_package(&app_id, &package_id)
            }
            Target::Package { .. } if faults.makes_nothing => Ok(()),
            Target::Package { app_id, package_id } => {
                self.make_package(&app_id, &package_id, &manifest, at);
                Ok(())
            }
            Target::Cluster { cluster_id } => self.perform_cluster(verb, &cluster_id, manifest),
            Target::Namespace { cluster_id, namespace_id } => {
                self.perform_namespace(verb, &cluster_id, &namespace_id, manifest)
            }
            Target::Environment { app_id, namespace_id, environment_id } => {
                let key = [app_id.as_str(), &namespace_id, &environment_id];
                self.perform_environment(verb, key, manifest, faults.environment_fails, at)
            }
        }
    }
}

/// Puts the live value in place of the sent one: the field is ignored without a word.
fn drop_field(sent: &mut Value, live: Option<&Value>, target: &Target, path: &str) {
    let path = full_path(target.kind(), path);
    match live.and_then(|live| pointer::get(live, &path)) {
        // A path that leads nowhere in what was sent drops nothing.
        Some(value) => pointer::put(sent, &path, value.clone()),
        None => drop(pointer::remove(sent, &path)),
    }
}

/// A path into the manifest from one into the kind's object; the former is taken as well.
pub(super) fn full_path(kind: &str, path: &str) -> String {
    match path.strip_prefix('/').and_then(|path| path.strip_prefix(kind)) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => path.to_owned(),
        _ => format!("/{kind}{path}"),
    }
}

fn show(job: &Job) -> Value {
    let mut body = json!({"id": job.id, "status": job.status, "details": job.details});
    let is_told = job.status == Status::Finished && !job.faults.hides_package && !job.faults.makes_nothing;
    if let Some(id) = job.package_id.as_ref().filter(|_| is_told) {
        pointer::put(&mut body, "/packageId", json!(id));
    }
    if let Some(error) = &job.error {
        pointer::put(&mut body, "/error", json!(error));
    }
    body
}
