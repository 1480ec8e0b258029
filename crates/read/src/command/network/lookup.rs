//! Programs that look names up: what they ask for leaves the machine, and what they print came from
//! whoever answers for the name.

use model::{Behavior, Protocol, Provenance, Value};

use crate::command::{Call, Ran};
use crate::world::World;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let prints_records = match name {
        "dig" | "nslookup" | "host" | "drill" | "kdig" | "delv" | "dog" | "q" => true,
        "ping" | "ping6" | "fping" | "traceroute" | "mtr" => false,
        _ => return None,
    };
    let is_name = |word: &&Value| !word.text.starts_with(['-', '+', '@']);
    let mut asked = None;
    for word in call.arguments.iter().filter(is_name) {
        // A name with something in it that the program read carries it away.
        if !word.known && word.was_read() {
            tell(world, word);
        }
        let is_type = word.text.len() <= 5 && !word.text.contains('.');
        if asked.is_none() && !is_type {
            asked = Some(word);
        }
    }
    let printed = match asked {
        Some(asked) if prints_records => {
            Value::unknown(Provenance::Fetched(format!("dns:{}", asked.text)))
        }
        _ => Value::unknown(Provenance::Output(name.to_owned())),
    };
    Some(Ran::Prints(
        printed.with_source(Provenance::Output(name.to_owned())),
    ))
}

/// Records a name that is looked up as what is sent to those who answer for it.
fn tell(world: &mut World, name: &Value) {
    // The part behind the last placeholder is whose name it is.
    let owner = name.map_text(|text| {
        let behind = text.rsplit('}').next().unwrap_or(text);
        behind.trim_start_matches('.').to_owned()
    });
    let host = if owner.text.is_empty() {
        name.clone()
    } else {
        Value::literal(owner.text)
    };
    let connection = world.connect(Protocol::Udp, host, Value::literal("53"));
    world.act(Behavior::Send {
        connection,
        data: name.clone(),
    });
}
