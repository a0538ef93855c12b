//! One method per endpoint, in the order of the API's own documentation.
//!
//! Documents go in and out as JSON: a field that mxkeep does not know must survive an update untouched.

use std::collections::HashSet;

use serde_json::Value;
use uuid::Uuid;

use crate::model::{Identity, Live, Mark};

use super::client::{Answer, Call, Client};
use super::cloud::Listed;
use super::error::{ApiError, Method};
use super::job::{Job, JobId};
use super::page::{ALWAYS_POSSIBLE, Cursor, Listing, Longest, MOST_PACKAGES, MOST_PAGES};
use super::wire;

/// How often a list is read anew when it changed while it was read.
const LIST_TRIES: usize = 3;

impl Client {
    /// `GET /jobs/{jobId}`. Read under the configured base URL; the `Location` of a write is never followed,
    /// because the documentation's own example names another version of the API.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; [`ApiError::NotFound`] when the job is not known.
    pub async fn get_job(&self, id: &JobId) -> Result<Job, ApiError> {
        let answer = self.send(&Call::new(Method::Get, &["jobs", id.as_str()])).await?;
        wire::job(&answer.document, self.redactor())
            .ok_or_else(|| incomplete(&answer, "it has no job with an `id`".to_owned()))
    }

    /// `GET /clusters`, all pages: only the clusters that the caller manages.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_clusters(&self) -> Result<Vec<Value>, ApiError> {
        self.clusters(&Longest::default()).await
    }

    /// `POST /clusters`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn create_cluster(&self, body: Value) -> Result<JobId, ApiError> {
        self.write(Call::new(Method::Post, &["clusters"]).body(body)).await
    }

    /// `GET /clusters/{clusterId}`; nothing when the API says that it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn get_cluster(&self, cluster: Uuid) -> Result<Option<Value>, ApiError> {
        self.get(Call::new(Method::Get, &cluster_path(&cluster.to_string()))).await
    }

    /// `PUT /clusters/{clusterId}`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn update_cluster(&self, cluster: Uuid, body: Value) -> Result<JobId, ApiError> {
        self.write(Call::new(Method::Put, &cluster_path(&cluster.to_string())).body(body)).await
    }

    /// `DELETE /clusters/{clusterId}`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn delete_cluster(&self, cluster: Uuid) -> Result<JobId, ApiError> {
        self.write(Call::new(Method::Delete, &cluster_path(&cluster.to_string()))).await
    }

    /// `GET /clusters/{clusterId}/namespaces?retrieveEnvironments=true`, all pages; nothing when the cluster does
    /// not exist. The ids of the environments in a namespace come with it.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_namespaces(&self, cluster: Uuid) -> Result<Option<Vec<Value>>, ApiError> {
        self.namespaces(cluster, &Longest::default()).await
    }

    /// `POST /clusters/{clusterId}/namespaces`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn create_namespace(&self, cluster: Uuid, body: Value) -> Result<JobId, ApiError> {
        self.write(Call::new(Method::Post, &namespaces_path(&cluster.to_string())).body(body)).await
    }

    /// `GET /clusters/{clusterId}/namespaces/{namespaceId}`; nothing when it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn get_namespace(&self, cluster: Uuid, namespace: Uuid) -> Result<Option<Value>, ApiError> {
        self.get(Call::new(Method::Get, &namespace_path(&cluster.to_string(), &namespace.to_string()))).await
    }

    /// `PUT /clusters/{clusterId}/namespaces/{namespaceId}`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn update_namespace(
        &self,
        cluster: Uuid,
        namespace: Uuid,
        body: Value,
    ) -> Result<JobId, ApiError> {
        let (cluster, namespace) = (cluster.to_string(), namespace.to_string());
        self.write(Call::new(Method::Put, &namespace_path(&cluster, &namespace)).body(body)).await
    }

    /// `DELETE /clusters/{clusterId}/namespaces/{namespaceId}`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn delete_namespace(&self, cluster: Uuid, namespace: Uuid) -> Result<JobId, ApiError> {
        let (cluster, namespace) = (cluster.to_string(), namespace.to_string());
        self.write(Call::new(Method::Delete, &namespace_path(&cluster, &namespace))).await
    }

    /// `GET /apps`, all pages. Needs scopes that a read-only token lacks, so a plan never calls it.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_apps(&self) -> Result<Vec<Value>, ApiError> {
        self.list(Call::new(Method::Get, &["apps"]), Listing::Apps, &Longest::default()).await
    }

    /// `GET /apps/{appId}`; nothing when it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn get_app(&self, app: Uuid) -> Result<Option<Value>, ApiError> {
        self.get(Call::new(Method::Get, &["apps", &app.to_string()])).await
    }

    /// `GET /apps/{appId}/environments`, all pages; nothing when the app does not exist.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_environments(&self, app: Uuid) -> Result<Option<Vec<Value>>, ApiError> {
        self.environments(app, &Longest::default()).await
    }

    /// `POST /apps/{appId}/environments`; cluster and namespace stand in the manifest's `provider`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn create_environment(&self, app: Uuid, body: Value) -> Result<JobId, ApiError> {
        self.write(Call::new(Method::Post, &["apps", &app.to_string(), "environments"]).body(body)).await
    }

    /// `GET /apps/{appId}/namespaces/{namespaceId}/environments/{environmentId}`; nothing when it does not exist.
    ///
    /// The paths without a namespace are deprecated, and wrong where two namespaces have the same id (ID-07), so
    /// they are never used.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn get_environment(
        &self,
        app: Uuid,
        namespace: Uuid,
        id: &str,
    ) -> Result<Option<Value>, ApiError> {
        self.get(Call::new(Method::Get, &environment_path(&app.to_string(), &namespace.to_string(), id)))
            .await
    }

    /// `PUT /apps/{appId}/namespaces/{namespaceId}/environments/{environmentId}`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn update_environment(
        &self,
        app: Uuid,
        namespace: Uuid,
        id: &str,
        body: Value,
    ) -> Result<JobId, ApiError> {
        let (app, namespace) = (app.to_string(), namespace.to_string());
        self.write(Call::new(Method::Put, &environment_path(&app, &namespace, id)).body(body)).await
    }

    /// `DELETE /apps/{appId}/namespaces/{namespaceId}/environments/{environmentId}`, never with `force`, which
    /// would ignore what the cluster says.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn delete_environment(&self, app: Uuid, namespace: Uuid, id: &str) -> Result<JobId, ApiError> {
        let (app, namespace) = (app.to_string(), namespace.to_string());
        self.write(Call::new(Method::Delete, &environment_path(&app, &namespace, id))).await
    }
}

/// The same for any kind of resource.
impl Client {
    /// Reads one resource; nothing when the API says that it does not exist. A namespace needs its `cluster`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; [`ApiError::Incomplete`] when the document is another resource's.
    pub async fn read(&self, identity: &Identity, cluster: Option<Uuid>) -> Result<Option<Live>, ApiError> {
        let call = self.item(Method::Get, identity, cluster)?;
        let Some(answer) = self.find(&call).await? else { return Ok(None) };
        check_id(&answer, identity)?;
        let cluster = cluster.filter(|_| matches!(identity, Identity::Namespace(_)));
        Ok(Some(Live { identity: identity.clone(), cluster, document: answer.document }))
    }

    /// Creates a resource from a whole manifest. A namespace needs its `cluster`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]. After one with [`ApiError::maybe_sent`], look before repeating.
    pub async fn create(
        &self,
        identity: &Identity,
        cluster: Option<Uuid>,
        body: Value,
    ) -> Result<JobId, ApiError> {
        match (identity, cluster) {
            (Identity::Cluster(_), _) => self.create_cluster(body).await,
            (Identity::Namespace(_), Some(cluster)) => self.create_namespace(cluster, body).await,
            (Identity::Environment { app, .. }, _) => self.create_environment(*app, body).await,
            (Identity::Namespace(_), None)
            | (Identity::App(_) | Identity::CloudApp(_) | Identity::Package { .. }, _) => {
                Err(self.unaddressable(Method::Post, identity))
            }
        }
    }

    /// Replaces a resource's whole manifest. A namespace needs its `cluster`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]. After one with [`ApiError::maybe_sent`], look before repeating.
    pub async fn update(
        &self,
        identity: &Identity,
        cluster: Option<Uuid>,
        body: Value,
    ) -> Result<JobId, ApiError> {
        self.write(self.item(Method::Put, identity, cluster)?.body(body)).await
    }

    /// Deletes a resource. A namespace needs its `cluster`.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]. After one with [`ApiError::maybe_sent`], look before repeating.
    pub async fn delete(&self, identity: &Identity, cluster: Option<Uuid>) -> Result<JobId, ApiError> {
        self.write(self.item(Method::Delete, identity, cluster)?).await
    }

    /// The call for a resource's own path.
    fn item(&self, method: Method, identity: &Identity, cluster: Option<Uuid>) -> Result<Call, ApiError> {
        Ok(match (identity, cluster) {
            (Identity::Cluster(id), _) => Call::new(method, &cluster_path(&id.to_string())),
            (Identity::Namespace(id), Some(cluster)) => {
                Call::new(method, &namespace_path(&cluster.to_string(), &id.to_string()))
            }
            (Identity::App(id), _) if method.is_read() => Call::new(method, &["apps", &id.to_string()]),
            (Identity::Package { app, mark: Mark::Id(id) }, _) if method != Method::Put => {
                Call::new(method, &package_path(&app.to_string(), id))
            }
            (Identity::Environment { app, namespace, id }, _) => {
                Call::new(method, &environment_path(&app.to_string(), &namespace.to_string(), id))
            }
            (Identity::Namespace(_), None)
            | (Identity::App(_) | Identity::CloudApp(_) | Identity::Package { .. }, _) => {
                return Err(self.unaddressable(method, identity));
            }
        })
    }

    fn unaddressable(&self, method: Method, identity: &Identity) -> ApiError {
        let kind = identity.kind();
        let problem = match identity {
            Identity::Namespace(_) => "the cluster of the namespace is not known",
            Identity::Package { .. } => "the id of the package is not known, and packages do not change",
            Identity::CloudApp(_) => "an app on Mendix Cloud is read and changed in parts",
            _ => "the platform owns apps; the API cannot change them",
        };
        let request = self.request_line(&Call::new(method, &[kind.plural(), &identity.id()]));
        ApiError::Unaddressable { request, problem: problem.to_owned() }
    }
}

/// The common parts.
impl Client {
    pub(super) async fn clusters(&self, longest: &Longest) -> Result<Vec<Value>, ApiError> {
        self.list(Call::new(Method::Get, &["clusters"]), Listing::Clusters, longest).await
    }

    pub(super) async fn namespaces(
        &self,
        cluster: Uuid,
        longest: &Longest,
    ) -> Result<Option<Vec<Value>>, ApiError> {
        let call = Call::new(Method::Get, &namespaces_path(&cluster.to_string()))
            .query("retrieveEnvironments", &true);
        absent_is_none(self.list(call, Listing::Namespaces, longest).await)
    }

    pub(super) async fn environments(
        &self,
        app: Uuid,
        longest: &Longest,
    ) -> Result<Option<Vec<Value>>, ApiError> {
        let call = Call::new(Method::Get, &["apps", &app.to_string(), "environments"]);
        absent_is_none(self.list(call, Listing::Environments, longest).await)
    }

    async fn get(&self, call: Call) -> Result<Option<Value>, ApiError> {
        Ok(self.find(&call).await?.map(|answer| answer.document))
    }

    async fn find(&self, call: &Call) -> Result<Option<Answer>, ApiError> {
        absent_is_none(self.send(call).await)
    }

    pub(super) async fn write(&self, call: Call) -> Result<JobId, ApiError> {
        self.job_of(&self.send(&call).await?)
    }

    /// The job that an accepted write started.
    pub(super) fn job_of(&self, answer: &Answer) -> Result<JobId, ApiError> {
        wire::job(&answer.document, self.redactor())
            .map(|job| job.id)
            .ok_or_else(|| incomplete(answer, "it accepted the request but named no job".to_owned()))
    }

    /// Reads a whole list (see `page`). Items that move between two pages because the list changed meanwhile
    /// show up as repetitions; then the list is read anew. The contract names no largest limit and no 400 for
    /// lists; a server that has both all the same is asked for pages of the documented size.
    pub(super) async fn list(
        &self,
        call: Call,
        listing: Listing,
        longest: &Longest,
    ) -> Result<Vec<Value>, ApiError> {
        Ok(self.listed(call, listing, longest).await?.0)
    }

    /// The same, with what else the last page says.
    pub(super) async fn listed(
        &self,
        call: Call,
        listing: Listing,
        longest: &Longest,
    ) -> Result<Listed, ApiError> {
        let mut limit = match listing {
            Listing::Packages => self.page_size().min(MOST_PACKAGES),
            _ => self.page_size(),
        };
        let mut tries = 1;
        loop {
            match self.list_once(&call, listing, longest, limit).await {
                Ok(Ok(listed)) => return Ok(listed),
                Ok(Err(changed)) if tries >= LIST_TRIES => return Err(changed),
                Ok(Err(_)) => tries += 1,
                Err(ApiError::Rejected { status: 400, .. }) if limit > ALWAYS_POSSIBLE => {
                    limit = ALWAYS_POSSIBLE;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// One reading of a list; the inner error says that the list changed while it was read.
    async fn list_once(
        &self,
        call: &Call,
        listing: Listing,
        longest: &Longest,
        limit: usize,
    ) -> Result<Result<Listed, ApiError>, ApiError> {
        let (mut items, mut seen) = (Vec::new(), HashSet::new());
        let mut at = Cursor::first(limit);
        let mut pages = 0;
        loop {
            let page_call = call.clone().query("offset", &at.offset).query("limit", &at.limit);
            let mut answer = self.send(&page_call).await?;
            let page = page_items(&mut answer, listing)?;
            let paging = |problem: String| ApiError::Paging { request: answer.request.clone(), problem };
            pages += 1;
            if pages > MOST_PAGES {
                return Err(paging(format!("no end after {MOST_PAGES} pages")));
            }
            let keys: HashSet<String> = page.iter().map(|item| key(listing, item)).collect();
            let repeated = keys.iter().filter(|&key| seen.contains(key)).count();
            if repeated > 0 && repeated == keys.len() {
                return Err(paging(format!("`offset={}` gives items of earlier pages", at.offset)));
            }
            if repeated > 0 {
                return Ok(Err(paging("the list keeps changing while it is read".to_owned())));
            }
            seen.extend(keys);
            let told = answer.document.pointer("/pagination/limit").and_then(Value::as_u64);
            let told = told.and_then(|limit| usize::try_from(limit).ok());
            let next = at.limited(told).next(page.len(), longest.note(listing, page.len()));
            items.extend(page);
            match next {
                Some(next) => at = next,
                None => return Ok(Ok((items, answer))),
            }
        }
    }
}

/// The items of a page. `null` is an empty list; a missing key is not, because other services answer `{}` too.
fn page_items(answer: &mut Answer, listing: Listing) -> Result<Vec<Value>, ApiError> {
    let key = listing.key();
    match answer.document.get_mut(key).map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        Some(Value::Null) => Ok(Vec::new()),
        Some(_) => Err(incomplete(answer, format!("its `{key}` is no list"))),
        None => Err(incomplete(answer, format!("it has no `{key}`"))),
    }
}

/// What tells the items of a list apart; the whole item where it has no id. An environment's id is unique only
/// within a namespace.
fn key(listing: Listing, item: &Value) -> String {
    let text = |pointer| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim();
    let key = match listing {
        Listing::Clusters => text("/cluster/clusterId").to_lowercase(),
        Listing::Namespaces => text("/namespace/namespaceId").to_lowercase(),
        Listing::Apps => text("/app/appId").to_lowercase(),
        Listing::Packages | Listing::CloudApps | Listing::CloudEnvironments => text("/id").to_lowercase(),
        Listing::Permissions => text("/member/userId").to_lowercase(),
        Listing::Environments => match text("/environment/id") {
            "" => String::new(),
            id => format!(
                "{id} {} {} {}",
                text("/environment/provider/namespaceId").to_lowercase(),
                text("/environment/provider/clusterId").to_lowercase(),
                text("/environment/provider/namespace"),
            ),
        },
    };
    if key.is_empty() { item.to_string() } else { key }
}

/// Only a 404 with the API's own error body is absence; `wire` has made sure of that.
pub(super) fn absent_is_none<T>(result: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ApiError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes sure that a document is the one that was asked for.
fn check_id(answer: &Answer, identity: &Identity) -> Result<(), ApiError> {
    let pointer = match identity {
        Identity::Cluster(_) => "/cluster/clusterId",
        Identity::Namespace(_) => "/namespace/namespaceId",
        Identity::App(_) => "/app/appId",
        Identity::CloudApp(_) => "/cloudApp/appId",
        Identity::Package { .. } => "/package/id",
        Identity::Environment { .. } => "/environment/id",
    };
    let Some(found) = answer.document.pointer(pointer).and_then(Value::as_str).map(str::trim) else {
        return Err(incomplete(
            answer,
            format!("it has no `{}`", pointer.trim_start_matches('/').replace('/', ".")),
        ));
    };
    let same = match identity {
        Identity::Cluster(id) | Identity::Namespace(id) | Identity::App(id) | Identity::CloudApp(id) => {
            Uuid::try_parse(found).is_ok_and(|found| found == *id)
        }
        Identity::Package { mark, .. } => *mark == Mark::id(found),
        Identity::Environment { id, .. } => found == id.trim(),
    };
    if same { Ok(()) } else { Err(incomplete(answer, format!("it is about another {}", identity.kind()))) }
}

pub(super) fn incomplete(answer: &Answer, problem: String) -> ApiError {
    ApiError::Incomplete { request: answer.request.clone(), problem }
}

fn cluster_path(cluster: &str) -> [&str; 2] {
    ["clusters", cluster]
}

fn namespaces_path(cluster: &str) -> [&str; 3] {
    ["clusters", cluster, "namespaces"]
}

fn namespace_path<'a>(cluster: &'a str, namespace: &'a str) -> [&'a str; 4] {
    ["clusters", cluster, "namespaces", namespace]
}

fn package_path<'a>(app: &'a str, package: &'a str) -> [&'a str; 4] {
    ["apps", app, "packages", package]
}

fn environment_path<'a>(app: &'a str, namespace: &'a str, id: &'a str) -> [&'a str; 6] {
    ["apps", app, "namespaces", namespace, "environments", id]
}
