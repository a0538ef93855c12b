//! Everything that a token may see: what an import starts from.
//!
//! An app is found in the list of apps, where the token may read that, and in the environments that each namespace
//! lists, which every token may read that may plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::client::Client;
use super::error::ApiError;
use super::fetch::fetch_more;
use crate::model::{Identity, Kind, Live, LiveState, ReadScope};

/// What of it is wanted, by name or id; everything where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Clusters, with the namespaces and environments in them.
    pub clusters: Vec<String>,
    /// Apps, with the clusters and namespaces that their environments are in.
    pub apps: Vec<String>,
    /// Apps on Mendix Cloud, which are read only where they are named.
    pub cloud_apps: Vec<String>,
}

impl Wanted {
    /// Whether a part is named, and none of Private Cloud.
    fn is_cloud_only(&self) -> bool {
        self.clusters.is_empty() && self.apps.is_empty() && !self.cloud_apps.is_empty()
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The resources.
    pub live: LiveState,
    /// The apps of the environments, and their names in the portal.
    pub apps: BTreeMap<Uuid, String>,
    /// Whether the token may list apps. If not, apps with environments in foreign clusters only were not found.
    pub apps_listed: bool,
    /// Names and ids that were wanted and are not there.
    pub unknown: Vec<String>,
}

/// Reads what is wanted of all that the token may see. Sends only GET.
///
/// # Errors
///
/// The first [`ApiError`] of any request, but for a list of apps that may not be read.
pub async fn survey(client: &Client, wanted: &Wanted) -> Result<Survey, ApiError> {
    let mut survey = match wanted.is_cloud_only() {
        true => Survey { apps_listed: true, ..Survey::default() },
        false => private_cloud(client, wanted).await?,
    };
    super::survey_cloud::add(client, &wanted.cloud_apps, &mut survey).await?;
    Ok(survey)
}

async fn private_cloud(client: &Client, wanted: &Wanted) -> Result<Survey, ApiError> {
    let mut survey = Survey::default();
    let listed = match client.list_apps().await {
        Ok(apps) => {
            survey.apps_listed = true;
            apps.iter().filter_map(app).collect()
        }
        Err(ApiError::Forbidden { .. }) => BTreeMap::new(),
        Err(error) => return Err(error),
    };
    let all = ReadScope { list_clusters: true, ..ReadScope::default() };
    survey.live = fetch_more(client, &all, LiveState::default()).await?;
    let (clusters, further) = survey.choose_clusters(wanted);
    let scope = ReadScope { clusters: further, namespaces_of: clusters, ..ReadScope::default() };
    survey.live = fetch_more(client, &scope, std::mem::take(&mut survey.live)).await?;
    let apps = survey.choose_apps(wanted, listed);
    let scope = ReadScope { environments_of: apps.keys().copied().collect(), ..ReadScope::default() };
    survey.live = fetch_more(client, &scope, std::mem::take(&mut survey.live)).await?;
    if wanted.clusters.is_empty() {
        let foreign = survey.foreign_clusters();
        if !foreign.is_empty() {
            let scope =
                ReadScope { clusters: foreign.clone(), namespaces_of: foreign, ..ReadScope::default() };
            survey.live = fetch_more(client, &scope, std::mem::take(&mut survey.live)).await?;
        }
    }
    survey.narrow(wanted);
    let used = survey.used_apps();
    survey.apps = apps.into_iter().filter(|(app, _)| used.contains(app)).collect();
    Ok(survey)
}

impl Survey {
    /// The clusters to read, and those of them that the list does not show. What is not wanted is forgotten.
    fn choose_clusters(&mut self, wanted: &Wanted) -> (BTreeSet<Uuid>, BTreeSet<Uuid>) {
        let mut further = BTreeSet::new();
        let mut found = BTreeSet::new();
        for text in &wanted.clusters {
            let before = found.len();
            found.extend(self.live.of_kind(Kind::Cluster).filter(|live| is(live, text)).map(uuid));
            match Uuid::try_parse(text) {
                Ok(id) if !found.contains(&id) => {
                    further.insert(id);
                }
                Err(_) if found.len() == before => self.unknown.push(text.clone()),
                _ => {}
            }
        }
        if wanted.clusters.is_empty() {
            found.extend(self.live.of_kind(Kind::Cluster).map(uuid));
        } else {
            self.live.resources.retain(|_, live| found.contains(&uuid(live)));
        }
        found.extend(&further);
        (found, further)
    }

    /// The apps whose environments are read.
    fn choose_apps(&mut self, wanted: &Wanted, listed: BTreeMap<Uuid, String>) -> BTreeMap<Uuid, String> {
        let mut apps: BTreeMap<Uuid, String> = self.live.of_kind(Kind::Namespace).flat_map(tenants).collect();
        if wanted.clusters.is_empty() {
            apps.extend(listed);
        } else {
            // The list knows how an app is called, and nothing of where it runs.
            for (app, name) in &mut apps {
                if let Some(listed) = listed.get(app) {
                    name.clone_from(listed);
                }
            }
        }
        if wanted.apps.is_empty() {
            return apps;
        }
        let mut chosen = BTreeMap::new();
        for text in &wanted.apps {
            let id = Uuid::try_parse(text).ok();
            let fits = |(app, name): &(&Uuid, &String)| Some(**app) == id || *name == text;
            let found: Vec<_> = apps.iter().filter(fits).map(|(app, name)| (*app, name.clone())).collect();
            match id {
                Some(id) if found.is_empty() => chosen.extend([(id, text.clone())]),
                None if found.is_empty() => self.unknown.push(text.clone()),
                _ => chosen.extend(found),
            }
        }
        chosen
    }

    /// Clusters that environments are in and that were not read.
    fn foreign_clusters(&self) -> BTreeSet<Uuid> {
        let environments = self.live.of_kind(Kind::Environment).filter(|live| !self.is_placed(live));
        let clusters = environments.filter_map(|live| {
            let id = Uuid::try_parse(live.text("/provider/clusterId")?.trim()).ok()?;
            self.live.get(&Identity::Cluster(id)).is_none().then_some(id)
        });
        clusters.collect()
    }

    fn is_placed(&self, environment: &Live) -> bool {
        match environment.identity {
            Identity::Environment { namespace, .. } => {
                self.live.get(&Identity::Namespace(namespace)).is_some()
            }
            _ => true,
        }
    }

    /// Forgets what the wanted apps and clusters have nothing to do with.
    fn narrow(&mut self, wanted: &Wanted) {
        if !wanted.clusters.is_empty() {
            let outside: Vec<_> = self.live.resources.values().filter(|live| !self.is_placed(live)).collect();
            let outside: Vec<_> = outside.into_iter().map(|live| live.identity.clone()).collect();
            self.live.resources.retain(|identity, _| !outside.contains(identity));
        }
        if wanted.apps.is_empty() {
            return;
        }
        let namespaces: BTreeSet<Uuid> = self
            .live
            .resources
            .keys()
            .filter_map(|identity| match identity {
                Identity::Environment { namespace, .. } => Some(*namespace),
                _ => None,
            })
            .collect();
        let clusters: BTreeSet<Uuid> = namespaces
            .iter()
            .filter_map(|namespace| self.live.get(&Identity::Namespace(*namespace))?.cluster)
            .collect();
        self.live.resources.retain(|identity, _| match identity {
            Identity::Cluster(id) => clusters.contains(id),
            Identity::Namespace(id) => namespaces.contains(id),
            _ => true,
        });
    }

    fn used_apps(&self) -> BTreeSet<Uuid> {
        let apps = self.live.resources.keys().filter_map(|identity| match identity {
            Identity::Environment { app, .. } => Some(*app),
            _ => None,
        });
        apps.chain(self.live.missing_apps.iter().copied()).collect()
    }
}

fn uuid(live: &Live) -> Uuid {
    match live.identity {
        Identity::Cluster(id) | Identity::Namespace(id) | Identity::App(id) => id,
        _ => Uuid::nil(),
    }
}

fn is(live: &Live, text: &str) -> bool {
    live.name() == text || Uuid::try_parse(text).is_ok_and(|id| id == uuid(live))
}

fn app(document: &Value) -> Option<(Uuid, String)> {
    let text = |name: &str| {
        let found = document.get(name).or_else(|| document.get("app")?.get(name));
        found.and_then(Value::as_str)
    };
    let id = Uuid::try_parse(text("appId")?.trim()).ok()?;
    Some((
        id,
        text("appName").filter(|name| !name.trim().is_empty()).map_or_else(|| id.to_string(), str::to_owned),
    ))
}

/// The apps of the environments that a namespace lists.
fn tenants(namespace: &Live) -> Vec<(Uuid, String)> {
    let listed = namespace.manifest().get("environments").and_then(Value::as_array);
    let tenant = |entry: &Value| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let id = Uuid::try_parse(text("applicationId")?.trim()).ok()?;
        let name = text("applicationName").filter(|name| !name.trim().is_empty());
        Some((id, name.map_or_else(|| id.to_string(), str::to_owned)))
    };
    listed.map(|entries| entries.iter().filter_map(tenant).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{Server, error_reply, json_reply};
    use super::*;

    /// A developer of an app does not manage the cluster that it runs in, so that no list shows that cluster.
    #[tokio::test]
    async fn clusters_that_no_list_shows_are_found_through_environments() {
        let id = |n: u128| Uuid::from_u128(n).to_string();
        let environment =
            json!({"environment": {"id": "e", "provider": {"clusterId": id(1), "namespaceId": id(2)}}});
        let documents = BTreeMap::from([
            ("clusters".to_owned(), json!({"clusters": []})),
            (format!("clusters/{}", id(1)), json!({"cluster": {"clusterId": id(1), "name": "c"}})),
            (
                format!("clusters/{}/namespaces", id(1)),
                json!({"namespaces": [{"namespace": {"namespaceId": id(2), "name": "n"}}]}),
            ),
            (
                "apps".to_owned(),
                json!({"apps": [{"appId": id(3), "appName": "a"}, {"appId": id(4), "appName": "idle"}]}),
            ),
            (format!("apps/{}/environments", id(3)), json!({"environments": [environment]})),
            (format!("apps/{}/environments", id(4)), json!({"environments": []})),
        ]);
        let server = Server::start(move |seen, _| {
            let path = seen.target.split('?').next().unwrap().trim_start_matches("/api/v4/");
            let offset = seen.target.contains("offset=0") || !seen.target.contains("offset=");
            match documents.get(path) {
                Some(document) if offset => json_reply(200, document),
                Some(_) => json_reply(200, &json!({path.rsplit('/').next().unwrap(): []})),
                None => error_reply(404, "not here"),
            }
        })
        .await;
        let found = survey(&server.client(), &Wanted::default()).await.unwrap();
        assert!(found.apps_listed);
        assert_eq!(found.apps, BTreeMap::from([(Uuid::from_u128(3), "a".to_owned())]));
        let kinds: Vec<_> = found.live.resources.keys().map(Identity::kind).collect();
        assert_eq!(kinds, [Kind::Cluster, Kind::Namespace, Kind::Environment]);
        let wanted = Wanted { apps: vec!["b".to_owned()], ..Wanted::default() };
        assert_eq!(survey(&server.client(), &wanted).await.unwrap().unknown, ["b"]);
    }
}
