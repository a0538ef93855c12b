//! Pages of lists, and the order in which lists come back.

use serde_json::Value;

use super::message::Call;

/// The part of a list that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) offset: usize,
    pub(super) limit: usize,
}

impl Page {
    /// Reads `offset` and `limit`. The lists declare no 400, so nonsense falls back to the default.
    pub(super) fn of(call: &Call, default: usize, max: usize) -> Self {
        let number = |name: &str| call.parameter(name).and_then(|text| text.trim().parse::<usize>().ok());
        let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(default);
        Self { offset: number("offset").unwrap_or(0), limit: limit.min(max.max(1)) }
    }

    /// Cuts the page out of items, each with the key that decides its place.
    pub(super) fn cut<T>(self, mut items: Vec<(String, T)>) -> Vec<T> {
        items.sort_by_cached_key(|(key, _)| (hash(key), key.clone()));
        items.into_iter().skip(self.offset).take(self.limit).map(|(_, item)| item).collect()
    }
}

/// Reorders every list of objects: nobody may rely on an order that the contract does not promise (NOTES 1).
pub(super) fn shuffle(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(shuffle),
        Value::Array(list) => {
            list.iter_mut().for_each(shuffle);
            let place = |item: &Value| hash(&key(item));
            if list.is_sorted_by_key(place) {
                // By chance it is in that order already; then any other will do.
                list.reverse();
            } else {
                list.sort_by_cached_key(place);
            }
        }
        _ => {}
    }
}

/// What tells an item from its siblings: in all lists of the contract the first strings do.
fn key(item: &Value) -> String {
    match item {
        Value::Object(map) => map.values().filter_map(Value::as_str).take(3).collect(),
        other => other.to_string(),
    }
}

/// FNV-1a: the same on every machine and in every version, which the standard library's is not.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(query: &str) -> Page {
        Page::of(&Call { query: query.into(), ..Call::default() }, 20, 100)
    }

    #[test]
    fn nonsense_falls_back_and_large_limits_are_clamped() {
        assert_eq!(page(""), Page { offset: 0, limit: 20 });
        assert_eq!(page("offset=40&limit=1000"), Page { offset: 40, limit: 100 });
        assert_eq!(page("offset=-1&limit=0"), Page { offset: 0, limit: 20 });
    }

    #[test]
    fn pages_cover_everything_once() {
        let items = || (0..45).map(|n| (format!("key {n}"), n)).collect::<Vec<_>>();
        let mut seen: Vec<i32> =
            [0, 20, 40].into_iter().flat_map(|offset| Page { offset, limit: 20 }.cut(items())).collect();
        assert_ne!(seen, (0..45).collect::<Vec<_>>());
        seen.sort_unstable();
        assert_eq!(seen, (0..45).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_never_comes_back_as_sent() {
        for names in [["a", "b"], ["b", "a"]] {
            let sent = json!({"list": names.map(|name| json!({"name": name, "value": "1"}))});
            let mut got = sent.clone();
            shuffle(&mut got);
            assert_ne!(sent, got);
        }
    }
}
