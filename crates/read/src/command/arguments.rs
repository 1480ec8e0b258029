//! Arguments taken apart as getopt does (POSIX Utility Syntax Guidelines, GNU long options), over
//! values that may be unknown.

use model::Value;

/// Which options of a program take a value, and where its operands may stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grammar {
    /// Letters of the short options that take a value.
    pub short: &'static str,
    /// Names of the long options that take a value in the next argument (`--name=value` always
    /// gives one).
    pub long: &'static [&'static str],
    /// Whether the first operand ends the options: the rest belongs to another command.
    pub stops: bool,
    /// Whether long options have one dash, as those of `openssl` and `find` do.
    pub single_dash: bool,
}

/// Options and operands of a command line.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Options in order, named without dashes.
    pub options: Vec<(String, Option<Value>)>,
    /// What is not an option or an option's value.
    pub operands: Vec<Value>,
}

/// Fewest letters a long option may be abbreviated to.
const SHORTEST_ABBREVIATION: usize = 3;

impl Arguments {
    /// Takes `arguments` apart.
    pub fn parse(grammar: &Grammar, arguments: &[Value]) -> Self {
        let mut parsed = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.text.as_str();
            if text == "--" {
                break;
            }
            if let Some(long) = text.strip_prefix("--") {
                parsed.long(grammar, argument, long, &mut rest);
            } else if let Some(short) = text.strip_prefix('-').filter(|text| !text.is_empty()) {
                if grammar.single_dash {
                    parsed.long(grammar, argument, short, &mut rest);
                } else {
                    parsed.short(grammar, argument, short, &mut rest);
                }
            } else {
                parsed.operands.push(argument.clone());
                if grammar.stops {
                    break;
                }
            }
        }
        parsed.operands.extend(rest.cloned());
        parsed
    }

    fn long<'a>(
        &mut self,
        grammar: &Grammar,
        argument: &Value,
        text: &str,
        rest: &mut impl Iterator<Item = &'a Value>,
    ) {
        if let Some((name, value)) = text.split_once('=') {
            let value = argument.map_text(|_| value.to_owned());
            self.options.push((name.to_owned(), Some(value)));
            return;
        }
        let takes_value = grammar.long.contains(&text);
        let value = if takes_value { rest.next() } else { None };
        self.options.push((text.to_owned(), value.cloned()));
    }

    fn short<'a>(
        &mut self,
        grammar: &Grammar,
        argument: &Value,
        text: &str,
        rest: &mut impl Iterator<Item = &'a Value>,
    ) {
        for (at, letter) in text.char_indices() {
            if letter == '{' && !argument.known {
                return;
            }
            if !grammar.short.contains(letter) {
                self.options.push((letter.to_string(), None));
                continue;
            }
            let attached = text.get(at + letter.len_utf8()..).unwrap_or_default();
            let value = if attached.is_empty() {
                rest.next().cloned()
            } else {
                Some(argument.map_text(|_| attached.to_owned()))
            };
            self.options.push((letter.to_string(), value));
            return;
        }
    }

    /// Whether any of these options is given; long ones may be abbreviated.
    pub fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(given, _)| is_any(given, names))
    }

    /// The value of the last of these options that has one.
    pub fn value(&self, names: &[&str]) -> Option<&Value> {
        let mut given = self.options.iter().rev();
        given.find_map(|(name, value)| value.as_ref().filter(|_| is_any(name, names)))
    }

    /// The values of these options in order.
    pub fn values<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = &'a Value> {
        self.options
            .iter()
            .filter(|(given, _)| is_any(given, names))
            .filter_map(|(_, value)| value.as_ref())
    }

    /// Operand number `at`, from 0.
    pub fn operand(&self, at: usize) -> Option<&Value> {
        self.operands.get(at)
    }

    /// The operands from number `at` on.
    pub fn operands_from(&self, at: usize) -> &[Value] {
        self.operands.get(at..).unwrap_or_default()
    }
}

/// Whether `given` is one of `names`, or the start of a long one.
fn is_any(given: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        *name == given
            || given.len() >= SHORTEST_ABBREVIATION && name.len() > 1 && name.starts_with(given)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar = Grammar {
        short: "op",
        long: &["output"],
        stops: false,
        single_dash: false,
    };

    fn parse(grammar: &Grammar, line: &str) -> Arguments {
        let arguments: Vec<Value> = line.split(' ').map(Value::from).collect();
        Arguments::parse(grammar, &arguments)
    }

    fn texts(values: &[Value]) -> Vec<&str> {
        values.iter().map(|value| value.text.as_str()).collect()
    }

    #[test]
    fn options_in_every_spelling() {
        for line in [
            "-o f",
            "-of",
            "-vo f",
            "x -vof",
            "--output f",
            "--output=f",
            "--out=f",
        ] {
            let parsed = parse(&GRAMMAR, line);
            let value = parsed.value(&["o", "output"]);
            assert_eq!(value, Some(&Value::literal("f")), "{line}");
        }
        assert!(parse(&GRAMMAR, "-xvo f").has(&["v"]));
        assert!(!parse(&GRAMMAR, "-ov").has(&["v"]));
    }

    #[test]
    fn operands_and_where_they_end_options() {
        assert_eq!(
            texts(&parse(&GRAMMAR, "a -o f b - -- -c").operands),
            ["a", "b", "-", "-c"]
        );
        let stops = Grammar {
            stops: true,
            ..GRAMMAR
        };
        assert_eq!(
            texts(&parse(&stops, "-o f sh -c x").operands),
            ["sh", "-c", "x"]
        );
        let single = Grammar {
            single_dash: true,
            long: &["connect"],
            ..GRAMMAR
        };
        let parsed = parse(&single, "s_client -quiet -connect h:1");
        assert_eq!(parsed.value(&["connect"]), Some(&Value::literal("h:1")));
    }

    #[test]
    fn an_option_without_its_value_is_still_seen() {
        assert!(parse(&GRAMMAR, "-o").has(&["o"]));
        assert_eq!(parse(&GRAMMAR, "-o").value(&["o"]), None);
    }
}
