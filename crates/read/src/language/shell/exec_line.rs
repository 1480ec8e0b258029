//! Command lines that no shell parses: quotes group words, `$NAME` and `${NAME}` are environment
//! variables, and nothing else is special (systemd.service(5), "Command lines").

use model::Value;

use super::parser::is_name;
use crate::world::World;

/// The words of a line.
pub fn words(world: &World, text: &str) -> Vec<Value> {
    let mut words = Vec::new();
    let mut current: Option<Value> = None;
    let mut quote = None;
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += c.len_utf8();
        match c {
            c if Some(c) == quote => quote = None,
            '\'' | '"' if quote.is_none() => {
                quote = Some(c);
                current.get_or_insert_with(|| Value::literal(""));
            }
            c if quote.is_none() && c.is_ascii_whitespace() => words.extend(current.take()),
            '\\' if quote != Some('\'') => {
                let next = text.get(at..).and_then(|rest| rest.chars().next());
                at += next.map_or(0, char::len_utf8);
                push(&mut current, next.unwrap_or('\\'));
            }
            '$' if quote != Some('\'') => {
                let rest = text.get(at..).unwrap_or_default();
                match variable(rest) {
                    Some((name, length)) => {
                        at += length;
                        let value = world.environment(name);
                        current
                            .get_or_insert_with(|| Value::literal(""))
                            .append(&value);
                    }
                    None => {
                        at += usize::from(rest.starts_with('$'));
                        push(&mut current, '$');
                    }
                }
            }
            c => push(&mut current, c),
        }
    }
    words.extend(current);
    words
}

fn push(current: &mut Option<Value>, c: char) {
    current
        .get_or_insert_with(|| Value::literal(""))
        .text
        .push(c);
}

/// The name of a variable behind its `$`, and the length of what names it.
fn variable(rest: &str) -> Option<(&str, usize)> {
    if let Some(inside) = rest.strip_prefix('{') {
        let end = inside.find('}')?;
        let name = inside.get(..end).filter(|name| is_name(name))?;
        return Some((name, end + 2));
    }
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
    let name = rest.get(..end).filter(|name| is_name(name))?;
    Some((name, end))
}
