//! Mendix Cloud: the Deploy API v3 and v4, under a base URL of its own. Synchronous: an answered write is done.
//!
//! The API has no document of an app with its access; one is put together here, in the shape that the files have:
//!
//! ```text
//! GET /apps/ID (v4)                             ──▶ name, licenseType, technicalContact
//! GET /apps/ID/environments/ID/permissions …    ──▶ environments[ID].permissions
//! ```

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::model::{Identity, Live};

use super::client::{Answer, Call, Client};
use super::endpoints::{absent_is_none, incomplete};
use super::error::{ApiError, Method};
use super::fetch::join;
use super::page::{Listing, Longest};

/// A version of the API. The base URL says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloudVersion {
    /// Permissions and the technical contact, nothing else.
    V3,
    /// The same, and apps and environments can be listed.
    V4,
}

/// The permissions of an environment, and the technical contact of its app, which come along.
struct Permissions {
    rows: Vec<Value>,
    contact: Option<String>,
}

impl Client {
    /// `GET /apps` of version 4, all pages: the apps of Mendix Cloud that the owner of the token is a member of, free
    /// ones included.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_cloud_apps(&self) -> Result<Vec<Value>, ApiError> {
        let call = Call::cloud(Method::Get, &["apps"]);
        self.list(call, Listing::CloudApps, &Longest::default()).await
    }

    /// `GET /apps/{appId}/environments` of version 4, all pages; nothing when the app does not exist.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]; a list is given whole or not at all.
    pub async fn list_cloud_environments(&self, app: Uuid) -> Result<Option<Vec<Value>>, ApiError> {
        let call = Call::cloud(Method::Get, &["apps", &app.to_string(), "environments"]);
        absent_is_none(self.list(call, Listing::CloudEnvironments, &Longest::default()).await)
    }

    /// Reads the access to an app in these of its environments; nothing when the app does not exist. Environments
    /// that do not exist are not in the document. Version 3 tells neither name nor license, and the technical contact
    /// only with the permissions of an environment.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn read_cloud_app(
        &self,
        app: Uuid,
        environments: &BTreeSet<Uuid>,
    ) -> Result<Option<Live>, ApiError> {
        let mut reads = JoinSet::new();
        for &environment in environments {
            let client = self.clone();
            reads.spawn(async move { Ok((environment, client.permissions(app, environment).await?)) });
        }
        let known = match self.cloud_version() {
            CloudVersion::V4 => match self.cloud_app(app).await {
                Ok(None) => return Ok(None),
                // Somebody who may not see the app may be allowed to see its permissions.
                Err(ApiError::Forbidden { .. }) if !environments.is_empty() => None,
                other => other?,
            },
            CloudVersion::V3 => None,
        };
        let mut found = join(reads).await?;
        found.sort_by_key(|(environment, _)| *environment);
        let is_unknown = known.is_none() && !environments.is_empty();
        if is_unknown && found.iter().all(|(_, permissions)| permissions.is_none()) {
            return Ok(None);
        }
        Ok(Some(Live {
            identity: Identity::CloudApp(app),
            cluster: None,
            document: document(app, known, found),
        }))
    }

    /// Reads the technical contact of an app, without any permissions where the version of the API allows that.
    /// `environments` are those that may be asked where it does not.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn read_cloud_contact(
        &self,
        app: Uuid,
        environments: &BTreeSet<Uuid>,
    ) -> Result<Option<Live>, ApiError> {
        let any: BTreeSet<Uuid> = environments.iter().take(1).copied().collect();
        if self.cloud_version() == CloudVersion::V3 {
            return self.read_cloud_app(app, &any).await;
        }
        match self.read_cloud_app(app, &BTreeSet::new()).await {
            Err(ApiError::Forbidden { .. }) if !any.is_empty() => self.read_cloud_app(app, &any).await,
            read => read,
        }
    }

    /// Sends what is in a part of such a document: the technical contact, and the members of its environments.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`]. After one with [`ApiError::maybe_sent`], look before repeating.
    pub async fn patch_cloud_app(&self, app: Uuid, part: &Value) -> Result<(), ApiError> {
        let app = app.to_string();
        for environment in part.get("environments").and_then(Value::as_array).into_iter().flatten() {
            let id = environment.get("environmentId").and_then(Value::as_str).unwrap_or_default();
            let rows = environment.get("permissions").and_then(Value::as_array).into_iter().flatten();
            let rows: Vec<_> = rows.map(wire_row).collect();
            let path = ["apps", &app, "environments", id, "permissions"];
            self.send(&Call::cloud(Method::Patch, &path).body(json!({ "permissions": rows }))).await?;
        }
        if let Some(contact) = part.get("technicalContact") {
            let body = json!({"technicalContact": {"userId": contact}});
            self.send(&Call::cloud(Method::Patch, &["apps", &app]).body(body)).await?;
        }
        Ok(())
    }

    /// `GET /apps/{appId}`.
    async fn cloud_app(&self, app: Uuid) -> Result<Option<Value>, ApiError> {
        let call = Call::cloud(Method::Get, &["apps", &app.to_string()]);
        let Some(answer) = absent_is_none(self.send(&call).await)? else { return Ok(None) };
        let id = answer.document.get("id").and_then(Value::as_str).map(str::trim);
        match id.and_then(|id| Uuid::try_parse(id).ok()) {
            Some(id) if id == app => Ok(Some(answer.document)),
            Some(_) => Err(incomplete(&answer, "it is about another app".to_owned())),
            None => Err(incomplete(&answer, "it has no `id`".to_owned())),
        }
    }

    /// `GET /apps/{appId}/environments/{environmentId}/permissions`, all pages.
    async fn permissions(&self, app: Uuid, environment: Uuid) -> Result<Option<Permissions>, ApiError> {
        let (app, environment) = (app.to_string(), environment.to_string());
        let path = ["apps", &app, "environments", &environment, "permissions"];
        let call = Call::cloud(Method::Get, &path);
        let listed = self.listed(call, Listing::Permissions, &Longest::default()).await;
        let Some((items, last)) = absent_is_none(listed)? else { return Ok(None) };
        let rows: Option<Vec<_>> = items.into_iter().map(file_row).collect();
        let rows = rows.ok_or_else(|| incomplete(&last, "an item has no `member.userId`".to_owned()))?;
        let contact = last.document.get("technicalContact").and_then(user).map(str::to_owned);
        Ok(Some(Permissions { rows, contact }))
    }
}

fn document(app: Uuid, known: Option<Value>, found: Vec<(Uuid, Option<Permissions>)>) -> Value {
    let mut fields = Map::new();
    fields.insert("appId".to_owned(), app.to_string().into());
    let mut contact = None;
    if let Some(mut known) = known {
        contact = known.get("technicalContact").and_then(user).map(str::to_owned);
        for name in ["name", "licenseType"] {
            fields.extend(known.get_mut(name).map(|value| (name.to_owned(), value.take())));
        }
    }
    let mut environments = Vec::new();
    for (environment, permissions) in found {
        let Some(Permissions { rows, contact: told }) = permissions else { continue };
        contact = contact.or(told);
        environments.push(json!({"environmentId": environment.to_string(), "permissions": rows}));
    }
    fields.extend(contact.map(|contact| ("technicalContact".to_owned(), contact.into())));
    fields.insert("environments".to_owned(), environments.into());
    json!({ "cloudApp": fields })
}

/// The mail address of a user: a text in permissions, an object in an app.
fn user(value: &Value) -> Option<&str> {
    let text = value.get("userId").unwrap_or(value).as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// `{member: {userId}, …}` becomes `{userId, …}`.
fn file_row(item: Value) -> Option<Value> {
    let Value::Object(mut fields) = item else { return None };
    let member = fields.shift_remove("member")?;
    let mut row = Map::from_iter([("userId".to_owned(), user(&member)?.into())]);
    row.extend(fields.into_iter().map(|(name, value)| (name, truth(value))));
    Some(Value::Object(row))
}

/// Version 4 gives booleans as texts.
fn truth(value: Value) -> Value {
    match value.as_str().map(str::trim) {
        Some(text) if text.eq_ignore_ascii_case("true") => true.into(),
        Some(text) if text.eq_ignore_ascii_case("false") => false.into(),
        _ => value,
    }
}

/// And back.
fn wire_row(row: &Value) -> Value {
    let Value::Object(mut fields) = row.clone() else { return row.clone() };
    let user = fields.shift_remove("userId").unwrap_or_default();
    let mut item = Map::from_iter([("member".to_owned(), json!({ "userId": user }))]);
    item.extend(fields);
    Value::Object(item)
}

/// What the answers of one list gave: its items, and the last page without them.
pub(super) type Listed = (Vec<Value>, Answer);
