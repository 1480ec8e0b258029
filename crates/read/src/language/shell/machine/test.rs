//! `test`, `[` and `[[`: whether a condition holds, where that can be told from values alone.

use model::Value;

use super::Machine;
use super::pattern::Pattern;
use crate::language::shell::ast::Word;

impl<'a> Machine<'a, '_, '_> {
    /// `[[ … ]]`
    pub(super) fn test_words(&mut self, words: &[Word<'a>]) -> Option<bool> {
        let mut operands = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let is_pattern = before.is_some_and(|word| matches!(word.source, "=" | "==" | "!="));
            operands.push(if is_pattern {
                Operand::Pattern(self.pattern(word))
            } else {
                Operand::Value(self.single(word))
            });
        }
        self.condition(&operands)
    }

    /// `test`, and `[` without its bracket.
    pub(super) fn test_values(&mut self, values: &[Value]) -> Option<bool> {
        let operands: Vec<Operand> = values.iter().cloned().map(Operand::Value).collect();
        self.condition(&operands)
    }

    fn condition(&mut self, operands: &[Operand]) -> Option<bool> {
        // Split at the loosest operator first.
        for (words, is_and) in [(["||", "-o"], false), (["&&", "-a"], true)] {
            let at = operands
                .iter()
                .position(|operand| words.contains(&operand.text()));
            if let Some(at) = at.filter(|at| *at > 0 && *at + 1 < operands.len()) {
                let (left, right) = operands.split_at(at);
                let left = self.simple_condition(left);
                let right = right.get(1..).and_then(|right| self.condition_rest(right));
                return match (left, right) {
                    (Some(left), Some(right)) => {
                        Some(if is_and { left && right } else { left || right })
                    }
                    (Some(one), None) | (None, Some(one)) if one != is_and => Some(one),
                    _ => None,
                };
            }
        }
        self.simple_condition(operands)
    }

    /// The part behind an operator: one more is followed, longer chains are not told.
    fn condition_rest(&mut self, operands: &[Operand]) -> Option<bool> {
        let joins = |operand: &Operand| matches!(operand.text(), "||" | "&&" | "-o" | "-a");
        if operands.iter().any(joins) {
            None
        } else {
            self.simple_condition(operands)
        }
    }

    fn simple_condition(&mut self, operands: &[Operand]) -> Option<bool> {
        match operands {
            [Operand::Value(bang), rest @ ..] if bang.text == "!" && !rest.is_empty() => {
                self.simple_condition(rest).map(|holds| !holds)
            }
            [] => Some(false),
            [Operand::Value(value)] => emptiness(value).map(|empty| !empty),
            [Operand::Value(operator), Operand::Value(value)] => match operator.text.as_str() {
                "-n" => emptiness(value).map(|empty| !empty),
                "-z" => emptiness(value),
                _ => None,
            },
            [Operand::Value(left), Operand::Value(operator), right] => {
                self.comparison(left, &operator.text, right)
            }
            _ => None,
        }
    }

    fn comparison(&mut self, left: &Value, operator: &str, right: &Operand) -> Option<bool> {
        let left_text = left.as_known()?;
        match (operator, right) {
            ("=" | "==", Operand::Pattern(pattern)) => pattern.matches(left_text),
            ("!=", Operand::Pattern(pattern)) => pattern.matches(left_text).map(|holds| !holds),
            ("=" | "==", Operand::Value(right)) => Some(left_text == right.as_known()?),
            ("!=", Operand::Value(right)) => Some(left_text != right.as_known()?),
            (_, Operand::Value(right)) => {
                let right_text = right.as_known()?.to_owned();
                let (left, right) = (self.calculate(left_text)?, self.calculate(&right_text)?);
                Some(match operator {
                    "-eq" => left == right,
                    "-ne" => left != right,
                    "-lt" => left < right,
                    "-le" => left <= right,
                    "-gt" => left > right,
                    "-ge" => left >= right,
                    _ => return None,
                })
            }
            _ => None,
        }
    }
}

/// One word of a test.
enum Operand {
    Value(Value),
    Pattern(Pattern),
}

impl Operand {
    fn text(&self) -> &str {
        match self {
            Self::Value(value) => &value.text,
            Self::Pattern(_) => "",
        }
    }
}

/// Whether a value is empty: a part that is known and not empty is enough to tell.
fn emptiness(value: &Value) -> Option<bool> {
    match (value.known, value.text.is_empty()) {
        (true, empty) => Some(empty),
        (false, _) if super::field::without_placeholders(&value.text).is_empty() => None,
        (false, _) => Some(false),
    }
}
