//! Lines that only JavaScript has.

/// Whether a line is one that only JavaScript has.
pub fn is_line(line: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let ends = line.ends_with([';', '{', '}', ',', '(', ')']);
    starts(&[
        "'use strict'",
        "\"use strict\"",
        "module.exports",
        "exports.",
    ]) || (starts(&["const ", "let ", "var "]) && (line.contains('=') || line.ends_with(';')))
        || (starts(&[
            "function ",
            "function(",
            "async function",
            "(function",
            "!function",
            "(() =>",
            "(async",
        ]) && line.contains('('))
        || (line.starts_with("import ") && (line.contains(" from '") || line.contains(" from \"")))
        || (starts(&["})", "}, ", "} else", "} catch", "});", "}"]) && ends)
        || (line.contains("require(") && ends)
        || (line.contains("=> {") || line.contains("=>{"))
        || (starts(&[
            "console.", "process.", "return ", "if (", "for (", "while (", "eval(",
        ]) && ends)
        || (ends
            && line.contains('(')
            && line.split_once('(').is_some_and(|(name, _)| {
                name.contains('.')
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"._$".contains(&b))
            }))
}
