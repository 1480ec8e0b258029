//! Texts in double quotes, as settings write them: a backslash keeps a quote, and nothing else.

/// What stands before the closing quote, with `\"` undone, and what follows it.
pub fn text(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (out, text.get(at + 1..).unwrap_or_default()),
            '\\' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                out.extend(chars.next().map(|(_, c)| c));
            }
            c => out.push(c),
        }
    }
    (out, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_the_quote_that_closes() {
        assert_eq!(text("a \\\"b\\\" c\" d"), ("a \"b\" c".to_owned(), " d"));
        assert_eq!(text("open \\n"), ("open \\n".to_owned(), ""));
    }
}
