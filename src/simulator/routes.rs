//! The table of endpoints: which function answers which path, and what a token must be allowed to.

use jiff::Timestamp;

use super::{
    access::Access,
    installer,
    message::{Answer, Call, Content, Refusal, Reply},
    world::World,
};

/// Where the API of the private cloud begins.
pub(super) const BASE: &str = "/api/v4";

type Run<const N: usize> = fn(&mut World, &Call, [&str; N], Timestamp) -> Reply;

/// The function behind an endpoint, by the number of ids in its path.
#[derive(Clone, Copy)]
pub(super) enum Endpoint {
    None(fn(&mut World, &Call, Timestamp) -> Reply),
    One(Run<1>),
    Two(Run<2>),
    Three(Run<3>),
}

/// What a path leads to.
pub(super) enum Found {
    Endpoint { endpoint: Endpoint, access: Access, ids: Vec<String> },
    WrongMethod,
    Nothing,
}

use Access::{BuildRead, BuildWrite, Read, Write};
use Endpoint::{None as Zero, One, Three, Two};

/// Reading apps needs the scope for writes (NOTES 1), so a read token cannot. `POST /cli` changes nothing.
const ENDPOINTS: &[(&str, &str, Access, Endpoint)] = &[
    ("GET", "/jobs/{}", Read, One(|world, call, ids, _| world.get_job(call, ids))),
    ("GET", "/clusters", Read, Zero(|world, call, _| world.list_clusters(call))),
    ("POST", "/clusters", Write, Zero(World::create_cluster)),
    ("GET", "/clusters/{}", Read, One(|world, _, ids, _| world.get_cluster(ids))),
    ("PUT", "/clusters/{}", Write, One(World::update_cluster)),
    ("DELETE", "/clusters/{}", Write, One(World::delete_cluster)),
    ("GET", "/clusters/{}/namespaces", Read, One(|world, call, ids, _| world.list_namespaces(call, ids))),
    ("POST", "/clusters/{}/namespaces", Write, One(World::create_namespace)),
    ("GET", "/clusters/{}/namespaces/{}", Read, Two(|world, call, ids, _| world.get_namespace(call, ids))),
    ("PUT", "/clusters/{}/namespaces/{}", Write, Two(World::update_namespace)),
    ("DELETE", "/clusters/{}/namespaces/{}", Write, Two(World::delete_namespace)),
    ("GET", "/apps", Write, Zero(|world, call, _| world.list_apps(call))),
    ("GET", "/apps/{}", Write, One(|world, _, ids, _| world.get_app(ids))),
    ("GET", "/apps/{}/packages", BuildRead, One(|world, call, ids, _| world.list_packages(call, ids))),
    ("POST", "/apps/{}/packages", BuildWrite, One(World::upload_package)),
    ("POST", "/apps/{}/packages/build", BuildWrite, One(World::build_package)),
    (
        "GET",
        "/apps/{}/packages/{}",
        BuildRead,
        Two(|world, call, ids, now| world.get_package(call, ids, now)),
    ),
    ("DELETE", "/apps/{}/packages/{}", BuildWrite, Two(World::delete_package)),
    ("GET", "/apps/{}/environments", Read, One(|world, call, ids, _| world.list_environments(call, ids))),
    ("POST", "/apps/{}/environments", Write, One(World::create_environment)),
    (
        "GET",
        "/apps/{}/environments/{}",
        Read,
        Two(|world, _, ids, _| world.get_environment(world.full_key(ids)?.each())),
    ),
    (
        "PUT",
        "/apps/{}/environments/{}",
        Write,
        Two(|world, call, ids, now| world.update_environment(call, world.full_key(ids)?.each(), now)),
    ),
    (
        "DELETE",
        "/apps/{}/environments/{}",
        Write,
        Two(|world, call, ids, now| world.delete_environment(call, world.full_key(ids)?.each(), now)),
    ),
    (
        "GET",
        "/apps/{}/namespaces/{}/environments/{}",
        Read,
        Three(|world, _, ids, _| world.get_environment(ids)),
    ),
    ("PUT", "/apps/{}/namespaces/{}/environments/{}", Write, Three(World::update_environment)),
    ("DELETE", "/apps/{}/namespaces/{}/environments/{}", Write, Three(World::delete_environment)),
    ("GET", "/cli", Read, Zero(|world, _, _| world.list_cli_versions())),
    ("POST", "/cli/{}", Read, One(|world, call, ids, _| world.get_cli(call, ids))),
];

/// Looks a path below the base up.
pub(super) fn find(method: &str, path: &str) -> Found {
    let mut found = Found::Nothing;
    for (wanted, pattern, access, endpoint) in ENDPOINTS {
        let Some(ids) = capture(pattern, path) else { continue };
        if *wanted == method {
            return Found::Endpoint { endpoint: *endpoint, access: *access, ids };
        }
        found = Found::WrongMethod;
    }
    found
}

/// Paths outside the API: only the stand-in for the CDN, which is another host and takes no token.
pub(super) fn outside(world: &World, call: &Call, now: Timestamp) -> Reply {
    if let Some(package) = call.path.strip_prefix("/cdn/packages/").filter(|_| call.authorization.is_none()) {
        return world.download_package(call, package, now);
    }
    match call.path.strip_prefix("/cdn/") {
        Some(_) if call.authorization.is_some() => {
            Err(Refusal::new(400, "A token of the API was sent to another host"))
        }
        Some(file) if call.method == "GET" && file.starts_with("mxpc-cli-") => {
            let body = Content::File(installer::script(&world.settings.origin));
            Ok(Answer { status: 200, headers: Vec::new(), body })
        }
        Some(file) if call.method == "GET" => {
            let body = Content::File(format!("simulated {file}\n"));
            Ok(Answer { status: 200, headers: Vec::new(), body })
        }
        _ => Err(Refusal::not_found("Path", &call.path)),
    }
}

/// The ids in a path that has this pattern.
pub(super) fn capture(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    let mut steps = path.split('/');
    for part in pattern.split('/') {
        let step = steps.next()?;
        if part == "{}" {
            ids.push(unescape(step)?);
        } else if part != step {
            return None;
        }
    }
    (steps.next().is_none() && ids.iter().all(|id| !id.is_empty())).then_some(ids)
}

/// Resolves percent escapes; `None` for broken ones.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            plain.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            plain.push(byte);
        }
    }
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found() {
        let ids = |path| match find("GET", path) {
            Found::Endpoint { ids, .. } => Some(ids),
            _ => None,
        };
        assert_eq!(
            ids("/apps/a/namespaces/n/environments/e%2Fx"),
            Some(vec!["a".into(), "n".into(), "e/x".into()])
        );
        assert_eq!(ids("/clusters"), Some(Vec::new()));
        for path in ["/clusters/", "/clusters/a/b", "/clusters/%zz", "/clusters/%e2%82", "", "/"] {
            assert!(matches!(find("GET", path), Found::Nothing), "{path}");
        }
        assert!(matches!(find("PATCH", "/clusters"), Found::WrongMethod));
    }

    #[test]
    fn the_table_agrees_with_the_patterns() {
        for (_, pattern, _, endpoint) in ENDPOINTS {
            let ids = pattern.matches("{}").count();
            let takes = match endpoint {
                Zero(_) => 0,
                One(_) => 1,
                Two(_) => 2,
                Three(_) => 3,
            };
            assert_eq!(ids, takes, "{pattern}");
        }
    }
}
