//! Programs that print, decode and transform text: echo, printf, base64, xxd, tr, sed and the like.
//!
//! What such a program prints is computed as far as its input is known; otherwise the input's
//! provenance goes on to the output.

use model::{Behavior, Provenance, Value};

use super::{BYTES_PER_UNIT, Call, Ran};
use crate::world::{World, is_placeholder};

mod decode;
mod lines;
mod pattern;
mod print;
mod sed;
mod told;
mod translate;

/// Outputs up to this many bytes are not charged to what decoding may yield: fuel bounds how many
/// of them there are.
const FREE_OUTPUT: usize = 4_096;

/// Most files that one command puts together.
const SOURCE_FILES: usize = 256;

/// Matching steps that cost a unit of fuel.
const STEPS_PER_UNIT: u64 = 8;

/// Takes the fuel for `steps` of matching; `false` when none is left.
fn burn_steps(world: &mut World, steps: u64) -> bool {
    world.burn(steps / STEPS_PER_UNIT)
}

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let name = match name {
        "gecho" => "echo",
        "gbase64" => "base64",
        "gtr" => "tr",
        "gsed" => "sed",
        other => other,
    };
    match name {
        "sed" => Some(sed::run(world, call)),
        _ => print::run(world, name, call)
            .or_else(|| decode::run(world, name, call))
            .or_else(|| translate::run(world, name, call))
            .or_else(|| lines::run(world, name, call))
            .or_else(|| told::run(world, name, call)),
    }
}

/// What a program prints; `None` if that is more than the budget allows.
fn printed(world: &mut World, value: Value) -> Ran {
    if value.text.len() > FREE_OUTPUT && !world.unfold(value.text.len()) {
        return Ran::Prints(Value::unknown(Provenance::Unknown));
    }
    Ran::Prints(value)
}

/// What a program reads: the files named, one after another, or its standard input. A file that
/// the program did not write is recorded as read.
pub fn source(world: &mut World, call: &Call, operands: &[Value]) -> Value {
    if operands.is_empty() {
        return call.input_value(world);
    }
    let limit = world.budget().unfolded;
    let mut all = Value::literal("");
    for operand in operands.iter().take(SOURCE_FILES) {
        let content = if matches!(operand.text.as_str(), "-" | "/dev/stdin") {
            call.input_value(world)
        } else {
            if world.written(&operand.text).is_none() {
                world.act(Behavior::Read {
                    path: operand.clone(),
                });
            }
            world.content_of(operand)
        };
        if all.text.len().saturating_add(content.text.len()) > limit {
            world.gap(format!("more than {limit} bytes of text put together"));
            break;
        }
        let units = u64::try_from(content.text.len() / BYTES_PER_UNIT).unwrap_or(u64::MAX);
        if !world.burn(units) {
            break;
        }
        all.append(&content);
    }
    if operands.len() > SOURCE_FILES {
        world.gap(format!("more than {SOURCE_FILES} files put together"));
        all.known = false;
    }
    all
}

/// The result of decoding `value` with `undo`: known if the input is, and of that encoding.
fn decoded(
    world: &mut World,
    value: &Value,
    scheme: &str,
    undo: impl FnOnce(&[u8], usize) -> Option<Vec<u8>>,
) -> Value {
    let source = Provenance::Decoded(scheme.to_owned());
    let unknown = || {
        let mut unknown = value.clone().with_source(source.clone());
        unknown.known = false;
        if !is_placeholder(&unknown) {
            "{?}".clone_into(&mut unknown.text);
        }
        unknown
    };
    let Some(text) = value.as_known() else {
        return unknown();
    };
    let limit = world.unfold_left();
    let bytes = crate::encoding::to_bytes(text);
    let Some(out) = undo(&bytes, limit) else {
        return unknown();
    };
    // What fills the bound to the last byte was cut off by it.
    let cost = if out.len() >= limit {
        out.len() + 1
    } else {
        out.len()
    };
    if !world.unfold(cost) && (cost == out.len() || out.is_empty()) {
        return unknown();
    }
    let out = crate::encoding::to_text(&out);
    value.map_text(|_| out).with_source(source)
}
