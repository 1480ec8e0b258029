//! Lines that only Ruby has.

/// Whether a line is one that only Ruby has.
pub fn is_line(line: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let quoted = line.contains(['\'', '"']);
    line == "end"
        || (starts(&["require '", "require \"", "require_relative "])
            && quoted
            && !line.ends_with(';'))
        || (starts(&["require '", "require \""]) && line.contains("';"))
        || (starts(&["def ", "module "]) && !line.ends_with(':') && !line.contains('{'))
        || (line.starts_with("class ") && !line.ends_with([':', '{']))
        || line.ends_with(" do")
        || (line.contains(" do |") && line.ends_with('|'))
        || starts(&[
            "puts ",
            "elsif ",
            "unless ",
            "rescue",
            "ensure",
            "attr_",
            "$std",
            "TCPSocket.",
            "begin",
        ])
        || (line.contains("TCPSocket.") && line.contains('='))
}
