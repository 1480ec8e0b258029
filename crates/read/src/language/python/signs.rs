//! Lines that only Python code has.

/// Whether a line is one that only Python code has.
pub fn is_line(line: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if starts(&["import ", "from "]) {
        let plain =
            |c: char| c.is_alphanumeric() || "._, *();".contains(c) || c == '"' || c == '\'';
        return line.contains(';')
            || (line.starts_with("import ") || line.contains(" import "))
                && line.chars().all(plain)
                && !line.ends_with('.');
    }
    let block = line.ends_with(':')
        && starts(&[
            "def ", "class ", "if ", "elif ", "for ", "while ", "with ", "try:", "except", "else:",
            "finally:", "async ",
        ]);
    let call = starts(&[
        "exec(",
        "eval(",
        "print(",
        "print (",
        "exec ",
        "__import__(",
        "getattr(",
        "os.",
        "sys.",
        "socket.",
        "subprocess.",
        "return ",
        "raise ",
        "assert ",
        "@",
        "pass",
        "lambda ",
        "(lambda ",
    ]);
    let assignment = line
        .split_once(" = ")
        .or_else(|| line.split_once('='))
        .is_some_and(|(name, value)| {
            let name_like = |c: char| c.is_alphanumeric() || "_.,[]'\" ".contains(c);
            !name.is_empty()
                && name.chars().all(name_like)
                && (value.contains('(') || value.contains('\'') || value.contains('"'))
                && !name.contains("  ")
        });
    let method = line.split_once('(').is_some_and(|(name, _)| {
        name.contains('.')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
            && line.ends_with([')', ',', '(', '[', '{', ';'])
    });
    block || call || assignment || method
}
