//! Configuration of miners: xmrig's JSON and its relatives, `key = value` files of others.
//!
//! Recognised by structure, not by name: a pool list whose entries have a URL with a port and an
//! account. JSON is read leniently (comments, trailing commas), as the miners themselves do.

use model::{Behavior, Language, Value};
use serde_json::Value as Json;

use crate::language::{FrontEnd, Signs};
use crate::world::World;

/// Largest file looked at, in bytes: a pool list is short.
const LARGEST: usize = 1 << 20;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    signs: Signs::Whole(may_be),
    ..FrontEnd::new(Language::MinerConfig, lower)
};

/// Whether a text may be such a configuration: it holds the words every one of them holds.
pub fn may_be(text: &str) -> bool {
    let text = &text[..text.len().min(text.floor_char_boundary(LARGEST))];
    let account = [
        "\"user\"",
        "\"wallet\"",
        "\"username\"",
        "\"wallet_address\"",
    ];
    let pool = [
        "\"pools\"",
        "\"pool_list\"",
        "\"pool_address\"",
        "\"url\"",
        "\"pool\"",
    ];
    account.iter().any(|word| text.contains(word)) && pool.iter().any(|word| text.contains(word))
}

/// Lowers a configuration: one [`Behavior::Mine`] a pool.
pub fn lower(world: &mut World, text: &str) -> Value {
    if text.len() > LARGEST {
        return Value::literal("");
    }
    let Ok(json) = serde_json::from_str::<Json>(&plain_json(text)) else {
        return Value::literal("");
    };
    let algorithm = ["algo", "algorithm", "currency", "coin"]
        .iter()
        .find_map(|key| string(&json, key));
    for pool in pools(&json) {
        let url = ["url", "pool_address", "pool", "host"]
            .iter()
            .find_map(|key| string(pool, key));
        let account = ["user", "wallet_address", "wallet", "username"]
            .iter()
            .find_map(|key| string(pool, key));
        let own = ["algo", "coin", "algorithm"]
            .iter()
            .find_map(|key| string(pool, key));
        let (Some(url), Some(account)) = (url, account) else {
            continue;
        };
        if !names_a_pool(url) || !world.burn(1) {
            continue;
        }
        let line = text
            .find(url)
            .map_or(0, |at| text[..at].matches('\n').count() + 1);
        let evidence = text.lines().nth(line.saturating_sub(1)).unwrap_or(url);
        world.at(u32::try_from(line).unwrap_or(0), evidence);
        world.act(Behavior::Mine {
            pool: Value::literal(url),
            account: Value::literal(account),
            algorithm: Value::literal(own.or(algorithm).unwrap_or_default()),
        });
    }
    Value::literal("")
}

/// The entries of the pool list, or the document itself if it names one pool.
fn pools(json: &Json) -> Vec<&Json> {
    let list = ["pools", "pool_list"]
        .iter()
        .find_map(|key| json.get(key)?.as_array());
    match list {
        Some(list) => list.iter().take(64).collect(),
        None => vec![json],
    }
}

fn string<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A pool is a host and a port, with a stratum scheme or none; a web address is not.
fn names_a_pool(url: &str) -> bool {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let known = scheme.is_empty()
        || scheme.starts_with("stratum")
        || matches!(
            scheme,
            "daemon+http" | "daemon+https" | "socks5" | "ssl" | "tcp"
        );
    let port = rest
        .rsplit_once(':')
        .and_then(|(_, port)| port.trim_end_matches('/').parse::<u16>().ok());
    known && port.is_some()
}

/// JSON with comments and trailing commas taken out.
fn plain_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            match c {
                '\\' => out.extend(chars.next()),
                '"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match (c, chars.peek()) {
            ('"', _) => {
                quoted = true;
                out.push(c);
            }
            ('/', Some('/')) => while chars.next_if(|&c| c != '\n').is_some() {},
            ('/', Some('*')) => {
                let mut last = ' ';
                for c in chars.by_ref().skip(1) {
                    if (last, c) == ('*', '/') {
                        break;
                    }
                    last = c;
                }
            }
            (']' | '}', _) => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use model::Budget;

    use super::*;

    fn mined(text: &str) -> Vec<(String, String)> {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        lower(&mut world, text);
        let acts = world.finish().acts;
        let mine = |act: model::Act| match act.behavior {
            Behavior::Mine { pool, account, .. } => (pool.text, account.text),
            other => panic!("{other:?}"),
        };
        acts.into_iter().map(mine).collect()
    }

    #[test]
    fn pools_are_read_leniently() {
        let text = "{ // note\n \"pools\": [ {\"url\": \"pool.example.com:3333\", \"user\": \"4abc\", }, ], /* x */ }";
        assert_eq!(
            mined(text),
            [("pool.example.com:3333".to_owned(), "4abc".to_owned())]
        );
    }

    #[test]
    fn other_configuration_is_not_mining() {
        assert!(mined(r#"{"url": "https://example.com:8443/api", "user": "x"}"#).is_empty());
        assert!(mined(r#"{"pools": [{"url": "db.example.com", "user": "x"}]}"#).is_empty());
    }
}
