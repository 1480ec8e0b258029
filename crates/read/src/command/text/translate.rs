//! Programs that exchange or pick characters: tr, rev, cut, fold.

use std::collections::{BTreeMap, BTreeSet};

use model::{Provenance, Value};

use super::pattern::class;
use super::print::escapes;
use super::{printed, source};
use crate::command::{Arguments, Call, Grammar, Ran};
use crate::encoding::substitution;
use crate::world::{World, is_placeholder};

/// Most characters a set of `tr` is spelled out to.
const SET_LENGTH: usize = 65_536;

/// Most ranges of a list that `cut` is given.
const RANGES: usize = 64;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "tr" => Some(tr(world, call)),
        "rev" => Some(rev(world, call)),
        "cut" => Some(cut(world, call)),
        "fold" => Some(fold(world, call)),
        _ => None,
    }
}

/// `value` with its text changed if all of it is known; otherwise its provenance.
pub fn changed(value: &Value, change: impl FnOnce(&str) -> String) -> Value {
    if value.known {
        return value.map_text(change);
    }
    if is_placeholder(value) {
        return value.clone();
    }
    value.map_text(|_| "{?}".to_owned())
}

/// A set of `tr` spelled out: ranges, classes, escapes, `[x*n]`.
fn set(text: &str) -> Vec<char> {
    let (text, _) = escapes(text, false);
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut rest = chars.as_slice();
    while let Some((&c, after)) = rest.split_first() {
        if out.len() >= SET_LENGTH {
            break;
        }
        if let ['[', ':', name @ ..] = rest
            && let Some(end) = name.windows(2).position(|pair| pair == [':', ']'])
        {
            let (name, tail) = name.split_at(end);
            let name: String = name.iter().collect();
            let ranges = class(&name).unwrap_or_default();
            out.extend(ranges.iter().flat_map(|(low, high)| *low..=*high));
            rest = tail.get(2..).unwrap_or_default();
            continue;
        }
        if let ['[', c, '*', tail @ ..] = rest
            && let Some(end) = tail.iter().position(|c| *c == ']')
        {
            let count: String = tail.iter().take(end).collect();
            let count = count.parse().unwrap_or(SET_LENGTH).min(SET_LENGTH);
            out.extend(std::iter::repeat_n(*c, count));
            rest = tail.get(end + 1..).unwrap_or_default();
            continue;
        }
        match after {
            ['-', high, tail @ ..] if *high >= c => {
                out.extend((c..=*high).take(SET_LENGTH));
                rest = tail;
            }
            _ => {
                out.push(c);
                rest = after;
            }
        }
    }
    out
}

fn tr(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            stops: true,
            ..Grammar::default()
        },
        &call.arguments,
    );
    let value = call.input_value(world);
    let [first, second] =
        [0, 1].map(|at| arguments.operand(at).map(|operand| operand.text.as_str()));
    let from = set(first.unwrap_or_default());
    let is_complement = arguments.has(&["c", "C", "complement"]);
    let places = places(&from);
    let deletes = arguments.has(&["d", "delete"]);
    let squeezes = arguments.has(&["s", "squeeze-repeats"]);
    let to = second.filter(|_| !deletes).map(set);
    let result = changed(&value, |text| {
        let kept = text
            .chars()
            .filter(|c| !deletes || places.contains_key(c) == is_complement);
        let exchanged = kept.map(|c| match &to {
            Some(to) => exchange(&places, to, is_complement, c),
            None => c,
        });
        if !squeezes {
            return exchanged.collect();
        }
        let squeezed = match (&to, second) {
            (Some(to), _) => to.clone(),
            (None, Some(second)) => set(second),
            (None, None) => from.clone(),
        };
        let squeezed: BTreeSet<char> = squeezed.into_iter().collect();
        let mut last = None;
        exchanged
            .filter(|c| {
                let repeats = last == Some(*c) && squeezed.contains(c);
                last = Some(*c);
                !repeats
            })
            .collect()
    });
    // Letters exchanged for others are an encoding; dropping line ends is not.
    let is_encoding = to.as_ref().is_some_and(|to| {
        to.iter()
            .zip(&from)
            .filter(|(to, from)| {
                to != from && to.is_alphanumeric() && !to.eq_ignore_ascii_case(from)
            })
            .count()
            > 1
    });
    let result = if is_encoding {
        result.with_source(Provenance::Decoded("tr".to_owned()))
    } else {
        result
    };
    printed(world, result)
}

/// Where each character stands in a set, first place first.
fn places(set: &[char]) -> BTreeMap<char, usize> {
    let mut places = BTreeMap::new();
    for (at, c) in set.iter().enumerate() {
        places.entry(*c).or_insert(at);
    }
    places
}

/// The character of `to` where `c` stands in the first set; the last one if `to` is shorter.
fn exchange(from: &BTreeMap<char, usize>, to: &[char], is_complement: bool, c: char) -> char {
    let last = to.last().copied().unwrap_or(c);
    match (from.get(&c), is_complement) {
        (Some(at), false) => to.get(*at).copied().unwrap_or(last),
        (None, true) => last,
        _ => c,
    }
}

fn rev(world: &mut World, call: &Call) -> Ran {
    let value = source(world, call, &call.arguments);
    let result = changed(&value, |text| {
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            out.push_str(&substitution::reverse(line));
            out.push_str(end);
        }
        out
    });
    printed(
        world,
        result.with_source(Provenance::Decoded("rev".to_owned())),
    )
}

/// The ranges of a list such as `1,3-5,7-`, from 1.
fn ranges(list: &str) -> Vec<(usize, usize)> {
    let bound = |text: &str, otherwise: usize| text.trim().parse().unwrap_or(otherwise);
    list.split(',')
        .take(RANGES)
        .map(|part| match part.split_once('-') {
            Some((low, high)) => (bound(low, 1), bound(high, usize::MAX)),
            None => (bound(part, 0), bound(part, 0)),
        })
        .collect()
}

fn cut(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "bcdf",
        long: &[
            "bytes",
            "characters",
            "delimiter",
            "fields",
            "output-delimiter",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let value = source(world, call, &arguments.operands);
    let characters = arguments.value(&["c", "b", "characters", "bytes"]);
    let fields = arguments.value(&["f", "fields"]);
    let delimiter = arguments
        .value(&["d", "delimiter"])
        .and_then(|value| value.text.chars().next())
        .unwrap_or('\t');
    let only_delimited = arguments.has(&["s", "only-delimited"]);
    let list = ranges(characters.or(fields).map_or("", |list| list.text.as_str()));
    let is_wanted = |at: usize| {
        list.iter()
            .any(|(low, high)| (*low..=*high).contains(&(at + 1)))
    };
    let pick = |line: &str| -> String {
        if characters.is_some() {
            let wanted = line.chars().enumerate().filter(|(at, _)| is_wanted(*at));
            return wanted.map(|(_, c)| c).collect();
        }
        if !line.contains(delimiter) {
            return if only_delimited {
                String::new()
            } else {
                line.to_owned()
            };
        }
        let wanted = line
            .split(delimiter)
            .enumerate()
            .filter(|(at, _)| is_wanted(*at));
        let parts: Vec<&str> = wanted.map(|(_, part)| part).collect();
        parts.join(&delimiter.to_string())
    };
    let result = changed(&value, |text| {
        text.lines().map(|line| pick(line) + "\n").collect()
    });
    printed(world, result)
}

fn fold(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "w",
        long: &["width"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let value = source(world, call, &arguments.operands);
    let width = arguments
        .value(&["w", "width"])
        .and_then(|width| width.text.parse().ok())
        .unwrap_or(80_usize)
        .max(1);
    let result = changed(&value, |text| {
        let mut out = String::with_capacity(text.len() * 2);
        let mut column = 0;
        for c in text.chars() {
            if c == '\n' {
                column = 0;
            } else if column == width {
                out.push('\n');
                column = 1;
            } else {
                column += 1;
            }
            out.push(c);
        }
        out
    });
    printed(world, result)
}
