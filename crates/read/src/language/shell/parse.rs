//! Shell text to its syntax tree: tolerant, for hostile and broken texts are the norm.
//!
//! Source: POSIX Shell Command Language 2.10 and the bash manual. What does not parse is stepped
//! over a byte at a time; nesting is bounded, and a text nested deeper is read flat.

use super::syntax::{Assigned, Node, Part, Redirection, RedirectionKind, Simple, Word};
use super::word::Reader;

/// Deepest nesting of compound commands.
const DEEPEST: usize = 64;

/// Reserved words that end a list.
const ENDS: &[&str] = &["then", "fi", "elif", "else", "do", "done", "esac", "}"];

/// The commands of a text.
pub fn parse(text: &str) -> Vec<Node> {
    let mut parser = Parser {
        reader: Reader::new(text),
        line: 1,
        counted: 0,
        depth: 0,
        behind_documents: None,
    };
    let mut nodes = Vec::new();
    while parser.reader.peek().is_some() {
        let before = parser.reader.at;
        nodes.extend(parser.list(&[]));
        // A stray `)`, `;;` or end word: step over it.
        if parser.reader.at == before {
            parser.skip_stray();
        }
    }
    nodes
}

struct Parser<'t> {
    reader: Reader<'t>,
    line: u32,
    /// How far newlines were counted.
    counted: usize,
    depth: usize,
    /// Where the text goes on behind the here-documents announced on this line.
    behind_documents: Option<usize>,
}

impl<'t> Parser<'t> {
    fn line(&mut self) -> u32 {
        let at = self.reader.at.min(self.reader.text.len());
        if at > self.counted {
            let more = self.reader.text.as_bytes()[self.counted..at]
                .iter()
                .filter(|&&b| b == b'\n')
                .count();
            self.line = self
                .line
                .saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
            self.counted = at;
        }
        self.line
    }

    fn skip_stray(&mut self) {
        if !ENDS.iter().any(|word| self.take_reserved(word)) {
            self.reader.take_char();
        }
    }

    /// Blanks, escaped line ends and comments; not line ends.
    fn blanks(&mut self) {
        loop {
            match self.reader.peek() {
                Some(b' ' | b'\t' | b'\r') => self.reader.at += 1,
                Some(b'\\') if self.reader.peek_at(1) == Some(b'\n') => self.reader.at += 2,
                Some(b'\\') if self.reader.rest().starts_with("\\\r\n") => self.reader.at += 3,
                Some(b'#') => {
                    let rest = self.reader.rest();
                    self.reader.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Blanks and line ends.
    fn space(&mut self) {
        loop {
            self.blanks();
            if self.reader.peek() != Some(b'\n') {
                return;
            }
            self.newline();
        }
    }

    /// A line end; the here-documents announced on the line begin behind it.
    fn newline(&mut self) {
        self.reader.at = self.behind_documents.take().unwrap_or(self.reader.at + 1);
    }

    /// Commands up to an end word, a closing parenthesis, `;;` or the end of the text.
    fn list(&mut self, ends: &[&str]) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            self.space();
            while matches!(self.reader.peek(), Some(b';' | b'&'))
                && !self.reader.rest().starts_with(";;")
                && !self.reader.rest().starts_with(";&")
            {
                self.reader.at += 1;
                self.space();
            }
            if self.reader.peek().is_none()
                || self.reader.peek() == Some(b')')
                || self.reader.rest().starts_with(";;")
                || self.reader.rest().starts_with(";&")
            {
                return nodes;
            }
            if ends.iter().chain(ENDS).any(|word| self.at_reserved(word)) {
                return nodes;
            }
            let before = self.reader.at;
            nodes.extend(self.pipeline());
            if self.reader.at == before {
                self.reader.take_char();
            }
            self.blanks();
            // `&&` and `||`: what follows is taken whatever came before.
            while self.reader.take("&&") || self.reader.take("||") {
                self.space();
            }
        }
    }

    fn pipeline(&mut self) -> Option<Node> {
        let mut stages = Vec::new();
        loop {
            self.space();
            while self.take_reserved("!") || self.take_reserved("time") {
                self.blanks();
            }
            if let Some(node) = self.command() {
                stages.push(node);
            }
            self.blanks();
            let pipe = self.reader.peek() == Some(b'|') && self.reader.peek_at(1) != Some(b'|');
            if !pipe {
                break;
            }
            self.reader.at += 1;
            if self.reader.peek() == Some(b'&') {
                self.reader.at += 1;
            }
        }
        match stages.len() {
            0 | 1 => stages.pop(),
            _ => Some(Node::Pipeline(stages)),
        }
    }

    fn at_reserved(&self, word: &str) -> bool {
        let rest = self.reader.rest();
        rest.starts_with(word)
            && rest
                .as_bytes()
                .get(word.len())
                .is_none_or(|byte| byte.is_ascii_whitespace() || b";&|()<>".contains(byte))
    }

    fn take_reserved(&mut self, word: &str) -> bool {
        let found = self.at_reserved(word);
        self.reader.at += if found { word.len() } else { 0 };
        found
    }

    fn command(&mut self) -> Option<Node> {
        if self.depth >= DEEPEST {
            // Too deep to be meant: the words are read as simple commands.
            if let Some(b'(' | b'{') = self.reader.peek() {
                self.reader.at += 1;
                return None;
            }
            return self.simple();
        }
        self.depth += 1;
        let node = self.compound().or_else(|| self.simple());
        self.depth -= 1;
        let node = node?;
        if matches!(node, Node::Simple(_)) {
            return Some(node);
        }
        let redirections = self.redirections();
        Some(if redirections.is_empty() {
            node
        } else {
            Node::Redirected(Box::new(node), redirections)
        })
    }

    fn compound(&mut self) -> Option<Node> {
        if self.reader.rest().starts_with("((") && self.reader.rest().contains("))") {
            self.reader.at += 2;
            self.reader.until_closing(b'(', b')');
            self.reader.take(")");
            return Some(Node::Sequence(Vec::new()));
        }
        if self.reader.take("(") {
            let body = self.list(&[]);
            self.reader.take(")");
            return Some(Node::Subshell(body));
        }
        if self.take_reserved("{") {
            let body = self.list(&["}"]);
            self.take_reserved("}");
            return Some(Node::Sequence(body));
        }
        if self.take_reserved("if") {
            return Some(self.condition());
        }
        if self.take_reserved("while") || self.take_reserved("until") {
            let mut body = self.list(&["do"]);
            body.extend(self.do_group());
            return Some(Node::Loop(body));
        }
        if self.take_reserved("for") || self.take_reserved("select") {
            return Some(self.for_loop());
        }
        if self.take_reserved("case") {
            return Some(self.case());
        }
        if self.take_reserved("[[") {
            let rest = self.reader.rest();
            let end = rest
                .find("]]")
                .or_else(|| rest.find('\n'))
                .unwrap_or(rest.len());
            self.reader.at += end;
            self.reader.take("]]");
            return Some(Node::Sequence(Vec::new()));
        }
        if self.take_reserved("coproc") {
            self.blanks();
            let named = self
                .reader
                .rest()
                .split([' ', '\t'])
                .nth(1)
                .is_some_and(|next| next.starts_with('{'));
            let name = if named {
                self.reader.name().to_owned()
            } else {
                "COPROC".to_owned()
            };
            self.blanks();
            let body = self.command()?;
            return Some(Node::Coprocess(name, Box::new(body)));
        }
        self.function()
    }

    fn condition(&mut self) -> Node {
        let mut nodes = self.list(&["then"]);
        loop {
            self.take_reserved("then");
            nodes.extend(self.list(&["elif", "else", "fi"]));
            if self.take_reserved("elif") {
                nodes.extend(self.list(&["then"]));
            } else if !self.take_reserved("else") {
                break;
            }
        }
        self.take_reserved("fi");
        Node::Sequence(nodes)
    }

    fn do_group(&mut self) -> Vec<Node> {
        self.space();
        if self.take_reserved("{") {
            let body = self.list(&["}"]);
            self.take_reserved("}");
            return body;
        }
        self.take_reserved("do");
        let body = self.list(&["done"]);
        self.take_reserved("done");
        body
    }

    fn for_loop(&mut self) -> Node {
        self.blanks();
        if self.reader.take("((") {
            self.reader.until_closing(b'(', b')');
            self.reader.take(")");
            self.space();
            self.reader.take(";");
            return Node::Loop(self.do_group());
        }
        let name = self.reader.name().to_owned();
        self.space();
        let mut words = None;
        if self.take_reserved("in") {
            let mut list = Vec::new();
            loop {
                self.blanks();
                let before = self.reader.at;
                let word = self.reader.word();
                if self.reader.at == before {
                    break;
                }
                list.push(word);
            }
            words = Some(list);
        }
        self.blanks();
        self.reader.take(";");
        Node::For {
            name,
            words,
            body: self.do_group(),
        }
    }

    fn case(&mut self) -> Node {
        self.blanks();
        let word = self.reader.word();
        self.space();
        self.take_reserved("in");
        let mut arms = Vec::new();
        loop {
            self.space();
            if self.take_reserved("esac") || self.reader.peek().is_none() {
                break;
            }
            let before = self.reader.at;
            self.reader.take("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.reader.word());
                self.blanks();
                if !self.reader.take("|") {
                    break;
                }
            }
            self.reader.take(")");
            let body = self.list(&["esac"]);
            let _ = self.reader.take(";;&") || self.reader.take(";;") || self.reader.take(";&");
            arms.push((patterns, body));
            if self.reader.at == before {
                break;
            }
        }
        Node::Case { word, arms }
    }

    /// `name() body`, `function name body`.
    fn function(&mut self) -> Option<Node> {
        let start = self.reader.at;
        let keyword = self.take_reserved("function");
        self.blanks();
        let rest = self.reader.rest();
        let end = rest
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b"_-.:+@".contains(&b)))
            .unwrap_or(rest.len());
        let name = &rest[..end];
        self.reader.at += end;
        self.blanks();
        let parentheses = self.reader.take("(") && {
            self.blanks();
            self.reader.take(")")
        };
        if name.is_empty() || !(parentheses || keyword) {
            self.reader.at = start;
            return None;
        }
        self.space();
        let body = self.command().unwrap_or(Node::Sequence(Vec::new()));
        Some(Node::Function {
            name: name.to_owned(),
            body: Box::new(body),
        })
    }

    fn redirections(&mut self) -> Vec<Redirection> {
        let mut all = Vec::new();
        loop {
            self.blanks();
            match self.redirection() {
                Some(redirection) => all.push(redirection),
                None => return all,
            }
        }
    }

    fn simple(&mut self) -> Option<Node> {
        let mut simple = Simple {
            line: self.line(),
            ..Simple::default()
        };
        let start = self.reader.at;
        loop {
            self.blanks();
            if let Some(redirection) = self.redirection() {
                simple.redirections.push(redirection);
                continue;
            }
            if simple.words.is_empty() || is_declaration(&simple.words) {
                if let Some(assignment) = self.assignment() {
                    if simple.words.is_empty() {
                        simple.assignments.push(assignment);
                    } else {
                        simple.words.push(vec![Part::Text {
                            text: assignment.0.clone(),
                            quoted: true,
                        }]);
                        simple.assignments.push(assignment);
                    }
                    continue;
                }
            }
            let before = self.reader.at;
            let word = self.reader.word();
            if self.reader.at == before {
                break;
            }
            simple.words.push(word);
        }
        simple.span = (start, self.reader.at);
        let empty = simple.words.is_empty()
            && simple.assignments.is_empty()
            && simple.redirections.is_empty();
        (!empty).then_some(Node::Simple(simple))
    }

    /// `name=word`, `name+=word`, `name[i]=word`, `name=( … )`.
    fn assignment(&mut self) -> Option<(String, Assigned, bool)> {
        let start = self.reader.at;
        let mut name = self.reader.name().to_owned();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            self.reader.at = start;
            return None;
        }
        if self.reader.peek() == Some(b'[') {
            self.reader.at += 1;
            let index = self.reader.until_closing(b'[', b']');
            name = format!("{name}[{index}]");
        }
        let add = self.reader.take("+=");
        if !add && !self.reader.take("=") {
            self.reader.at = start;
            return None;
        }
        if self.reader.take("(") {
            let mut words = Vec::new();
            loop {
                self.space();
                if self.reader.take(")") || self.reader.peek().is_none() {
                    break;
                }
                let before = self.reader.at;
                words.push(self.reader.word());
                if self.reader.at == before {
                    self.reader.take_char();
                }
            }
            return Some((name, Assigned::Array(words), add));
        }
        Some((name, Assigned::Word(self.reader.word()), add))
    }

    fn redirection(&mut self) -> Option<Redirection> {
        use RedirectionKind as K;
        let start = self.reader.at;
        let rest = self.reader.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mut number = rest[..digits].parse::<u32>().ok();
        self.reader.at += digits;
        if digits == 0 && rest.starts_with('{') {
            // `{fd}>…`: a descriptor the shell chooses.
            let name_end = rest.find('}').filter(|&end| {
                rest[1..end]
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            if let Some(end) = name_end.filter(|&end| rest[end + 1..].starts_with(['<', '>'])) {
                self.reader.at += end + 1;
                number = Some(10);
            }
        }
        const OPERATORS: &[(&str, K, u32)] = &[
            ("&>>", K::Both, 1),
            ("&>", K::Both, 1),
            ("<<<", K::Here, 0),
            ("<<-", K::Here, 0),
            ("<<", K::Here, 0),
            ("<>", K::ReadWrite, 0),
            ("<&", K::Duplicate, 0),
            (">&", K::Duplicate, 1),
            (">>", K::Append, 1),
            (">|", K::Write, 1),
            ("<", K::Read, 0),
            (">", K::Write, 1),
        ];
        let rest = self.reader.rest();
        let process = rest.starts_with("<(") || rest.starts_with(">(");
        let found = OPERATORS
            .iter()
            .find(|(operator, ..)| rest.starts_with(operator))
            .filter(|_| !process);
        let Some((operator, kind, usual)) = found else {
            self.reader.at = start;
            return None;
        };
        self.reader.at += operator.len();
        self.blanks();
        let target = match *operator {
            "<<" | "<<-" => self.here_document(*operator == "<<-"),
            _ => self.reader.word(),
        };
        let is_descriptor = matches!(target.as_slice(), [Part::Text { text, .. }] if text.trim_end_matches('-').bytes().all(|b| b.is_ascii_digit()) )
            || matches!(
                target.as_slice(),
                [Part::Parameter { .. }] | [Part::Text { .. }, Part::Parameter { .. }]
            );
        let kind = if *operator == ">&" && !is_descriptor && number.is_none() {
            K::Both
        } else {
            *kind
        };
        Some(Redirection {
            descriptor: number.unwrap_or(*usual),
            kind,
            target,
        })
    }

    /// The text of a here-document. It stands behind the line it is announced on (and behind the
    /// documents announced before it there); reading goes on on the line, and [`Self::newline`]
    /// steps over the documents.
    fn here_document(&mut self, strip: bool) -> Word {
        let word = self.reader.word();
        let quoted = word
            .iter()
            .any(|part| matches!(part, Part::Text { quoted: true, .. }));
        let delimiter: String = word.iter().filter_map(plain_text).collect();
        let text = self.reader.text;
        let rest = self.reader.rest();
        let line_end = self.reader.at + rest.find('\n').map_or(rest.len(), |end| end + 1);
        let start = self.behind_documents.unwrap_or(line_end);
        let mut end = start;
        let mut document = String::new();
        for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
            end += line.len();
            let content = if strip {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if content.trim_end_matches(['\n', '\r']) == delimiter {
                break;
            }
            document.push_str(content);
        }
        self.behind_documents = Some(end);
        if quoted {
            vec![Part::Text {
                text: document,
                quoted: true,
            }]
        } else {
            Reader::here_text(&document)
        }
    }
}

fn plain_text(part: &Part) -> Option<&str> {
    match part {
        Part::Text { text, .. } => Some(text),
        _ => None,
    }
}

fn is_declaration(words: &[Word]) -> bool {
    let first = match words.first().map(Vec::as_slice) {
        Some([Part::Text { text, .. }]) => text.as_str(),
        _ => return false,
    };
    ["export", "local", "declare", "typeset", "readonly", "alias"].contains(&first)
}
