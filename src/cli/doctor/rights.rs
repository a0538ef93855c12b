//! The token: whether there is one, whether it is accepted, and what it may do. Told by GETs alone: nothing is written
//! in order to find out whether it may be.

use uuid::Uuid;

use super::{Examination, NO_PRIVATE};
use crate::api::{ApiError, Client, JobId, Token, fetch};
use crate::cli::args::ApiArgs;
use crate::cli::context::{Estate, token};
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::model::{DesiredState, Identity, Kind, LiveState, Reading};
use crate::plan::{Scope, is_cloud_only};
use crate::render::{Able, plural};

/// Why a command can do a part of its work only.
const NOT_ALL: &str = "the token may not read everything that the estate names";

/// What a token may do, as far as reads tell.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Rights {
    /// Whether it may read everything that the estate names.
    reads_all: bool,
    /// Whether it may list apps, which takes the scope for writes; nothing of that for Mendix Cloud.
    lists_apps: Option<bool>,
    /// Whether it may look at jobs, which every write needs.
    reads_jobs: bool,
}

impl Rights {
    /// Whether it may read what a plan reads.
    pub(super) const fn reads(self) -> (Able, Option<&'static str>) {
        match self.reads_all {
            true => (Able::Yes, None),
            false => (Able::Partly, Some(NOT_ALL)),
        }
    }

    /// Whether it may change things.
    pub(super) const fn writes(self) -> (Able, Option<&'static str>) {
        if !self.reads_jobs {
            return (Able::No, Some("the token may not look at jobs, and every change is a job"));
        }
        match (self.lists_apps, self.reads_all) {
            (Some(true), true) => (Able::Yes, None),
            (Some(true), false) => (Able::Partly, Some(NOT_ALL)),
            (None, _) => {
                (Able::Unknown, Some("what a token may do on Mendix Cloud, only a write would tell"))
            }
            (Some(false), _) => (
                Able::Unknown,
                Some("the token is read-only, or lacks `mx:app:metadata:read`; only a write would tell"),
            ),
        }
    }
}

/// The token, and where it comes from. What it is stays unsaid.
pub(in crate::cli) fn present(exam: &mut Examination, args: &ApiArgs) -> Option<Token> {
    let from = match &args.token_file {
        _ if args.simulate.is_some() => {
            exam.ok("token", "the simulator's own");
            return None;
        }
        Some(file) => format!("--token-file {}", file.display()),
        None => env::TOKEN.name.to_owned(),
    };
    match token(args) {
        Ok(Some(token)) => {
            exam.ok("token", format!("there is one, from {from}"));
            Some(token)
        }
        Ok(None) => {
            exam.fail(
                "token",
                ExitStatus::NotAuthorised,
                "there is none",
                "set MXKEEP_TOKEN, or pass --token-file FILE; --simulate needs none",
            );
            None
        }
        Err(error) => {
            exam.fail_with("token", &error);
            None
        }
    }
}

/// Finds out what the token may do.
pub(in crate::cli) async fn rights(
    exam: &mut Examination,
    client: &Client,
    estate: Option<&Estate>,
) -> Option<Rights> {
    if estate.is_some_and(|it| is_cloud_only(&it.desired)) {
        exam.skip("read", NO_PRIVATE);
        let reads_all = resources(exam, client, estate).await?;
        // Nor are there jobs.
        ["jobs", "write"].iter().for_each(|check| exam.skip(check, NO_PRIVATE));
        return Some(Rights { reads_all, lists_apps: None, reads_jobs: true });
    }
    match client.list_clusters().await {
        Ok(clusters) => {
            let clusters = plural::CLUSTER.count(clusters.len());
            exam.ok("read", format!("the token is accepted, and its owner manages {clusters}"));
        }
        Err(error) => {
            exam.fail_with("read", &CliError::from(error));
            return None;
        }
    }
    let reads_all = resources(exam, client, estate).await?;
    let reads_jobs = jobs(exam, client).await?;
    let lists_apps = apps(exam, client).await?;
    Some(Rights { reads_all, lists_apps: Some(lists_apps), reads_jobs })
}

/// Reads what a plan reads.
async fn resources(exam: &mut Examination, client: &Client, estate: Option<&Estate>) -> Option<bool> {
    let Some(Estate { desired, .. }) = estate else {
        exam.skip("resources", "there is no valid estate that would say what to read");
        return Some(true);
    };
    let live = match fetch(client, &Scope::default().reading(desired)).await {
        Ok(live) => live,
        Err(error) => {
            exam.fail_with("resources", &CliError::from(error));
            return None;
        }
    };
    if !live.refused.is_empty() {
        let hidden: Vec<_> = live.refused.keys().map(|reading| name(desired, reading)).collect();
        exam.fail(
            "resources",
            ExitStatus::NotAuthorised,
            &format!("the token may not read {}", hidden.join(", ")),
            "the owner of the token has to be a manager of the clusters and a member of the apps' teams, and the token needs `mx:deployment:read`, and `mx:privatecloud-build:read` for packages",
        );
        return Some(false);
    }
    missing_apps(exam, desired, &live);
    Some(true)
}

/// The 404 of an app means that it does not exist, or that the owner of the token is none of its team.
fn missing_apps(exam: &mut Examination, desired: &DesiredState, live: &LiveState) {
    if live.missing_apps.is_empty() {
        let resources = plural::RESOURCE.count(live.resources.len());
        return exam.ok("resources", format!("all that the estate names can be read: {resources} live"));
    }
    let names: Vec<_> = live.missing_apps.iter().map(|app| app_name(desired, *app)).collect();
    exam.warn(
        "resources",
        format!("the API does not know {}, or does not show it to this token", names.join(", ")),
        "check `appId`, and that the token's owner is a member of the app",
    );
}

fn name(desired: &DesiredState, reading: &Reading) -> String {
    let of = |identity: &Identity| match desired.resources.get(identity) {
        Some(declared) => format!("`{}`", declared.address),
        None => format!("{} `{}`", identity.kind(), identity.id()),
    };
    match reading {
        Reading::One(identity) => of(identity),
        Reading::NamespacesOf(cluster) => format!("the namespaces of {}", of(&Identity::Cluster(*cluster))),
        Reading::EnvironmentsOf(app) => format!("the environments of {}", app_name(desired, *app)),
        Reading::PackagesOf(app) => format!("the packages of {}", app_name(desired, *app)),
    }
}

fn app_name(desired: &DesiredState, app: Uuid) -> String {
    let identity = Identity::App(app);
    desired
        .resources
        .get(&identity)
        .map_or_else(|| format!("{} `{app}`", Kind::App), |declared| format!("`{}`", declared.address))
}

/// A job that does not exist: 404 to who may look.
async fn jobs(exam: &mut Examination, client: &Client) -> Option<bool> {
    let nobody = JobId::new(Uuid::nil().to_string());
    match client.get_job(&nobody).await {
        Ok(_) | Err(ApiError::NotFound { .. }) => {
            exam.ok("jobs", "the token may look at jobs");
            Some(true)
        }
        Err(ApiError::Forbidden { .. }) => {
            exam.warn(
                "jobs",
                "the token may not look at jobs",
                "a token for apply needs `mx:deployment:read` and `mx:deployment:write`",
            );
            Some(false)
        }
        Err(error) => {
            exam.fail_with("jobs", &CliError::from(error));
            None
        }
    }
}

/// The list of apps takes the scope for writes, so that it tells what only a write would.
async fn apps(exam: &mut Examination, client: &Client) -> Option<bool> {
    match client.list_apps().await {
        Ok(apps) => {
            let apps = plural::APP.count(apps.len());
            exam.ok("write", format!("the token may list apps ({apps}), which takes `mx:deployment:write`"));
            Some(true)
        }
        Err(ApiError::Forbidden { .. }) => {
            exam.warn(
                "write",
                "the token is read-only, or lacks `mx:app:metadata:read`",
                "that is enough for plan, drift and status; whether it is for apply, only a write would tell",
            );
            Some(false)
        }
        Err(error) => {
            exam.fail_with("write", &CliError::from(error));
            None
        }
    }
}
