//! Live state: everything of a scope, read concurrently, with one request per parent and page.
//!
//! A list that could not be read whole is an error of the whole read and never an empty list: to a plan, what is not
//! there is to be created. One answer is more than an error: a 403 of the API's own for what lies below one cluster or
//! app says that this token may not see it, which is a fact about the world. It is recorded as such, and the rest is
//! read all the same.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::model::{Identity, Live, LiveState, Mark, ReadScope, Reading};

use super::client::{Call, Client};
use super::error::{ApiError, Method, clean};
use super::page::Longest;

/// Reads what the scope names. The result does not depend on the order of the answers.
///
/// # Errors
///
/// The first [`ApiError`] of any request, but for what [`LiveState::refused`] can tell; nothing is returned then. Where
/// the API refuses everything, there is nothing to tell but that.
pub async fn fetch(client: &Client, scope: &ReadScope) -> Result<LiveState, ApiError> {
    fetch_more(client, scope, LiveState::default()).await
}

/// Reads what the scope names besides what was read already, which may tell the namespaces of environments.
///
/// # Errors
///
/// As [`fetch`].
pub async fn fetch_more(client: &Client, scope: &ReadScope, known: LiveState) -> Result<LiveState, ApiError> {
    let longest = Arc::new(Longest::default());
    // Environments need nothing from the rest, so they are read alongside.
    let mut lists = JoinSet::new();
    for &app in &scope.environments_of {
        let (client, longest) = (client.clone(), Arc::clone(&longest));
        lists.spawn(async move { Ok((app, shown(client.environments(app, &longest).await)?)) });
    }
    let mut packages = JoinSet::new();
    for &app in &scope.packages_of {
        let (client, longest) = (client.clone(), Arc::clone(&longest));
        packages.spawn(async move { Ok((app, shown(client.packages(app, &longest).await)?)) });
    }
    let mut singles = JoinSet::new();
    for identity in &scope.environments {
        let (client, identity) = (client.clone(), identity.clone());
        singles.spawn(async move { read_one(&client, identity).await });
    }
    let mut cloud = JoinSet::new();
    for (&app, environments) in &scope.cloud_apps {
        let (client, environments) = (client.clone(), environments.clone());
        cloud.spawn(async move {
            let live = shown(client.read_cloud_app(app, &environments).await)?;
            Ok((Identity::CloudApp(app), live))
        });
    }
    let mut found = Found::new(client, known);
    read_clusters(client, scope, &longest, &mut found).await?;
    read_namespaces(client, scope, &longest, &mut found).await?;
    let mut read = join(lists).await?;
    read.sort_by_key(|(app, _)| *app);
    for (app, documents) in read {
        if let Some(documents) = found.take(Reading::EnvironmentsOf(app), documents) {
            found.environments(app, documents)?;
        }
    }
    let mut read = join(packages).await?;
    read.sort_by_key(|(app, _)| *app);
    for (app, documents) in read {
        if let Some(documents) = found.take(Reading::PackagesOf(app), documents) {
            found.packages(app, documents)?;
        }
    }
    // Read by themselves and thus later than the list: the newer reading counts.
    found.singles(join(singles).await?);
    found.singles(join(cloud).await?);
    found.finish()
}

/// What was asked for, or the 403 for it; every other error is one of the whole read.
type Shown<T> = Result<T, ApiError>;

fn shown<T>(result: Result<T, ApiError>) -> Result<Shown<T>, ApiError> {
    match result {
        Err(error @ ApiError::Forbidden { .. }) => Ok(Err(error)),
        other => other.map(Ok),
    }
}

/// What a refusal says, without the request: whoever reads it knows what was asked for.
fn said(refusal: &ApiError) -> String {
    match refusal {
        ApiError::Forbidden { message, .. } if !message.is_empty() => format!("403: {message}"),
        _ => "403".to_owned(),
    }
}

async fn read_one(client: &Client, identity: Identity) -> Result<(Identity, Shown<Option<Live>>), ApiError> {
    let live = shown(client.read(&identity, None).await)?;
    Ok((identity, live))
}

/// The clusters: by list or one by one. The list holds only clusters that the caller manages, so a declared one that
/// it does not show is asked for by its id.
async fn read_clusters(
    client: &Client,
    scope: &ReadScope,
    longest: &Longest,
    found: &mut Found<'_>,
) -> Result<(), ApiError> {
    if scope.list_clusters {
        let documents = client.clusters(longest).await?;
        found.is_answered = true;
        for document in documents {
            found.cluster(document)?;
        }
    }
    let mut missing = JoinSet::new();
    for &id in &scope.clusters {
        if found.state.get(&Identity::Cluster(id)).is_none() {
            let client = client.clone();
            missing.spawn(async move { read_one(&client, Identity::Cluster(id)).await });
        }
    }
    found.singles(join(missing).await?);
    Ok(())
}

/// The namespaces of the clusters that exist, or may exist: somebody who may not see a cluster may see its namespaces.
async fn read_namespaces(
    client: &Client,
    scope: &ReadScope,
    longest: &Arc<Longest>,
    found: &mut Found<'_>,
) -> Result<(), ApiError> {
    let mut lists = JoinSet::new();
    for &cluster in &scope.namespaces_of {
        let identity = Identity::Cluster(cluster);
        let known = found.state.get(&identity).is_some();
        let is_absent = scope.clusters.contains(&cluster) && !known;
        if is_absent && !found.refusals.contains_key(&Reading::One(identity)) {
            continue;
        }
        let (client, longest) = (client.clone(), Arc::clone(longest));
        lists.spawn(async move {
            let documents = shown(client.namespaces(cluster, &longest).await)?;
            Ok((cluster, known, documents))
        });
    }
    let mut read = join(lists).await?;
    read.sort_by_key(|(cluster, ..)| *cluster);
    for (cluster, known, documents) in read {
        if let Some(documents) = found.take(Reading::NamespacesOf(cluster), documents) {
            found.namespaces(cluster, known, documents)?;
        }
    }
    Ok(())
}

/// Waits for all tasks; the first error stops the others.
pub(super) async fn join<T: 'static>(mut tasks: JoinSet<Result<T, ApiError>>) -> Result<Vec<T>, ApiError> {
    let mut results = Vec::with_capacity(tasks.len());
    while let Some(result) = tasks.join_next().await {
        match result {
            Ok(result) => results.push(result?),
            // A task ends early only when it is aborted, and nobody aborts these; a panic goes on where it began.
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    Ok(results)
}

/// What was read so far.
struct Found<'a> {
    client: &'a Client,
    state: LiveState,
    /// What the API refused to show.
    refusals: BTreeMap<Reading, ApiError>,
    /// Whether it showed anything at all, be it an empty list.
    is_answered: bool,
}

impl<'a> Found<'a> {
    fn new(client: &'a Client, known: LiveState) -> Found<'a> {
        let is_answered = !known.resources.is_empty();
        Found { client, state: known, refusals: BTreeMap::new(), is_answered }
    }

    /// What an answer holds; nothing, and a note of it, where it was refused.
    fn take<T>(&mut self, reading: Reading, shown: Shown<T>) -> Option<T> {
        match shown {
            Ok(shown) => {
                self.is_answered = true;
                Some(shown)
            }
            Err(refusal) => {
                self.refusals.insert(reading, refusal);
                None
            }
        }
    }

    fn singles(&mut self, read: Vec<(Identity, Shown<Option<Live>>)>) {
        for (identity, live) in read {
            if let Some(live) = self.take(Reading::One(identity), live).flatten() {
                self.state.insert(live);
            }
        }
    }

    /// The end of the read. A token that may see nothing is no fact about a part of the world.
    fn finish(self) -> Result<LiveState, ApiError> {
        let Found { client: _, mut state, refusals, is_answered } = self;
        if !is_answered && let Some(refusal) = refusals.values().next() {
            return Err(refusal.clone());
        }
        state.refused.extend(refusals.into_iter().map(|(reading, error)| (reading, said(&error))));
        Ok(state)
    }

    fn cluster(&mut self, document: Value) -> Result<(), ApiError> {
        let path = &["clusters"];
        let id = self.uuid(path, &document, "/cluster/clusterId")?;
        self.add(path, Live { identity: Identity::Cluster(id), cluster: None, document })
    }

    fn namespaces(
        &mut self,
        cluster: Uuid,
        known: bool,
        documents: Option<Vec<Value>>,
    ) -> Result<(), ApiError> {
        let text = cluster.to_string();
        let path = &["clusters", &text, "namespaces"];
        let Some(documents) = documents else {
            // Not a cluster without namespaces: that is an empty list.
            let problem = "the API showed the cluster and then did not know it";
            return if known { Err(self.incomplete(path, problem.to_owned())) } else { Ok(()) };
        };
        for document in documents {
            let id = self.uuid(path, &document, "/namespace/namespaceId")?;
            self.add(path, Live { identity: Identity::Namespace(id), cluster: Some(cluster), document })?;
        }
        Ok(())
    }

    fn environments(&mut self, app: Uuid, documents: Option<Vec<Value>>) -> Result<(), ApiError> {
        let Some(documents) = documents else {
            self.state.missing_apps.insert(app);
            return Ok(());
        };
        let text = app.to_string();
        let path = &["apps", &text, "environments"];
        let names = self.namespace_names();
        for document in documents {
            let Some(id) = text_at(&document, "/environment/id").map(str::to_owned) else {
                return Err(self.incomplete(path, "an environment has no `environment.id`".to_owned()));
            };
            let namespace = match text_at(&document, "/environment/provider/namespaceId") {
                Some(_) => self.uuid(path, &document, "/environment/provider/namespaceId")?,
                None => match named(&names, &document) {
                    Some(namespace) => namespace,
                    None => match self.refusal_for(&document) {
                        // Who it is cannot be told without the namespaces, so that the list is of no use.
                        Some(refusal) => {
                            self.hide(app, refusal);
                            return Ok(());
                        }
                        None => {
                            let problem =
                                format!("the namespace of environment `{}` cannot be told", clean(&id));
                            return Err(self.incomplete(path, problem));
                        }
                    },
                },
            };
            let identity = Identity::Environment { app, namespace, id };
            self.add(path, Live { identity, cluster: None, document })?;
        }
        Ok(())
    }

    /// Why the namespaces of the cluster that an environment is in were not shown, if they were not.
    fn refusal_for(&self, environment: &Value) -> Option<ApiError> {
        let cluster = Uuid::try_parse(text_at(environment, "/environment/provider/clusterId")?).ok()?;
        self.refusals.get(&Reading::NamespacesOf(cluster)).cloned()
    }

    /// Counts the environments of an app as not shown.
    fn hide(&mut self, hidden: Uuid, refusal: ApiError) {
        self.state
            .resources
            .retain(|identity, _| !matches!(identity, Identity::Environment { app, .. } if *app == hidden));
        self.refusals.insert(Reading::EnvironmentsOf(hidden), refusal);
    }

    fn packages(&mut self, app: Uuid, documents: Option<Vec<Value>>) -> Result<(), ApiError> {
        let Some(documents) = documents else {
            self.state.missing_apps.insert(app);
            return Ok(());
        };
        self.state.packages_of.insert(app);
        let text = app.to_string();
        let path = &["apps", &text, "packages"];
        for document in documents {
            let Some(id) = text_at(&document, "/package/id").map(str::to_owned) else {
                return Err(self.incomplete(path, "a package has no `id`".to_owned()));
            };
            let identity = Identity::Package { app, mark: Mark::id(&id) };
            self.add(path, Live { identity, cluster: None, document })?;
        }
        Ok(())
    }

    /// Adds a resource. Seen twice with the same content is once; with different content it is a contradiction.
    fn add(&mut self, path: &[&str], live: Live) -> Result<(), ApiError> {
        match self.state.resources.entry(live.identity.clone()) {
            Entry::Vacant(place) => {
                place.insert(live);
                Ok(())
            }
            Entry::Occupied(place) if *place.get() == live => Ok(()),
            Entry::Occupied(_) => {
                let problem = format!(
                    "{} `{}` is listed twice, differently",
                    live.identity.kind(),
                    clean(&live.identity.id())
                );
                Err(self.incomplete(path, problem))
            }
        }
    }

    /// The namespaces that were read, by cluster and name; environments may name theirs that way only.
    fn namespace_names(&self) -> BTreeMap<(Uuid, String), Uuid> {
        let namespaces = self.state.resources.values().filter_map(|live| match live.identity {
            Identity::Namespace(id) => {
                Some(((live.cluster?, text_at(&live.document, "/namespace/name")?.to_owned()), id))
            }
            _ => None,
        });
        namespaces.collect()
    }

    fn uuid(&self, path: &[&str], document: &Value, pointer: &str) -> Result<Uuid, ApiError> {
        let field = pointer.trim_start_matches('/').replace('/', ".");
        let Some(text) = text_at(document, pointer) else {
            return Err(self.incomplete(path, format!("an item has no `{field}`")));
        };
        Uuid::try_parse(text)
            .map_err(|_| self.incomplete(path, format!("`{}` in `{field}` is no UUID", clean(text))))
    }

    fn incomplete(&self, path: &[&str], problem: String) -> ApiError {
        ApiError::Incomplete { request: self.client.request_line(&Call::new(Method::Get, path)), problem }
    }
}

/// The namespace that an environment names by cluster and name.
fn named(names: &BTreeMap<(Uuid, String), Uuid>, document: &Value) -> Option<Uuid> {
    let cluster = Uuid::try_parse(text_at(document, "/environment/provider/clusterId")?).ok()?;
    let name = text_at(document, "/environment/provider/namespace")?;
    names.get(&(cluster, name.to_owned())).copied()
}

/// The text at a pointer without the blanks that the API's examples have around some values; never empty.
fn text_at<'a>(document: &'a Value, pointer: &str) -> Option<&'a str> {
    document.pointer(pointer)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use serde_json::json;

    use super::super::tests::{Reply, Server, error_reply, json_reply};
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn cluster(n: u128) -> Value {
        json!({"manifestVersion": "2.0.0", "cluster": {"clusterId": id(n).to_string(), "name": format!("c{n}"), "odd": 1.10}})
    }

    fn namespace(n: u128) -> Value {
        json!({"namespace": {"namespaceId": id(n).to_string().to_uppercase(), "name": format!(" n{n} "), "plans": null}})
    }

    fn environment(name: &str, provider: &Value) -> Value {
        json!({"environment": {"id": name, "provider": provider}})
    }

    fn identity(app: u128, namespace: u128, name: &str) -> Identity {
        Identity::Environment { app: id(app), namespace: id(namespace), id: name.to_owned() }
    }

    /// A server that knows these documents by path; a list is given by pages.
    async fn world(documents: &[(String, Value)]) -> Server {
        let documents: BTreeMap<String, Value> = documents.iter().cloned().collect();
        Server::start(move |seen, _| {
            let path = seen.target.split('?').next().unwrap().trim_start_matches("/api/v4/");
            let Some(document) = documents.get(path) else { return error_reply(404, "not here") };
            let Some((key, Value::Array(items))) =
                document.as_object().and_then(|object| object.iter().next())
            else {
                return json_reply(200, document);
            };
            let page: Vec<_> = items.iter().skip(seen.number("offset")).take(seen.number("limit")).collect();
            json_reply(200, &json!({ key: page }))
        })
        .await
    }

    fn namespaces_of(n: u128) -> String {
        format!("clusters/{}/namespaces", id(n))
    }

    fn environments_of(n: u128) -> String {
        format!("apps/{}/environments", id(n))
    }

    #[tokio::test]
    async fn reads_a_scope_with_one_request_per_parent_and_page() {
        let place = |n: u128| json!({"namespaceId": format!(" {} ", id(n))});
        let named = json!({"clusterId": id(1).to_string().to_uppercase(), "namespace": "n11"});
        let single = environment("solo", &place(11));
        let server = world(&[
            ("clusters".into(), json!({"clusters": [cluster(1), cluster(9)]})),
            // Exists, but the caller does not manage it.
            (format!("clusters/{}", id(2)), cluster(2)),
            (namespaces_of(1), json!({"namespaces": [namespace(11), namespace(12)]})),
            (namespaces_of(2), json!({"namespaces": [namespace(21)]})),
            (
                environments_of(5),
                json!({"environments": [environment("e", &place(11)), environment("e", &place(12)), environment("f", &named)]}),
            ),
            (environments_of(6), json!({"environments": []})),
            (format!("apps/{}/namespaces/{}/environments/solo", id(7), id(11)), single.clone()),
        ])
        .await;
        let scope = ReadScope {
            packages_of: BTreeSet::new(),
            list_clusters: true,
            clusters: BTreeSet::from([id(1), id(2), id(3)]),
            namespaces_of: BTreeSet::from([id(1), id(2), id(3), id(4)]),
            environments_of: BTreeSet::from([id(5), id(6), id(8)]),
            environments: BTreeSet::from([identity(7, 11, "solo"), identity(7, 11, "gone")]),
            cloud_apps: BTreeMap::new(),
        };
        let client = server.client();
        let state = fetch(&client, &scope).await.unwrap();

        let expected = BTreeSet::from([
            Identity::Cluster(id(1)),
            Identity::Cluster(id(2)),
            Identity::Cluster(id(9)),
            Identity::Namespace(id(11)),
            Identity::Namespace(id(12)),
            Identity::Namespace(id(21)),
            identity(5, 11, "e"),
            identity(5, 12, "e"),
            identity(5, 11, "f"),
            identity(7, 11, "solo"),
        ]);
        assert_eq!(state.resources.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert_eq!(state.missing_apps, BTreeSet::from([id(8)]));
        assert_eq!(state.get(&Identity::Cluster(id(1))).unwrap().document, cluster(1));
        assert_eq!(state.get(&Identity::Namespace(id(11))).unwrap().document, namespace(11));
        assert_eq!(state.get(&Identity::Namespace(id(21))).unwrap().cluster, Some(id(2)));
        assert_eq!(state.get(&identity(7, 11, "solo")).unwrap().document, single);

        let lines = server.lines();
        let paths: BTreeSet<_> = lines.iter().collect();
        assert_eq!(paths.len(), lines.len(), "nothing is asked for twice: {lines:#?}");
        // The list; clusters 2 and 3; namespaces of 1, 2 and the undeclared 4, not of the absent 3; three apps; two environments.
        assert_eq!(lines.len(), 1 + 2 + 3 + 3 + 2, "{lines:#?}");
        assert_eq!(client.requests_made(), 11);
        assert!(lines.iter().all(|line| line.starts_with("GET ")), "{lines:#?}");
        assert!(
            lines
                .iter()
                .all(|line| !line.contains("/namespaces?") || line.contains("retrieveEnvironments=true"))
        );
        assert_eq!(fetch(&client, &scope).await.unwrap(), state);
    }

    #[tokio::test]
    async fn without_the_list_each_cluster_is_asked_for() {
        let server = world(&[(format!("clusters/{}", id(2)), cluster(2))]).await;
        let scope = ReadScope { clusters: BTreeSet::from([id(1), id(2)]), ..ReadScope::default() };
        let state = fetch(&server.client(), &scope).await.unwrap();
        assert_eq!(state.resources.keys().collect::<Vec<_>>(), [&Identity::Cluster(id(2))]);
        assert_eq!(server.seen().len(), 2);
    }

    #[tokio::test]
    async fn a_known_page_length_saves_the_second_question() {
        let many = |from: usize, to: usize| {
            let items: Vec<_> = (from..to)
                .map(|n| environment(&format!("e{n}"), &json!({"namespaceId": id(1).to_string()})))
                .collect();
            json!({ "environments": items })
        };
        let server = world(&[(environments_of(1), many(0, 30)), (environments_of(2), many(0, 25))]).await;
        let client = server.client();
        let longest = Longest::default();
        assert_eq!(client.environments(id(1), &longest).await.unwrap().unwrap().len(), 30);
        assert_eq!(client.requests_made(), 2);
        assert_eq!(client.environments(id(2), &longest).await.unwrap().unwrap().len(), 25);
        assert_eq!(client.requests_made(), 3);
    }

    #[tokio::test]
    async fn what_is_incomplete_is_an_error() {
        let text = |n: u128| id(n).to_string();
        let placed = |provider: Value| environment("e", &provider);
        let twin = |name: &str| json!({"namespace": {"namespaceId": text(11), "name": name}});
        for (list, document, expected) in [
            (
                "clusters".to_owned(),
                json!({"clusters": [{"cluster": {"name": "c"}}]}),
                "no `cluster.clusterId`",
            ),
            (
                "clusters".to_owned(),
                json!({"clusters": [{"cluster": {"clusterId": "x\u{1b}y"}}]}),
                "`x y` in `cluster.clusterId` is no UUID",
            ),
            ("clusters".to_owned(), json!({"clusters": [null]}), "no `cluster.clusterId`"),
            ("clusters".to_owned(), json!({"clusters": ["a"]}), "no `cluster.clusterId`"),
            (namespaces_of(1), json!({"namespaces": [{}]}), "no `namespace.namespaceId`"),
            (namespaces_of(1), json!({"namespaces": [twin("a"), twin("b")]}), "listed twice"),
            (environments_of(5), json!({"environments": [{"environment": {}}]}), "no `environment.id`"),
            (
                environments_of(5),
                json!({"environments": [placed(json!({}))]}),
                "namespace of environment `e`",
            ),
            (
                environments_of(5),
                json!({"environments": [placed(json!({"namespaceId": "x"}))]}),
                "is no UUID",
            ),
            (
                environments_of(5),
                json!({"environments": [placed(json!({"clusterId": text(1), "namespace": "elsewhere"}))]}),
                "namespace of environment `e`",
            ),
        ] {
            let mut documents = vec![
                ("clusters".to_owned(), json!({"clusters": [cluster(1)]})),
                (namespaces_of(1), json!({"namespaces": [namespace(11)]})),
                (environments_of(5), json!({"environments": []})),
            ];
            documents.push((list, document.clone()));
            let server = world(&documents).await;
            let error = fetch(&server.client(), &scope()).await.unwrap_err();
            assert!(matches!(error, ApiError::Incomplete { .. }), "{document}: {error:?}");
            assert!(error.to_string().contains(expected), "{document}: {error}");
        }
    }

    fn scope() -> ReadScope {
        ReadScope {
            list_clusters: true,
            namespaces_of: BTreeSet::from([id(1)]),
            environments_of: BTreeSet::from([id(5)]),
            ..ReadScope::default()
        }
    }

    #[tokio::test]
    async fn the_same_item_twice_is_one() {
        let server = world(&[
            ("clusters".into(), json!({"clusters": [cluster(1), cluster(1)]})),
            (namespaces_of(1), json!({"namespaces": null})),
        ])
        .await;
        assert_eq!(fetch(&server.client(), &scope()).await.unwrap().resources.len(), 1);
    }

    #[tokio::test]
    async fn a_cluster_that_is_there_and_not_there_is_a_contradiction() {
        let server = world(&[("clusters".into(), json!({"clusters": [cluster(1)]}))]).await;
        let error = fetch(&server.client(), &scope()).await.unwrap_err();
        assert!(matches!(error, ApiError::Incomplete { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn one_failed_request_fails_the_whole_read() {
        let html = Reply::Http(404, "Content-Type: text/html\r\n", "<html>".to_owned());
        let html403 = Reply::Http(403, "Content-Type: text/html\r\n", "<html>".to_owned());
        for bad in [error_reply(401, "no"), error_reply(500, "no"), html, html403, Reply::Drop] {
            for part in ["/clusters?", "/namespaces?", "/environments?"] {
                let bad = bad.clone();
                let server = Server::start(move |seen, _| match seen.target.split('?').next().unwrap() {
                    _ if seen.target.contains(part) => bad.clone(),
                    path if path.ends_with("clusters") => json_reply(200, &json!({"clusters": [cluster(1)]})),
                    path if path.ends_with("namespaces") => json_reply(200, &json!({"namespaces": []})),
                    _ => json_reply(200, &json!({"environments": []})),
                })
                .await;
                let read = tokio::time::timeout(Duration::from_secs(5), async {
                    fetch(&server.client(), &scope()).await
                });
                let result = read.await.unwrap();
                assert!(result.is_err(), "{part}: {result:?}");
            }
        }
    }

    /// A server where some paths are forbidden.
    async fn forbidding(documents: Vec<(String, Value)>, forbidden: &'static [&'static str]) -> Server {
        Server::start(move |seen, _| {
            let path = seen.target.split('?').next().unwrap().trim_start_matches("/api/v4/");
            if forbidden.iter().any(|part| path.ends_with(part)) {
                return error_reply(403, "Forbidden");
            }
            match documents.iter().find(|(known, _)| known == path) {
                Some((_, document)) => json_reply(200, document),
                None => error_reply(404, "not here"),
            }
        })
        .await
    }

    fn two_apps() -> Vec<(String, Value)> {
        let place = json!({"namespaceId": id(11).to_string()});
        vec![
            ("clusters".to_owned(), json!({"clusters": [cluster(1)]})),
            (namespaces_of(1), json!({"namespaces": [namespace(11)]})),
            (environments_of(5), json!({"environments": [environment("a", &place)]})),
            (environments_of(6), json!({"environments": [environment("b", &place)]})),
        ]
    }

    #[tokio::test]
    async fn what_is_forbidden_is_unknown_and_the_rest_is_read() {
        let scope = ReadScope { environments_of: BTreeSet::from([id(5), id(6)]), ..scope() };
        let server = forbidding(two_apps(), &["-000000000006/environments"]).await;
        let state = fetch(&server.client(), &scope).await.unwrap();
        assert!(state.get(&identity(5, 11, "a")).is_some() && state.missing_apps.is_empty());
        assert_eq!(state.refused.keys().collect::<Vec<_>>(), [&Reading::EnvironmentsOf(id(6))]);
        assert!(state.refused.values().all(|said| said.contains("403: Forbidden")), "{:?}", state.refused);
        assert_eq!(state.hidden_by(&identity(6, 11, "b"), None), Some(Reading::EnvironmentsOf(id(6))));
        assert_eq!(state.hidden_by(&identity(5, 11, "a"), None), None, "it was read");
        assert_eq!(state.hidden_by(&identity(5, 11, "z"), None), None, "it is known not to exist");

        let server = forbidding(two_apps(), &["/namespaces"]).await;
        let state = fetch(&server.client(), &scope).await.unwrap();
        assert_eq!(state.refused.keys().collect::<Vec<_>>(), [&Reading::NamespacesOf(id(1))]);
        assert_eq!(state.of_kind(crate::model::Kind::Environment).count(), 2);
        let namespace = Identity::Namespace(id(11));
        assert_eq!(state.hidden_by(&namespace, Some(id(1))), Some(Reading::NamespacesOf(id(1))));
        assert_eq!(state.hidden_by(&namespace, Some(id(2))), None);
    }

    #[tokio::test]
    async fn a_cluster_that_is_not_shown_may_show_its_namespaces() {
        let scope = ReadScope {
            list_clusters: true,
            clusters: BTreeSet::from([id(2)]),
            namespaces_of: BTreeSet::from([id(2)]),
            ..ReadScope::default()
        };
        let mut documents = two_apps();
        documents.push((namespaces_of(2), json!({"namespaces": [namespace(21)]})));
        let server = forbidding(documents, &["clusters/00000000-0000-0000-0000-000000000002"]).await;
        let state = fetch(&server.client(), &scope).await.unwrap();
        let cluster = Identity::Cluster(id(2));
        assert_eq!(state.hidden_by(&cluster, None), Some(Reading::One(cluster.clone())));
        assert!(state.get(&Identity::Namespace(id(21))).is_some());
    }

    #[tokio::test]
    async fn an_environment_that_only_its_namespace_could_place_is_unknown() {
        let mut documents = two_apps();
        let place = json!({"clusterId": id(1).to_string(), "namespace": "n11"});
        let known = environment("a", &json!({"namespaceId": id(11).to_string()}));
        documents[2].1 = json!({"environments": [known, environment("c", &place)]});
        let server = forbidding(documents, &["/namespaces"]).await;
        let state = fetch(&server.client(), &scope()).await.unwrap();
        let refused: Vec<_> = state.refused.keys().collect();
        assert_eq!(refused, [&Reading::NamespacesOf(id(1)), &Reading::EnvironmentsOf(id(5))]);
        assert_eq!(state.of_kind(crate::model::Kind::Environment).count(), 0);
    }

    #[tokio::test]
    async fn a_token_that_may_see_nothing_is_an_error() {
        let scope = ReadScope {
            clusters: BTreeSet::from([id(1)]),
            namespaces_of: BTreeSet::from([id(1)]),
            environments_of: BTreeSet::from([id(5)]),
            ..ReadScope::default()
        };
        let server = forbidding(two_apps(), &[""]).await;
        let error = fetch(&server.client(), &scope).await.unwrap_err();
        assert!(matches!(error, ApiError::Forbidden { .. }), "{error:?}");
        // The list of the clusters is nobody's below: without it no plan can tell what is unmanaged.
        let server = forbidding(two_apps(), &["clusters"]).await;
        let scope = ReadScope { list_clusters: true, ..scope };
        assert!(fetch(&server.client(), &scope).await.is_err());
    }
}
