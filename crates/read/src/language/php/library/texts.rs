//! Functions over texts.
//!
//! Source: The PHP Manual, "Strings".

use std::rc::Rc;

use model::Value;

use super::{array, as_text, entries, integer, known, mapped, shared, text, values};
use crate::encoding::{to_bytes, to_text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Operator;
use crate::world::is_placeholder;

/// Widest field that is padded.
const WIDTH: usize = 4_096;

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    match name {
        "strval" => return Some(Object::of_value(text(interpreter, arguments, 0))),
        "strrev" => {
            return mapped(interpreter, arguments, |b| {
                b.iter().rev().copied().collect()
            });
        }
        "strtolower" | "mb_strtolower" => {
            return mapped(interpreter, arguments, <[u8]>::to_ascii_lowercase);
        }
        "strtoupper" | "mb_strtoupper" => {
            return mapped(interpreter, arguments, <[u8]>::to_ascii_uppercase);
        }
        "ucfirst" | "lcfirst" => {
            return mapped(interpreter, arguments, |bytes| {
                let mut bytes = bytes.to_vec();
                if let Some(first) = bytes.first_mut() {
                    *first = match name {
                        "ucfirst" => first.to_ascii_uppercase(),
                        _ => first.to_ascii_lowercase(),
                    };
                }
                bytes
            });
        }
        "ucwords" => {
            return mapped(interpreter, arguments, |bytes| {
                let mut starts = true;
                let word = |byte: &u8| {
                    let own = if starts {
                        byte.to_ascii_uppercase()
                    } else {
                        *byte
                    };
                    starts = byte.is_ascii_whitespace();
                    own
                };
                bytes.iter().map(word).collect()
            });
        }
        "trim" | "ltrim" | "rtrim" | "chop" => return trim(interpreter, name, arguments),
        "addslashes"
        | "stripslashes"
        | "nl2br"
        | "htmlspecialchars"
        | "htmlentities"
        | "strip_tags"
        | "utf8_encode"
        | "utf8_decode"
        | "mb_convert_encoding"
        | "iconv"
        | "stripcslashes"
        | "html_entity_decode"
        | "htmlspecialchars_decode" => {
            return changed(interpreter, name, arguments);
        }
        "php_strip_whitespace" => {
            let path = text(interpreter, arguments, 0);
            return Some(Object::of_value(interpreter.world().content_of(&path)));
        }
        _ => {}
    }
    cut(interpreter, name, arguments).or_else(|| joined(interpreter, name, arguments))
}

fn trim(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let marks = match arguments.plain.len() {
        0 | 1 => b" \t\n\r\0\x0b".to_vec(),
        _ => to_bytes(&known(interpreter, arguments, 1)?),
    };
    mapped(interpreter, arguments, |bytes| {
        let is_mark = |byte: &u8| marks.contains(byte);
        let start = match name {
            "rtrim" | "chop" => 0,
            _ => bytes.iter().take_while(|byte| is_mark(byte)).count(),
        };
        let rest = bytes.get(start..).unwrap_or_default();
        let end = match name {
            "ltrim" => 0,
            _ => rest.iter().rev().take_while(|byte| is_mark(byte)).count(),
        };
        rest.get(..rest.len() - end).unwrap_or_default().to_vec()
    })
}

/// Functions that leave most of a text as it is.
fn changed(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let at = usize::from(name == "iconv") * 2;
    let value = text(interpreter, arguments, at);
    if is_placeholder(&value) {
        return Some(Object::Unknown(Rc::new(value)));
    }
    if !interpreter.may_make(value.text.len()) {
        return None;
    }
    Some(Object::of_value(value.map_text(|text| {
        match name {
            "stripslashes" => text
                .replace("\\\\", "\u{0}")
                .replace('\\', "")
                .replace('\u{0}', "\\"),
            "stripcslashes" => super::super::strings::double(text, true),
            "html_entity_decode" | "htmlspecialchars_decode" => text
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#039;", "'")
                .replace("&#39;", "'")
                .replace("&amp;", "&"),
            _ => text.to_owned(),
        }
    })))
}

/// Functions that take a text apart.
fn cut(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    match name {
        "substr" | "mb_substr" | "iconv_substr" | "mb_strcut" => {
            let start = integer(arguments, 1);
            let count = arguments.plain.get(2).map(loose::integer);
            match (start, count) {
                (Some(start), None | Some(Some(_))) => mapped(interpreter, arguments, |bytes| {
                    let range = loose::part(bytes.len(), start, count.flatten());
                    bytes.get(range).unwrap_or_default().to_vec()
                }),
                _ => {
                    let value = text(interpreter, arguments, 0);
                    Some(Object::from_sources(value.from))
                }
            }
        }
        "str_split" | "mb_str_split" => {
            let value = text(interpreter, arguments, 0);
            let size = integer(arguments, 1).map_or(Some(1), |size| usize::try_from(size).ok())?;
            if !value.known || size == 0 || !interpreter.burn(value.text.len() as u64 / 4) {
                return Some(Object::from_sources(value.from));
            }
            let bytes = to_bytes(&value.text);
            let parts = bytes
                .chunks(size)
                .map(|part| Object::Text(Rc::new(value.map_text(|_| to_text(part)))));
            let parts = parts.collect();
            Some(array(interpreter, parts))
        }
        "explode" | "split" | "preg_split" => explode(interpreter, name, arguments),
        "strstr" | "stristr" | "strrchr" | "strpbrk" => {
            let (value, mark) = (
                text(interpreter, arguments, 0),
                known(interpreter, arguments, 1)?,
            );
            if !value.known {
                return Some(Object::from_sources(value.from));
            }
            let at = match name {
                "strrchr" => value.text.rfind(mark.chars().next()?),
                "strpbrk" => value.text.find(|c| mark.contains(c)),
                _ => value.text.find(&mark),
            }?;
            let before = arguments
                .plain
                .get(2)
                .is_some_and(|o| interpreter.truth(o) == Some(true));
            Some(Object::of_value(value.map_text(|text| match before {
                true => text.get(..at).unwrap_or_default().to_owned(),
                false => text.get(at..).unwrap_or_default().to_owned(),
            })))
        }
        "strpos" | "stripos" | "strrpos" | "mb_strpos" => {
            let whole = known(interpreter, arguments, 0)?;
            let mark = known(interpreter, arguments, 1)?;
            let at = match name {
                "strrpos" => whole.rfind(&mark),
                "stripos" => whole.to_ascii_lowercase().find(&mark.to_ascii_lowercase()),
                _ => whole.find(&mark),
            };
            Some(at.map_or(Object::Bool(false), |at| {
                let before = whole.get(..at).unwrap_or_default();
                Object::Int(i128::try_from(to_bytes(before).len()).unwrap_or(0))
            }))
        }
        "strlen" | "mb_strlen" => {
            let whole = known(interpreter, arguments, 0)?;
            interpreter.burn(whole.len() as u64 / 16_384);
            let length = match whole.is_ascii() {
                true => whole.len(),
                false => to_bytes(&whole).len(),
            };
            Some(Object::Int(i128::try_from(length).ok()?))
        }
        _ => None,
    }
}

fn explode(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let mark = known(interpreter, arguments, 0).unwrap_or_default();
    let value = text(interpreter, arguments, 1);
    let mark = match name {
        "explode" => mark,
        // A pattern that is a plain mark between slashes, or none.
        _ => mark.trim_matches(['/', '#', '~', '|']).replace('\\', ""),
    };
    if !value.known || !interpreter.may_make(value.text.len()) {
        return Some(Object::from_sources(value.from));
    }
    let most = integer(arguments, 2)
        .filter(|most| *most > 0)
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(usize::MAX);
    let parts: Vec<Object> = match mark.is_empty() {
        true => value
            .text
            .chars()
            .map(|c| Object::Text(Rc::new(value.map_text(|_| c.to_string()))))
            .collect(),
        false => value
            .text
            .splitn(most, &mark)
            .map(|part| Object::Text(Rc::new(value.map_text(|_| part.to_owned()))))
            .collect(),
    };
    Some(array(interpreter, parts))
}

/// Functions that put a text together.
fn joined(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "implode" | "join" => implode(interpreter, arguments),
        "str_repeat" => {
            let value = text(interpreter, arguments, 0);
            let times = usize::try_from(integer(arguments, 1)?.max(0)).ok()?;
            let length = value.text.len().checked_mul(times)?;
            interpreter
                .may_make(length)
                .then(|| Object::of_value(value.map_text(|text| text.repeat(times))))
        }
        "str_pad" => {
            let width = usize::try_from(integer(arguments, 1)?).ok()?.min(WIDTH);
            let pad = match arguments.plain.len() {
                0..=2 => " ".to_owned(),
                _ => known(interpreter, arguments, 2)?,
            };
            let left = integer(arguments, 3) == Some(0)
                || matches!(arguments.plain.get(3), Some(Object::Text(v)) if v.text == "STR_PAD_LEFT");
            mapped(interpreter, arguments, |bytes| {
                let missing = width.saturating_sub(bytes.len());
                let padding = to_bytes(&pad).into_iter().cycle().take(missing);
                match left {
                    true => padding.chain(bytes.iter().copied()).collect(),
                    false => bytes.iter().copied().chain(padding).collect(),
                }
            })
        }
        "str_replace" | "str_ireplace" | "substr_replace" | "strtr" => {
            replaced(interpreter, name, arguments)
        }
        "sprintf" | "vsprintf" => {
            let operands = match name {
                "sprintf" => arguments.plain.get(1..)?.to_vec(),
                _ => values(interpreter, arguments.plain.get(1)?)?,
            };
            let format = text(interpreter, arguments, 0);
            Some(loose::formatted(interpreter, &format, &operands))
        }
        "printf" | "vprintf" => {
            let name = name.replace("printf", "sprintf");
            let printed = joined(interpreter, &name, arguments)?;
            let printed = interpreter.shown(&printed);
            super::syntax::print(interpreter, printed);
            Some(Object::anything())
        }
        "str_rot13" => {
            let plain = vec![first?.clone(), Object::text("rot13")];
            Some(as_text(shared(interpreter, "codecs.decode", plain)))
        }
        "wordwrap" | "chunk_split" => mapped(interpreter, arguments, <[u8]>::to_vec),
        _ => None,
    }
}

fn implode(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let (mark, list) = match arguments.plain.as_slice() {
        [list] => (Object::text(""), list.clone()),
        [list @ Object::Dictionary(_), mark] | [mark, list] => (mark.clone(), list.clone()),
        _ => return None,
    };
    let Some(items) = values(interpreter, &list) else {
        let from = interpreter.heap.sources(&list);
        return Some(Object::from_sources(from));
    };
    let mut whole = Object::text("");
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            whole = interpreter.operate(whole, Operator::Concatenate, mark.clone());
        }
        whole = interpreter.operate(whole, Operator::Concatenate, item);
    }
    Some(match whole {
        Object::Text(value) if is_placeholder(&value) => Object::Unknown(value),
        other => other,
    })
}

/// A list of texts, or one.
fn several(interpreter: &mut Interpreter, object: &Object) -> (Vec<Value>, bool) {
    match values(interpreter, object) {
        Some(items) => (
            items.iter().map(|item| interpreter.shown(item)).collect(),
            true,
        ),
        None => (vec![interpreter.shown(object)], false),
    }
}

fn replaced(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    if name == "substr_replace" {
        let with = to_bytes(&known(interpreter, arguments, 1)?);
        let start = integer(arguments, 2)?;
        let count = integer(arguments, 3);
        return mapped(interpreter, arguments, |bytes| {
            let mut bytes = bytes.to_vec();
            let range = loose::part(bytes.len(), start, count);
            bytes.splice(range, with);
            bytes
        });
    }
    if name == "strtr" {
        return translated(interpreter, arguments);
    }
    let subject = arguments.plain.get(2)?;
    if let Some(items) = entries(interpreter, subject) {
        let mut all = Vec::with_capacity(items.len());
        for (key, item) in items {
            let mut own = arguments.clone();
            *own.plain.get_mut(2)? = item;
            all.push((key, replaced(interpreter, name, &own)?));
        }
        return Some(interpreter.heap.dictionary(all));
    }
    let mut value = interpreter.shown(subject);
    if is_placeholder(&value) {
        return Some(Object::Unknown(Rc::new(value)));
    }
    let (marks, _) = several(interpreter, arguments.plain.first()?);
    let (withs, is_list) = several(interpreter, arguments.plain.get(1)?);
    for (at, mark) in marks.iter().enumerate() {
        let with = if is_list {
            withs.get(at)
        } else {
            withs.first()
        };
        let with = with.cloned().unwrap_or_default();
        if mark.text.is_empty() || !mark.known || !interpreter.may_make(value.text.len()) {
            continue;
        }
        let found = value.text.matches(&*mark.text).count();
        if found > 0 && !interpreter.may_make(found.saturating_mul(with.text.len())) {
            return None;
        }
        let changed = match name {
            "str_ireplace" => replace_any_case(&value.text, &mark.text, &with.text),
            _ => value.text.replace(&*mark.text, &with.text),
        };
        if changed != value.text {
            let mut next = Value::literal("");
            next.append(&value.map_text(|_| String::new()));
            next.append(&with.map_text(|_| String::new()));
            next.text = changed;
            value = next;
        }
    }
    Some(Object::of_value(value))
}

fn replace_any_case(text: &str, mark: &str, with: &str) -> String {
    let (lower, mark) = (text.to_ascii_lowercase(), mark.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(&mark) {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(with);
        from = at + found.len();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// `strtr(text, from, to)`, `strtr(text, pairs)`: of pairs, the longest that fits.
fn translated(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    if arguments.plain.len() > 2 {
        let from = to_bytes(&known(interpreter, arguments, 1)?);
        let to = to_bytes(&known(interpreter, arguments, 2)?);
        return mapped(interpreter, arguments, |bytes| {
            let one = |byte: &u8| {
                let at = from.iter().zip(&to).rposition(|(from, _)| from == byte);
                at.and_then(|at| to.get(at)).copied().unwrap_or(*byte)
            };
            bytes.iter().map(one).collect()
        });
    }
    let pairs = entries(interpreter, arguments.plain.get(1)?)?;
    let mut table: Vec<(String, String)> = Vec::with_capacity(pairs.len());
    for (key, with) in pairs {
        table.push((interpreter.shown(&key).text, interpreter.shown(&with).text));
    }
    table.retain(|(key, _)| !key.is_empty());
    table.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
    let length = text(interpreter, arguments, 0).text.len();
    if !interpreter.burn((length.saturating_mul(table.len()) / 64) as u64) {
        return None;
    }
    let value = text(interpreter, arguments, 0);
    let mut out = String::with_capacity(length);
    let mut rest = value.text.as_str();
    while let Some(c) = rest.chars().next() {
        match table.iter().find(|(key, _)| rest.starts_with(key.as_str())) {
            Some((key, with)) => {
                out.push_str(with);
                rest = rest.get(key.len()..).unwrap_or_default();
            }
            None => {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    interpreter
        .may_make(out.len())
        .then(|| Object::of_value(value.map_text(|_| out)))
}
