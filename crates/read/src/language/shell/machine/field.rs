//! Values taken apart and put together without losing what is known of their parts.

use model::{Provenance, Value};

use super::super::parser::placeholder_length;

/// Appends up to `limit` bytes in all; what is cut off makes the value unknown.
pub fn bounded_append(value: &mut Value, more: &Value, limit: usize) {
    if value.text.len().saturating_add(more.text.len()) <= limit {
        value.append(more);
        return;
    }
    let room = limit.saturating_sub(value.text.len());
    let cut = Value {
        text: more
            .text
            .get(..more.text.floor_char_boundary(room))
            .unwrap_or_default()
            .to_owned(),
        known: false,
        from: more.from.clone(),
    };
    value.append(&cut);
}

/// `text` as a part of `value`: known if no placeholder is in it, and from where its placeholders
/// say.
pub fn piece(value: &Value, text: &str) -> Value {
    let mut part = Value {
        text: text.to_owned(),
        known: value.known,
        from: Vec::new(),
    };
    if value.known {
        part.from.clone_from(&value.from);
        return part;
    }
    part.known = !has_placeholder(text);
    let stays = |from: &&Provenance| match from {
        Provenance::Decoded(_) => true,
        _ if part.known => false,
        Provenance::Environment(name) => text.contains(&format!("{{{name}}}")),
        Provenance::Argument => text.contains("{argument}"),
        _ => true,
    };
    part.from = value.from.iter().filter(stays).cloned().collect();
    part
}

fn has_placeholder(text: &str) -> bool {
    memchr::memchr_iter(b'{', text.as_bytes())
        .any(|at| text.get(at..).and_then(placeholder_length).is_some())
}

/// The text without its placeholders.
pub fn without_placeholders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = placeholder_length(from);
        if length.is_none() {
            out.push('{');
        }
        rest = from.get(length.unwrap_or(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// What field splitting makes of a value.
pub struct Split {
    /// The fields.
    pub fields: Vec<Value>,
    /// Whether a separator stands before the first: it does not join what comes before it.
    pub leading: bool,
    /// Whether a separator stands behind the last.
    pub trailing: bool,
}

/// Splits a value at the characters of `separators` (XCU 2.6.5). Placeholders are never split.
pub fn split(value: &Value, separators: &str) -> Split {
    let mut out = Split {
        fields: Vec::new(),
        leading: false,
        trailing: false,
    };
    let text = value.text.as_str();
    let mut start = None;
    let mut at = 0;
    let mut after_mark = true;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let length = if c == '{' && !value.known {
            text.get(at..).and_then(placeholder_length).unwrap_or(1)
        } else {
            c.len_utf8()
        };
        if separators.contains(c) && length == c.len_utf8() {
            out.leading |= at == 0;
            match start.take() {
                Some(from) => {
                    out.fields
                        .push(piece(value, text.get(from..at).unwrap_or_default()));
                    after_mark = !c.is_ascii_whitespace();
                }
                // Two marks that are no white space have an empty field between them.
                None if !c.is_ascii_whitespace() => {
                    if after_mark {
                        out.fields.push(piece(value, ""));
                    }
                    after_mark = true;
                }
                None => {}
            }
        } else {
            start.get_or_insert(at);
            after_mark = false;
        }
        at += length;
    }
    match start {
        Some(from) => out
            .fields
            .push(piece(value, text.get(from..).unwrap_or_default())),
        None => out.trailing = !text.is_empty(),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(value: &Value, separators: &str) -> Vec<String> {
        split(value, separators)
            .fields
            .into_iter()
            .map(|field| field.text)
            .collect()
    }

    #[test]
    fn fields_are_split_as_the_standard_says() {
        assert_eq!(texts(&"nc,-e,/bin/sh".into(), ","), ["nc", "-e", "/bin/sh"]);
        assert_eq!(texts(&"  a  b\tc\n".into(), " \t\n"), ["a", "b", "c"]);
        assert_eq!(texts(&"a::b".into(), ":"), ["a", "", "b"]);
        assert_eq!(texts(&":a".into(), ":"), ["", "a"]);
        assert_eq!(texts(&"a b".into(), ""), ["a b"]);
    }

    #[test]
    fn placeholders_stay_whole_and_their_neighbours_known() {
        let mut value = Value::literal("curl ");
        value.append(&Value::unknown(Provenance::Fetched("http://h/a b".into())));
        value.append(&" -o x".into());
        let split = split(&value, " ").fields;
        let known: Vec<bool> = split.iter().map(|field| field.known).collect();
        assert_eq!(known, [true, false, true, true]);
        assert_eq!(split[1].text, "{content of http://h/a b}");
        assert!(split[0].from.is_empty());
    }
}
