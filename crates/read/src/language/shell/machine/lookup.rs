//! What a name stands for: variables, parameters, and what the environment is known to hold.

use model::{Provenance, Value};

use super::Machine;
use super::variable::{Content, Variable};

/// Values that every container starts with or a shell sets, by name. They stand in where text is
/// cut out of them, which only obfuscation does: `${PATH:0:1}` is a slash.
const WELL_KNOWN: &[(&str, &str)] = &[
    (
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("HOME", "/root"),
    ("PWD", "/"),
    ("OLDPWD", "/"),
    ("SHELL", "/bin/bash"),
    ("BASH", "/bin/bash"),
    ("ZSH_NAME", "zsh"),
    ("USER", "root"),
    ("LOGNAME", "root"),
    ("OSTYPE", "linux-gnu"),
    ("HOSTTYPE", "x86_64"),
    ("MACHTYPE", "x86_64-pc-linux-gnu"),
    ("TERM", "xterm"),
    ("LANG", "C.UTF-8"),
    ("PS2", "> "),
    ("PS4", "+ "),
    ("OPTIND", "1"),
    ("UID", "0"),
    ("EUID", "0"),
    ("SHLVL", "1"),
    (
        "LS_COLORS",
        "rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35",
    ),
];

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Found {
    /// Nothing was assigned; the value is that of the environment, or an unknown one.
    Unset(Value),
    /// One value.
    One(Value),
    /// A list: `$@`, `$*` (if `true`) or an array.
    Many(Vec<Value>, bool),
}

impl Machine<'_, '_, '_> {
    /// Looks up a name with the text of its index, if it has one.
    pub(super) fn look_up(&mut self, name: &str, index: Option<&str>) -> Found {
        match index {
            Some(index @ ("@" | "*")) => match self.variables.get(name) {
                Some(variable) => Found::Many(variable.values(), index == "*"),
                None => self.outer(name),
            },
            Some(index) => self.element(name, index),
            None => self.plain(name),
        }
    }

    fn plain(&self, name: &str) -> Found {
        if let Some(variable) = self.variables.get(name) {
            return match variable.scalar() {
                Some(value) => Found::One(value.clone()),
                None => Found::One(Value::literal("")),
            };
        }
        match name {
            "@" | "*" => match &self.positional {
                Some(values) => Found::Many(values.clone(), name == "*"),
                None => Found::Unset(Value::unknown(Provenance::Argument)),
            },
            "#" => match &self.positional {
                Some(values) => Found::One(Value::literal(values.len().to_string())),
                None => Found::One(Value::unknown(Provenance::Argument)),
            },
            "0" => Found::One(self.zero.clone()),
            "?" => Found::One(match self.status {
                Some(status) => Value::literal(if status { "0" } else { "1" }),
                None => Value::unknown(Provenance::Unknown),
            }),
            "IFS" => Found::One(Value::literal(" \t\n")),
            "RANDOM" | "SRANDOM" => {
                Found::One(Value::unknown(Provenance::Output("random".to_owned())))
            }
            "$" | "!" | "-" | "_" | "SECONDS" | "LINENO" | "BASHPID" | "PPID" | "EPOCHSECONDS"
            | "EPOCHREALTIME" => Found::One(Value::unknown(Provenance::Unknown)),
            _ => match name.parse::<usize>() {
                Ok(number) => self.parameter_number(number),
                Err(_) => self.outer(name),
            },
        }
    }

    fn parameter_number(&self, number: usize) -> Found {
        match &self.positional {
            Some(values) => match number.checked_sub(1).and_then(|at| values.get(at)) {
                Some(value) => Found::One(value.clone()),
                None => Found::Many(Vec::new(), false),
            },
            None => Found::Unset(Value::unknown(Provenance::Argument)),
        }
    }

    fn outer(&self, name: &str) -> Found {
        let value = self.world.environment(name);
        if !value.known && self.accumulating == Some(name) {
            return Found::One(Value::literal(""));
        }
        if value.known {
            Found::One(value)
        } else {
            Found::Unset(value)
        }
    }

    fn element(&mut self, name: &str, index: &str) -> Found {
        if let Some(Variable {
            content: Content::Keyed(_),
            ..
        }) = self.variables.get(name)
        {
            let key = self.key_of(index);
            let Some(Variable {
                content: Content::Keyed(elements),
                ..
            }) = self.variables.get(name)
            else {
                return Found::One(Value::literal(""));
            };
            return Found::One(elements.get(&key.text).cloned().unwrap_or_else(|| {
                if key.known {
                    Value::literal("")
                } else {
                    Value::unknown(Provenance::Unknown)
                }
            }));
        }
        let Some(number) = self.calculate(index) else {
            return Found::One(Value::unknown(Provenance::Unknown));
        };
        match self.variables.get(name) {
            Some(variable) => Found::One(
                variable
                    .element(number)
                    .cloned()
                    .unwrap_or_else(|| "".into()),
            ),
            None if number == 0 => self.outer(name),
            None => Found::One(Value::literal("")),
        }
    }

    /// The key that the text of an index stands for.
    pub(super) fn key_of(&mut self, index: &str) -> Value {
        let text = match index.as_bytes() {
            [b'\'', inside @ .., b'\''] => {
                return Value::literal(String::from_utf8_lossy(inside));
            }
            [b'"', .., b'"'] if index.len() > 1 => {
                index.get(1..index.len() - 1).unwrap_or_default()
            }
            _ => index,
        };
        self.text_of(text)
    }

    /// The value of a name as one text, for arithmetic and tests.
    pub(super) fn value_of(&mut self, name: &str) -> Value {
        match self.look_up(name, None) {
            Found::Unset(value) | Found::One(value) => value,
            Found::Many(values, _) => join(&values, " "),
        }
    }

    /// The separators of fields.
    pub(super) fn separators(&self) -> String {
        match self.variables.get("IFS").and_then(Variable::scalar) {
            Some(value) if value.known => value.text.clone(),
            _ => " \t\n".to_owned(),
        }
    }
}

/// What every system is known to set `name` to.
pub fn well_known(name: &str) -> Option<Value> {
    let (_, text) = WELL_KNOWN.iter().find(|(known, _)| *known == name)?;
    Some(Value::literal(*text).with_source(Provenance::Environment(name.to_owned())))
}

/// Values with `separator` between them.
pub fn join(values: &[Value], separator: &str) -> Value {
    let mut all = Value::literal("");
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            all.text.push_str(separator);
        }
        all.append(value);
    }
    all
}
