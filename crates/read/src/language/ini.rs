//! Settings in sections, as systemd, supervisor, git and the desktop write them: `[section]`,
//! `key = value`, and lines that go on.

/// How a format differs from the others.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Characters that start a comment at the start of a line.
    pub comments: &'static [char],
    /// Whether an indented line continues the value above it.
    pub indented: bool,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Line it begins on, from 1.
    pub line: u32,
    /// What stands in the brackets above it; empty before the first.
    pub section: String,
    /// The key, trimmed.
    pub key: String,
    /// The value, trimmed, continued lines joined by a blank.
    pub value: String,
}

/// The settings of a text in order.
pub fn settings(text: &str, dialect: Dialect) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut section = String::new();
    // Whether the line before ended in a backslash.
    let mut open = false;
    // Whether an indented line would continue the last setting.
    let mut attached = false;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        if trimmed.starts_with(dialect.comments) {
            continue;
        }
        let (content, continues) = match trimmed.strip_suffix('\\') {
            Some(content) => (content.trim_end(), true),
            None => (trimmed, false),
        };
        let indented =
            dialect.indented && attached && line.starts_with([' ', '\t']) && !trimmed.is_empty();
        if let Some(last) = settings.last_mut().filter(|_| open || indented) {
            if !last.value.is_empty() {
                last.value.push(' ');
            }
            last.value.push_str(content);
        } else if let Some(inside) = trimmed.strip_prefix('[') {
            let (name, _) = inside.split_once(']').unwrap_or((inside, ""));
            section = name.trim().to_owned();
            attached = false;
            continue;
        } else if let Some((key, value)) = content.split_once('=') {
            settings.push(Setting {
                line: number,
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
            });
            attached = true;
        } else {
            attached = false;
            continue;
        }
        open = continues;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_comments_and_continued_lines() {
        let text = "a=0\n[One]\n# no\nkey = x \\\n  y\n[Two]\nlist=\n one\n two\nnext=1\n";
        let read = |indented| {
            let dialect = Dialect {
                comments: &['#', ';'],
                indented,
            };
            let one = |s: Setting| format!("{} {}.{}={}", s.line, s.section, s.key, s.value);
            settings(text, dialect)
                .into_iter()
                .map(one)
                .collect::<Vec<_>>()
        };
        let joined = [
            "1 .a=0",
            "4 One.key=x y",
            "7 Two.list=one two",
            "10 Two.next=1",
        ];
        assert_eq!(read(true), joined);
        assert_eq!(read(false)[2], "7 Two.list=");
    }
}
