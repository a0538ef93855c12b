//! Apps on Mendix Cloud, as far as an import names them: who may do what in each of their environments.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::client::Client;
use super::error::ApiError;
use super::fetch::fetch_more;
use super::survey::Survey;
use crate::model::{Identity, Kind, LiveState, ReadScope};

/// Adds the apps that are named, by name or id. Sends only GET, and nothing where none is named.
pub(super) async fn add(client: &Client, wanted: &[String], survey: &mut Survey) -> Result<(), ApiError> {
    let listed = match wanted.iter().all(|text| Uuid::try_parse(text).is_ok()) {
        true => Vec::new(),
        false => client.list_cloud_apps().await?,
    };
    let mut apps = BTreeSet::new();
    for text in wanted {
        let before = apps.len();
        match Uuid::try_parse(text) {
            Ok(id) => apps.extend([id]),
            Err(_) => apps.extend(listed.iter().filter(|app| name(app) == Some(text)).filter_map(id)),
        }
        if apps.len() == before && Uuid::try_parse(text).is_err() {
            survey.unknown.push(text.clone());
        }
    }
    let mut names = BTreeMap::new();
    let mut scope = ReadScope::default();
    for app in apps {
        let environments = match environments(client, app).await {
            Ok(Some(environments)) => environments,
            Ok(None) => {
                survey.unknown.push(app.to_string());
                continue;
            }
            // Read with the rest, and told there.
            Err(ApiError::Forbidden { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let ids = environments.iter().filter_map(id).collect();
        names.extend(environments.iter().filter_map(|it| Some((id(it)?, name(it)?.to_owned()))));
        scope.cloud_apps.insert(app, ids);
    }
    let known: LiveState = std::mem::take(&mut survey.live);
    survey.live = fetch_more(client, &scope, known).await?;
    give_names(&mut survey.live, &names);
    Ok(())
}

/// The environments of an app whose access can be managed: those of a free app are not among them.
async fn environments(client: &Client, app: Uuid) -> Result<Option<Vec<Value>>, ApiError> {
    let Some(live) = client.read_cloud_app(app, &BTreeSet::new()).await? else { return Ok(None) };
    if live.text("/licenseType").is_some_and(|license| license.trim().eq_ignore_ascii_case("free")) {
        return Ok(Some(Vec::new()));
    }
    client.list_cloud_environments(app).await
}

/// The names of environments, for people; the document of an app has only their ids.
fn give_names(live: &mut LiveState, names: &BTreeMap<Uuid, String>) {
    for app in live.resources.values_mut().filter(|it| matches!(it.identity, Identity::CloudApp(_))) {
        let environments = app.document.get_mut(Kind::CloudApp.name());
        let environments = environments.and_then(|it| it.get_mut("environments")?.as_array_mut());
        for environment in environments.into_iter().flatten() {
            let id = environment.get("environmentId").and_then(Value::as_str);
            let name = id.and_then(|id| names.get(&Uuid::try_parse(id).ok()?));
            if let (Some(name), Some(fields)) = (name, environment.as_object_mut()) {
                fields.insert("name".to_owned(), name.clone().into());
            }
        }
    }
}

fn id(document: &Value) -> Option<Uuid> {
    Uuid::try_parse(document.get("id")?.as_str()?.trim()).ok()
}

fn name(document: &Value) -> Option<&str> {
    document.get("name")?.as_str()
}
