//! Live state: everything of a scope, read concurrently, with one request per parent and page.
//!
//! All or nothing. A list that could not be read whole is an error and never an empty list: to a plan, what is not
//! there is to be created.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::model::{Identity, Live, LiveState, ReadScope};

use super::client::{Call, Client};
use super::error::{ApiError, Method, clean};
use super::page::Longest;

/// Reads what the scope names. The result does not depend on the order of the answers.
///
/// # Errors
///
/// The first [`ApiError`] of any request; nothing is returned then.
pub async fn fetch(client: &Client, scope: &ReadScope) -> Result<LiveState, ApiError> {
    let longest = Arc::new(Longest::default());
    // Environments need nothing from the rest, so they are read alongside.
    let mut lists = JoinSet::new();
    for &app in &scope.environments_of {
        let (client, longest) = (client.clone(), Arc::clone(&longest));
        lists.spawn(async move { Ok((app, client.environments(app, &longest).await?)) });
    }
    let mut singles = JoinSet::new();
    for identity in &scope.environments {
        let (client, identity) = (client.clone(), identity.clone());
        singles.spawn(async move { client.read(&identity, None).await });
    }
    let mut found = Found::new(client);
    read_clusters(client, scope, &longest, &mut found).await?;
    read_namespaces(client, scope, &longest, &mut found).await?;
    for (app, documents) in join(lists).await? {
        found.environments(app, documents)?;
    }
    for live in join(singles).await?.into_iter().flatten() {
        // Read by itself and thus later than the list: the newer reading counts.
        found.state.insert(live);
    }
    Ok(found.state)
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
        for document in client.clusters(longest).await? {
            found.cluster(document)?;
        }
    }
    let mut missing = JoinSet::new();
    for &id in &scope.clusters {
        if found.state.get(&Identity::Cluster(id)).is_none() {
            let client = client.clone();
            missing.spawn(async move { client.read(&Identity::Cluster(id), None).await });
        }
    }
    for live in join(missing).await?.into_iter().flatten() {
        found.state.insert(live);
    }
    Ok(())
}

/// The namespaces of the clusters that exist.
async fn read_namespaces(
    client: &Client,
    scope: &ReadScope,
    longest: &Arc<Longest>,
    found: &mut Found<'_>,
) -> Result<(), ApiError> {
    let mut lists = JoinSet::new();
    for &cluster in &scope.namespaces_of {
        let known = found.state.get(&Identity::Cluster(cluster)).is_some();
        if scope.clusters.contains(&cluster) && !known {
            continue;
        }
        let (client, longest) = (client.clone(), Arc::clone(longest));
        lists.spawn(async move { Ok((cluster, known, client.namespaces(cluster, &longest).await?)) });
    }
    let mut read = join(lists).await?;
    read.sort_by_key(|(cluster, ..)| *cluster);
    for (cluster, known, documents) in read {
        found.namespaces(cluster, known, documents)?;
    }
    Ok(())
}

/// Waits for all tasks; the first error stops the others.
async fn join<T: 'static>(mut tasks: JoinSet<Result<T, ApiError>>) -> Result<Vec<T>, ApiError> {
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
}

impl<'a> Found<'a> {
    fn new(client: &'a Client) -> Found<'a> {
        Found { client, state: LiveState::default() }
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
                None => named(&names, &document).ok_or_else(|| {
                    let problem = format!("the namespace of environment `{}` cannot be told", clean(&id));
                    self.incomplete(path, problem)
                })?,
            };
            let identity = Identity::Environment { app, namespace, id };
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
            list_clusters: true,
            clusters: BTreeSet::from([id(1), id(2), id(3)]),
            namespaces_of: BTreeSet::from([id(1), id(2), id(3), id(4)]),
            environments_of: BTreeSet::from([id(5), id(6), id(8)]),
            environments: BTreeSet::from([identity(7, 11, "solo"), identity(7, 11, "gone")]),
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
        for bad in [error_reply(403, "no"), error_reply(401, "no"), error_reply(500, "no"), html, Reply::Drop]
        {
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
}
