//! Lines that only Lua has.

/// Whether a line is one that only Lua has.
pub fn is_line(line: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    (line.starts_with("local ") && (line.contains('=') || line.starts_with("local function")))
        || (starts(&["function ", "local function "]) && line.ends_with(')'))
        || starts(&["os.execute(", "io.popen(", "loadstring(", "elseif "])
        || (starts(&["if ", "while ", "for "])
            && line.ends_with([' ', 'n', 'o'])
            && (line.ends_with(" then") || line.ends_with(" do")))
        || matches!(line, "end" | "end)" | "end," | "else" | "until" | "repeat")
        || line.starts_with("--")
}
