//! Regular expressions as `sed` and `grep` take them (POSIX.1-2017 XBD 9, basic and extended), with
//! the GNU escapes in common use. Matching backtracks within a bound on steps, so no pattern can
//! make it run long; where alternatives differ the first that matches wins, not the longest.

/// Most instructions a pattern compiles to.
const PROGRAM_LENGTH: usize = 4_096;

/// Most copies a counted repetition (`x{3,9}`) is unrolled to.
const REPEATS: usize = 255;

/// Most ranges between brackets.
const RANGES: usize = 256;

/// Deepest nesting of groups.
const GROUP_DEPTH: usize = 16;

/// Most groups whose text is kept, the whole match included.
const GROUPS: usize = 10;

/// Most places one search may come back to.
const STACK: usize = 65_536;

/// One instruction of a compiled pattern.
#[derive(Debug, Clone)]
enum Instruction {
    Char(char),
    Any,
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Start,
    End,
    /// Notes the place in a slot.
    Save(usize),
    /// Goes on at the first, and comes back to the second if that fails.
    Split(usize, usize),
    Jump(usize),
    Match,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    program: Vec<Instruction>,
    ignores_case: bool,
}

/// Where groups of a match start and end; number 0 is the whole.
pub type Groups = [Option<(usize, usize)>; GROUPS];

type Slots = [Option<usize>; GROUPS * 2];

impl Pattern {
    /// Compiles `text`; `None` if it uses what is not supported (back-references) or is malformed.
    pub fn new(text: &str, is_extended: bool, ignores_case: bool) -> Option<Self> {
        let mut compiler = Compiler {
            text: text.chars().collect(),
            at: 0,
            is_extended,
            groups: 0,
            program: vec![Instruction::Save(0)],
        };
        compiler.alternatives(0)?;
        if compiler.at < compiler.text.len() {
            return None;
        }
        compiler.emit(Instruction::Save(1))?;
        compiler.emit(Instruction::Match)?;
        Some(Self {
            program: compiler.program,
            ignores_case,
        })
    }

    /// The first match in `text` from `from` on. Takes its steps from `steps`, and finds nothing
    /// once they are used up.
    pub fn find(&self, text: &[char], from: usize, steps: &mut u64) -> Option<Groups> {
        (from..=text.len()).find_map(|start| self.match_at(text, start, steps))
    }

    fn match_at(&self, text: &[char], start: usize, steps: &mut u64) -> Option<Groups> {
        let empty: Slots = [None; GROUPS * 2];
        let mut stack = vec![(0_usize, start, empty)];
        while let Some((mut pc, mut at, mut slots)) = stack.pop() {
            loop {
                *steps = steps.checked_sub(1)?;
                match self.program.get(pc)? {
                    Instruction::Match => return Some(groups_of(&slots)),
                    Instruction::Save(slot) => {
                        if let Some(slot) = slots.get_mut(*slot) {
                            *slot = Some(at);
                        }
                    }
                    Instruction::Split(first, second) => {
                        if stack.len() >= STACK {
                            return None;
                        }
                        stack.push((*second, at, slots));
                        pc = *first;
                        continue;
                    }
                    Instruction::Jump(target) => {
                        pc = *target;
                        continue;
                    }
                    Instruction::Start if at == 0 => {}
                    Instruction::End if at == text.len() => {}
                    Instruction::Start | Instruction::End => break,
                    consuming => match text.get(at) {
                        Some(&c) if self.takes(consuming, c) => at += 1,
                        _ => break,
                    },
                }
                pc += 1;
            }
        }
        None
    }

    fn takes(&self, instruction: &Instruction, c: char) -> bool {
        let is_in = |c: char| match instruction {
            Instruction::Char(wanted) => *wanted == c,
            Instruction::Any => true,
            Instruction::Set { ranges, .. } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c))
            }
            _ => false,
        };
        let found = is_in(c)
            || self.ignores_case
                && (is_in(c.to_ascii_lowercase()) || is_in(c.to_ascii_uppercase()));
        match instruction {
            Instruction::Set { negated: true, .. } => !found,
            _ => found,
        }
    }
}

fn groups_of(slots: &Slots) -> Groups {
    let mut groups = [None; GROUPS];
    for (group, pair) in groups.iter_mut().zip(slots.as_chunks::<2>().0) {
        if let [Some(start), Some(end)] = pair {
            *group = Some((*start, *end));
        }
    }
    groups
}

struct Compiler {
    text: Vec<char>,
    at: usize,
    is_extended: bool,
    groups: usize,
    program: Vec<Instruction>,
}

/// What stands next in a pattern, whichever syntax spells it.
enum Token {
    Open,
    Close,
    Or,
    Repeat(usize, Option<usize>),
    One(Instruction),
}

impl Compiler {
    fn emit(&mut self, instruction: Instruction) -> Option<()> {
        (self.program.len() < PROGRAM_LENGTH).then(|| self.program.push(instruction))
    }

    /// Alternatives up to the end of the text or of the group.
    fn alternatives(&mut self, depth: usize) -> Option<()> {
        if depth > GROUP_DEPTH {
            return None;
        }
        let start = self.program.len();
        self.sequence(depth)?;
        let mut ends = Vec::new();
        while matches!(self.peek(), Some(Token::Or)) {
            self.next();
            // Split in front of what there is, jump behind it.
            self.emit(Instruction::Jump(0))?;
            ends.push(self.program.len() - 1);
            let second = self.program.len() + 1;
            self.insert(start, Instruction::Split(start + 1, second))?;
            for end in &mut ends {
                *end += 1;
            }
            self.sequence(depth)?;
        }
        let end = self.program.len();
        for at in ends {
            if let Some(jump) = self.program.get_mut(at) {
                *jump = Instruction::Jump(end);
            }
        }
        Some(())
    }

    /// Puts an instruction in front of code, whose own targets move with it.
    fn insert(&mut self, at: usize, instruction: Instruction) -> Option<()> {
        if self.program.len() >= PROGRAM_LENGTH {
            return None;
        }
        for moved in self.program.iter_mut().skip(at) {
            match moved {
                Instruction::Split(first, second) => {
                    *first += usize::from(*first >= at);
                    *second += usize::from(*second >= at);
                }
                Instruction::Jump(target) => *target += usize::from(*target >= at),
                _ => {}
            }
        }
        self.program.insert(at, instruction);
        Some(())
    }

    fn sequence(&mut self, depth: usize) -> Option<()> {
        let mut last = None;
        while let Some(token) = self.peek() {
            match token {
                Token::Close if depth > 0 => return Some(()),
                Token::Or => return Some(()),
                Token::Close => return None,
                Token::Open => {
                    self.next();
                    last = Some(self.program.len());
                    self.groups += 1;
                    let slot = self.groups * 2;
                    self.emit(Instruction::Save(slot))?;
                    self.alternatives(depth + 1)?;
                    matches!(self.next()?, Token::Close).then_some(())?;
                    self.emit(Instruction::Save(slot + 1))?;
                }
                Token::Repeat(least, most) => {
                    self.next();
                    match last {
                        Some(start) => self.repeat(start, least, most)?,
                        // A star with nothing before it is a star.
                        None => self.emit(Instruction::Char('*'))?,
                    }
                }
                Token::One(instruction) => {
                    self.next();
                    last = Some(self.program.len());
                    self.emit(instruction)?;
                }
            }
        }
        Some(())
    }

    /// Repeats the code from `start` on.
    fn repeat(&mut self, start: usize, least: usize, most: Option<usize>) -> Option<()> {
        if least > REPEATS || most.is_some_and(|most| most > REPEATS || most < least) {
            return None;
        }
        let body: Vec<Instruction> = self.program.split_off(start);
        for _ in 0..least {
            self.copy(&body, start)?;
        }
        match most {
            Some(most) => {
                for _ in least..most {
                    let at = self.program.len();
                    self.emit(Instruction::Split(at + 1, at + 1 + body.len()))?;
                    self.copy(&body, start)?;
                }
            }
            None => {
                let at = self.program.len();
                self.emit(Instruction::Split(at + 1, at + 2 + body.len()))?;
                self.copy(&body, start)?;
                self.emit(Instruction::Jump(at))?;
            }
        }
        Some(())
    }

    /// Code that was made at `origin`, once more at the end.
    fn copy(&mut self, body: &[Instruction], origin: usize) -> Option<()> {
        let shift = self.program.len().checked_sub(origin)?;
        for instruction in body {
            self.emit(match instruction {
                Instruction::Split(first, second) => {
                    Instruction::Split(first + shift, second + shift)
                }
                Instruction::Jump(target) => Instruction::Jump(target + shift),
                other => other.clone(),
            })?;
        }
        Some(())
    }

    fn peek(&mut self) -> Option<Token> {
        let at = self.at;
        let token = self.next();
        self.at = at;
        token
    }

    fn next(&mut self) -> Option<Token> {
        let c = *self.text.get(self.at)?;
        let is_first = self.at == 0
            || matches!(self.text.get(..self.at)?, [.., '\\', '(' | '|'])
            || self.is_extended && matches!(self.text.get(self.at - 1)?, '(' | '|');
        self.at += 1;
        Some(match c {
            '\\' => self.escaped()?,
            '.' => Token::One(Instruction::Any),
            '[' => Token::One(self.set()?),
            '*' if !is_first => Token::Repeat(0, None),
            '^' if self.is_extended || is_first => Token::One(Instruction::Start),
            '$' if self.is_extended || self.ends_here() => Token::One(Instruction::End),
            _ if self.is_extended => self.operator(c)?,
            _ => Token::One(Instruction::Char(c)),
        })
    }

    /// Whether the pattern or group ends here: where a basic expression's `$` is an anchor.
    fn ends_here(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.is_empty() || matches!(rest, ['\\', ')' | '|', ..])
    }

    /// The characters that are operators bare in extended and escaped in basic expressions.
    fn operator(&mut self, c: char) -> Option<Token> {
        Some(match c {
            '(' => Token::Open,
            ')' => Token::Close,
            '|' => Token::Or,
            '+' => Token::Repeat(1, None),
            '?' => Token::Repeat(0, Some(1)),
            '{' => self.counts()?,
            _ => Token::One(Instruction::Char(c)),
        })
    }

    fn escaped(&mut self) -> Option<Token> {
        let c = *self.text.get(self.at)?;
        self.at += 1;
        let set = |negated, ranges: &[(char, char)]| {
            Token::One(Instruction::Set {
                negated,
                ranges: ranges.to_vec(),
            })
        };
        const WORD: &[(char, char)] = &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
        const SPACE: &[(char, char)] = &[(' ', ' '), ('\t', '\r')];
        Some(match c {
            'n' => Token::One(Instruction::Char('\n')),
            't' => Token::One(Instruction::Char('\t')),
            'r' => Token::One(Instruction::Char('\r')),
            'w' => set(false, WORD),
            'W' => set(true, WORD),
            's' => set(false, SPACE),
            'S' => set(true, SPACE),
            'd' => set(false, &[('0', '9')]),
            '1'..='9' | 'b' | 'B' | '<' | '>' => return None,
            '(' | ')' | '|' | '+' | '?' | '{' if !self.is_extended => self.operator(c)?,
            _ => Token::One(Instruction::Char(c)),
        })
    }

    /// `m}`, `m,}` or `m,n}` behind the brace.
    fn counts(&mut self) -> Option<Token> {
        let rest: String = self.text.get(self.at..)?.iter().take(16).collect();
        let end = rest.find('}')?;
        self.at += end + 1;
        let inner = rest.get(..end)?.trim_end_matches('\\');
        let (least, most) = match inner.split_once(',') {
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most.parse().ok()?)),
            None => (inner, Some(inner.parse().ok()?)),
        };
        let least = if least.is_empty() {
            0
        } else {
            least.parse().ok()?
        };
        Some(Token::Repeat(least, most))
    }

    fn set(&mut self) -> Option<Instruction> {
        let mut ranges = Vec::new();
        let negated = self.text.get(self.at) == Some(&'^');
        self.at += usize::from(negated);
        let start = self.at;
        loop {
            let c = *self.text.get(self.at)?;
            self.at += 1;
            if ranges.len() > RANGES {
                return None;
            }
            if c == ']' && self.at > start + 1 {
                return Some(Instruction::Set { negated, ranges });
            }
            if c == '[' && self.text.get(self.at) == Some(&':') {
                let rest: String = self.text.get(self.at + 1..)?.iter().take(12).collect();
                let end = rest.find(":]")?;
                ranges.extend_from_slice(class(rest.get(..end)?)?);
                self.at += end + 3;
                continue;
            }
            // GNU takes \n and \t in brackets.
            let c = match (c, self.text.get(self.at)) {
                ('\\', Some('n')) => self.after('\n'),
                ('\\', Some('t')) => self.after('\t'),
                _ => c,
            };
            match self.text.get(self.at..)? {
                ['-', high, ..] if *high != ']' => {
                    ranges.push((c, *high));
                    self.at += 2;
                }
                _ => ranges.push((c, c)),
            }
        }
    }

    fn after(&mut self, c: char) -> char {
        self.at += 1;
        c
    }
}

/// The ranges of a character class.
pub fn class(name: &str) -> Option<&'static [(char, char)]> {
    Some(match name {
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "digit" => &[('0', '9')],
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "upper" => &[('A', 'Z')],
        "lower" => &[('a', 'z')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        "print" => &[(' ', '~')],
        "graph" => &[('!', '~')],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(pattern: &str, is_extended: bool, text: &str) -> Option<String> {
        let chars: Vec<char> = text.chars().collect();
        let groups = Pattern::new(pattern, is_extended, false)?.find(&chars, 0, &mut 100_000)?;
        let (start, end) = groups[0]?;
        Some(chars[start..end].iter().collect())
    }

    #[test]
    fn basic_and_extended() {
        let cases = [
            ("a.c", false, "xabcx", Some("abc")),
            ("^b", false, "ab", None),
            ("b$", false, "ab", Some("b")),
            ("a*b", false, "caaab", Some("aaab")),
            ("*a", false, "x*a", Some("*a")),
            ("a\\+", false, "baa", Some("aa")),
            ("a+", false, "aa+", Some("a+")),
            ("a+", true, "baa", Some("aa")),
            ("(ab|cd)+e", true, "xabcde", Some("abcde")),
            ("a|b|c", true, "xc", Some("c")),
            ("\\(ab\\)\\{2\\}", false, "ababab", Some("abab")),
            ("[^a-c[:digit:]]+", true, "a1xyzb", Some("xyz")),
            ("[]x]+", true, "a]x]", Some("]x]")),
            ("x{2,3}", true, "xxxx", Some("xxx")),
            ("colou?r", true, "color", Some("color")),
            ("\\.sh$", false, "a.sh", Some(".sh")),
            ("(a*)*b", true, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaac", None),
            ("(a", true, "a", None),
            ("a)", true, "a", None),
        ];
        for (pattern, is_extended, text, expected) in cases {
            assert_eq!(
                found(pattern, is_extended, text).as_deref(),
                expected,
                "{pattern}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics_or_hangs(pattern in "[a-c(){}|*+?.^$\\\\\\[\\]:,0-9-]{0,24}", text in "[a-c]{0,24}", is_extended: bool) {
            let chars: Vec<char> = text.chars().collect();
            if let Some(pattern) = Pattern::new(&pattern, is_extended, true)
                && let Some(groups) = pattern.find(&chars, 0, &mut 10_000)
            {
                let (start, end) = groups[0].unwrap();
                prop_assert!(start <= end && end <= chars.len());
            }
        }
    }
}
