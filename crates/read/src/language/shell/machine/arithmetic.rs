//! Arithmetic (XCU 2.6.4, bash manual 6.5) over 64-bit integers that wrap.

use model::Value;

use super::Machine;
use super::lookup::Found;

/// Deepest nesting of parentheses, operators and variables that hold expressions.
const DEPTH: usize = 32;

/// Longest expression that is calculated.
const BYTES: usize = 4_096;

/// Binary operators, longest first, with how tightly they bind.
const OPERATORS: &[(&str, u8)] = &[
    ("**", 12),
    ("<<", 9),
    (">>", 9),
    ("<=", 8),
    (">=", 8),
    ("==", 7),
    ("!=", 7),
    ("&&", 3),
    ("||", 2),
    ("*", 11),
    ("/", 11),
    ("%", 11),
    ("+", 10),
    ("-", 10),
    ("<", 8),
    (">", 8),
    ("&", 6),
    ("^", 5),
    ("|", 4),
];

/// Assignments that calculate first.
const ASSIGNMENTS: &[(&str, &str)] = &[
    ("<<=", "<<"),
    (">>=", ">>"),
    ("+=", "+"),
    ("-=", "-"),
    ("*=", "*"),
    ("/=", "/"),
    ("%=", "%"),
    ("&=", "&"),
    ("^=", "^"),
    ("|=", "|"),
];

impl<'a> Machine<'a, '_, '_> {
    /// The value of an expression, as far as it is known; its assignments are made.
    pub(super) fn calculate(&mut self, expression: &str) -> Option<i64> {
        let text = self.text_of(expression);
        self.calculate_value(&text)
    }

    /// The same for a text that outlives the machine.
    pub(super) fn calculate_kept(&mut self, expression: &'a str) -> Option<i64> {
        let text = self.kept_text(expression);
        self.calculate_value(&text)
    }

    fn calculate_value(&mut self, text: &Value) -> Option<i64> {
        if !text.known || text.text.len() > BYTES {
            return None;
        }
        let text = text.text.replace('"', "");
        self.calculate_text(&text, 0)
    }

    fn calculate_text(&mut self, text: &str, depth: usize) -> Option<i64> {
        if depth > DEPTH || !self.world.burn(1) {
            return None;
        }
        let mut calculation = Calculation {
            machine: self,
            rest: text,
            depth,
        };
        let value = calculation.list(true)?;
        calculation.blanks();
        calculation.rest.is_empty().then_some(value)
    }
}

/// An expression being read.
struct Calculation<'m, 'a, 'w, 'b, 't> {
    machine: &'m mut Machine<'a, 'w, 'b>,
    rest: &'t str,
    depth: usize,
}

impl<'t> Calculation<'_, '_, '_, '_, 't> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Expressions with commas between them. `counts` tells whether assignments are made: not in
    /// the branch that is not taken.
    fn list(&mut self, counts: bool) -> Option<i64> {
        let mut value = self.choice(counts)?;
        while self.take(",") {
            value = self.choice(counts)?;
        }
        Some(value)
    }

    fn choice(&mut self, counts: bool) -> Option<i64> {
        if self.depth > DEPTH {
            return None;
        }
        self.depth += 1;
        let condition = self.binary(0, counts)?;
        let value = if self.take("?") {
            let yes = self.choice(counts && condition != 0);
            if !self.take(":") {
                return None;
            }
            let no = self.choice(counts && condition == 0);
            if condition != 0 { yes } else { no }
        } else {
            Some(condition)
        };
        self.depth -= 1;
        value
    }

    fn binary(&mut self, least: u8, counts: bool) -> Option<i64> {
        if self.depth > DEPTH || !self.machine.world.burn(1) {
            return None;
        }
        self.depth += 1;
        let mut left = self.unary(counts)?;
        while let Some((operator, binding)) = self.operator()
            && binding >= least.max(1)
        {
            self.rest = self.rest.get(operator.len()..)?;
            let short = operator == "&&" && left == 0 || operator == "||" && left != 0;
            // `**` binds to the right.
            let least = if operator == "**" {
                binding
            } else {
                binding + 1
            };
            let right = self.binary(least, counts && !short)?;
            left = apply(operator, left, right)?;
        }
        self.depth -= 1;
        Some(left)
    }

    /// The binary operator that comes next, left standing.
    fn operator(&mut self) -> Option<(&'static str, u8)> {
        self.blanks();
        OPERATORS
            .iter()
            .find(|(operator, _)| self.rest.starts_with(operator))
            .copied()
    }

    fn unary(&mut self, counts: bool) -> Option<i64> {
        if self.depth > DEPTH {
            return None;
        }
        self.depth += 1;
        let value = if self.take("++") {
            self.step(1, counts)
        } else if self.take("--") {
            self.step(-1, counts)
        } else if self.take("!") {
            self.unary(counts).map(|value| i64::from(value == 0))
        } else if self.take("~") {
            self.unary(counts).map(|value| !value)
        } else if self.take("-") {
            self.unary(counts).map(i64::wrapping_neg)
        } else if self.take("+") {
            self.unary(counts)
        } else if self.take("(") {
            let value = self.list(counts);
            if self.take(")") { value } else { None }
        } else {
            self.primary(counts)
        };
        self.depth -= 1;
        value
    }

    /// `++x`, `--x`
    fn step(&mut self, by: i64, counts: bool) -> Option<i64> {
        let (name, index) = self.name()?;
        let value = self.variable(name, index)?.wrapping_add(by);
        self.set(name, index, value, counts);
        Some(value)
    }

    fn primary(&mut self, counts: bool) -> Option<i64> {
        self.blanks();
        let first = self.rest.chars().next()?;
        if first.is_ascii_digit() {
            return self.number();
        }
        let (name, index) = self.name()?;
        self.blanks();
        if let Some((written, operator)) = ASSIGNMENTS
            .iter()
            .find(|(written, _)| self.rest.starts_with(written))
        {
            self.rest = self.rest.get(written.len()..)?;
            let right = self.choice(counts)?;
            let value = apply(operator, self.variable(name, index)?, right)?;
            self.set(name, index, value, counts);
            return Some(value);
        }
        if self.rest.starts_with('=') && !self.rest.starts_with("==") {
            self.rest = self.rest.get(1..)?;
            let value = self.choice(counts)?;
            self.set(name, index, value, counts);
            return Some(value);
        }
        let value = self.variable(name, index)?;
        for (token, by) in [("++", 1), ("--", -1)] {
            if self.take(token) {
                self.set(name, index, value.wrapping_add(by), counts);
                break;
            }
        }
        Some(value)
    }

    fn number(&mut self) -> Option<i64> {
        let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '@' | '_');
        let end = self.rest.find(|c| !is_digit(c)).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        if let Some((base, digits)) = digits.split_once('#') {
            return based(digits, base.parse().ok()?);
        }
        if let Some(hex) = digits
            .strip_prefix("0x")
            .or_else(|| digits.strip_prefix("0X"))
        {
            return based(hex, 16);
        }
        if digits.len() > 1 && digits.starts_with('0') {
            return based(digits, 8);
        }
        digits.parse().ok()
    }

    /// A name, with the text of its index if it has one.
    fn name(&mut self) -> Option<(&'t str, Option<&'t str>)> {
        self.blanks();
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_letter(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if !super::super::parser::is_name(name) {
            return None;
        }
        self.rest = rest;
        let Some(inside) = rest.strip_prefix('[') else {
            return Some((name, None));
        };
        let end = inside.find(']')?;
        self.rest = inside.get(end + 1..)?;
        Some((name, inside.get(..end)))
    }

    fn variable(&mut self, name: &str, index: Option<&str>) -> Option<i64> {
        let value = match self.machine.look_up(name, index) {
            Found::One(value) => value,
            // Never assigned: nothing, unless the environment has it.
            Found::Unset(_) => return None,
            Found::Many(values, _) => values.into_iter().next().unwrap_or_default(),
        };
        let text = value.as_known()?.trim();
        if text.is_empty() {
            return Some(0);
        }
        match text.parse() {
            Ok(number) if !text.starts_with('0') || text.len() == 1 => Some(number),
            _ => self.machine.calculate_text(text, self.depth + 1),
        }
    }

    fn set(&mut self, name: &str, index: Option<&str>, value: i64, counts: bool) {
        if counts {
            self.machine
                .assign(name, index, Value::literal(value.to_string()));
        }
    }
}

/// Digits of a base up to 64: `0`–`9`, `a`–`z`, `A`–`Z`, `@`, `_`.
fn based(digits: &str, base: i64) -> Option<i64> {
    if !(2..=64).contains(&base) || digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0_i64, |value, byte| {
        let digit = i64::from(match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => byte - b'A' + 10,
            b'A'..=b'Z' => byte - b'A' + 36,
            b'@' => 62,
            b'_' => 63,
            _ => return None,
        });
        (digit < base).then(|| value.wrapping_mul(base).wrapping_add(digit))
    })
}

fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    let shift = u32::try_from(right & 63).ok()?;
    Some(match operator {
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        "**" => left.wrapping_pow(u32::try_from(right).ok()?),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "&" => left & right,
        "|" => left | right,
        "^" => left ^ right,
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "&&" => i64::from(left != 0 && right != 0),
        "||" => i64::from(left != 0 || right != 0),
        _ => return None,
    })
}
