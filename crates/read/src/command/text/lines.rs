//! Programs that pick, order or count lines: head, tail, grep, sort, uniq, awk, wc and the like.

use model::{Language, Provenance, Step, Stream, Value};

use super::pattern::Pattern;
use super::translate::changed;
use super::{burn_steps, printed, source};
use crate::command::{Arguments, Call, Grammar, Ran};
use crate::world::{World, is_placeholder};

/// Most matching steps one `grep` may take.
const STEPS: u64 = 2_000_000;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    match name {
        "head" | "tail" => Some(ends(world, name, call)),
        "grep" | "egrep" | "fgrep" | "zgrep" | "rg" | "ag" => Some(grep(world, name, call)),
        "sort" => Some(sort(world, call)),
        "uniq" => Some(uniq(world, call)),
        "wc" => Some(wc(world, call)),
        "paste" => Some(paste(world, call)),
        "awk" | "gawk" | "mawk" | "nawk" | "original-awk" => Some(awk(world, name, call)),
        "strings" => Some(strings(world, call)),
        "iconv" | "dos2unix" | "envsubst" | "expand" | "unexpand" | "fmt" | "column" | "pv"
        | "unbuffer" | "colrm" | "sponge" | "ts" => Some(pass_on(world, call)),
        "jq" | "yq" | "shuf" | "hexdump" | "hd" | "od" | "comm" | "join" | "diff" | "split"
        | "xmllint" | "pr" | "html2text" | "pup" | "recode" => Some(remade(world, name, call)),
        "md5sum" | "sha1sum" | "sha256sum" | "sha512sum" | "cksum" | "sum" | "b2sum" | "md5" => {
            Some(remade(world, name, call))
        }
        _ => None,
    }
}

/// Programs that print their input more or less as it is.
fn pass_on(world: &mut World, call: &Call) -> Ran {
    Ran::Prints(source(world, call, &[]))
}

/// Programs whose output holds their input in another form.
fn remade(world: &mut World, name: &str, call: &Call) -> Ran {
    let files: Vec<Value> = call
        .arguments
        .iter()
        .filter(|argument| argument.text.starts_with(['/', '.']) && argument.text.contains('/'))
        .cloned()
        .collect();
    let value = source(world, call, &files);
    let mut result = value.with_source(Provenance::Output(name.to_owned()));
    result.known = false;
    if !is_placeholder(&result) {
        result.text = format!("{{output of {name}}}");
    }
    Ran::Prints(result)
}

fn ends(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "nc",
        long: &["lines", "bytes"],
        ..Grammar::default()
    };
    let old_count = |argument: &&Value| {
        argument.text.get(1..).is_some_and(|digits| {
            argument.text.starts_with(['-', '+'])
                && !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let old = call
        .arguments
        .iter()
        .find(old_count)
        .map(|argument| argument.text.trim_start_matches('-').to_owned());
    let words: Vec<Value> = call
        .arguments
        .iter()
        .filter(|argument| !old_count(argument))
        .cloned()
        .collect();
    let arguments = Arguments::parse(&grammar, &words);
    let value = source(world, call, &arguments.operands);
    let bytes = arguments
        .value(&["c", "bytes"])
        .map(|value| value.text.clone());
    let lines = arguments
        .value(&["n", "lines"])
        .map(|value| value.text.clone())
        .or(old);
    let count = bytes.clone().or(lines).unwrap_or_else(|| "10".to_owned());
    let number: usize = count.trim_start_matches(['+', '-']).parse().unwrap_or(10);
    let result = changed(&value, |text| {
        let pieces: Vec<&str> = match bytes {
            Some(_) => text.split_inclusive(|_: char| true).collect(),
            None => text.split_inclusive('\n').collect(),
        };
        let total = pieces.len();
        let (skip, take) = match (name, count.as_bytes().first()) {
            ("head", Some(b'-')) => (0, total.saturating_sub(number)),
            ("head", _) => (0, number),
            (_, Some(b'+')) => (number.saturating_sub(1), total),
            _ => (total.saturating_sub(number), total),
        };
        pieces.into_iter().skip(skip).take(take).collect()
    });
    printed(world, result)
}

fn grep(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "efmABCdDgt",
        long: &[
            "regexp",
            "file",
            "max-count",
            "after-context",
            "before-context",
            "context",
            "include",
            "exclude",
            "exclude-dir",
            "color",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let mut operands = arguments.operands.as_slice();
    let mut wanted: Vec<Value> = arguments.values(&["e", "regexp"]).cloned().collect();
    if wanted.is_empty()
        && let Some((first, rest)) = operands.split_first()
    {
        wanted.push(first.clone());
        operands = rest;
    }
    let has = |names: &[&str]| arguments.has(names);
    let is_recursive = has(&["r", "R", "recursive"]);
    let value = if is_recursive {
        Value::unknown(Provenance::Output("grep".to_owned()))
    } else {
        source(world, call, operands)
    };
    if has(&["q", "quiet", "silent"]) {
        return Ran::silent();
    }
    let inverts = has(&["v", "invert-match"]);
    if !value.known || is_recursive || has(&["c", "l", "L", "count"]) {
        return Ran::Prints(matching(&value, &wanted, inverts));
    }
    let patterns = patterns(name, &arguments, &wanted);
    let Some(patterns) = patterns else {
        return Ran::Prints(matching(&value, &wanted, inverts));
    };
    let only = has(&["o", "only-matching"]);
    let mut steps = STEPS;
    let result = value.map_text(|text| {
        let mut out = String::new();
        for line in text.lines() {
            let chars: Vec<char> = line.chars().collect();
            let found = patterns
                .iter()
                .find_map(|pattern| pattern.find(&chars, 0, &mut steps));
            match found.and_then(|groups| groups.first().copied().flatten()) {
                Some((start, end)) if only && !inverts => {
                    out.extend(chars.get(start..end).unwrap_or_default())
                }
                Some(_) if inverts => continue,
                None if !inverts => continue,
                _ => out.push_str(line),
            }
            out.push('\n');
        }
        out
    });
    if !burn_steps(world, STEPS - steps) || steps == 0 {
        world.gap("a search by grep takes more steps than are followed");
        return Ran::Prints(matching(&value, &wanted, inverts));
    }
    printed(world, result)
}

/// The patterns as the options say they are to be read; `None` if one is not supported.
fn patterns(name: &str, arguments: &Arguments, wanted: &[Value]) -> Option<Vec<Pattern>> {
    let has = |names: &[&str]| arguments.has(names);
    let is_fixed = name == "fgrep" || has(&["F", "fixed-strings"]);
    let is_extended = name == "egrep" || has(&["E", "P", "extended-regexp", "perl-regexp"]);
    let ignores_case = has(&["i", "ignore-case"]);
    let compile = |text: &str| match is_fixed {
        true => Pattern::new(&quoted(text), false, ignores_case),
        false => Pattern::new(text, is_extended, ignores_case),
    };
    wanted
        .iter()
        .map(|pattern| compile(&pattern.text))
        .collect()
}

/// A basic expression that matches `text` itself.
fn quoted(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '.' | '*' | '[' | ']' | '^' | '$' | '\\' => vec!['\\', c],
            _ => vec![c],
        })
        .collect()
}

/// What is known of lines picked from an unknown text: the pattern, which says what they hold.
fn matching(value: &Value, wanted: &[Value], inverts: bool) -> Value {
    // `grep -v grep` says nothing; what was picked before does.
    if inverts && is_placeholder(value) {
        return value.clone();
    }
    let mut all = value.map_text(|_| "{lines matching".to_owned());
    all.known = false;
    for pattern in wanted {
        all.append(&Value::literal(" "));
        all.append(&pattern.map_text(|text| text.replace(['{', '}'], "")));
    }
    all.append(&Value::literal("}"));
    all
}

fn sort(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "koStT",
        long: &[
            "key",
            "output",
            "buffer-size",
            "field-separator",
            "temporary-directory",
            "parallel",
            "sort",
        ],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let value = source(world, call, &arguments.operands);
    let by_key = arguments.has(&["k", "key"]);
    let result = changed(&value, |text| {
        let mut lines: Vec<&str> = text.lines().collect();
        let number = |line: &str| {
            line.split_whitespace()
                .next()
                .and_then(|word| word.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        let key = |line: &&str| {
            if by_key {
                line.split_whitespace().last().map(str::to_owned)
            } else {
                None
            }
        };
        if arguments.has(&["n", "g", "numeric-sort"]) {
            lines.sort_by(|a, b| number(a).total_cmp(&number(b)));
        } else if by_key {
            lines.sort_by_key(key);
        } else {
            lines.sort_unstable();
        }
        if arguments.has(&["r", "reverse"]) {
            lines.reverse();
        }
        if arguments.has(&["u", "unique"]) {
            lines.dedup();
        }
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    });
    // Sorting by a column and in other ways is not followed to the letter.
    let result = Value {
        known: result.known && !by_key,
        ..result
    };
    match arguments.value(&["o", "output"]) {
        Some(path) => {
            world.write(path.clone(), result, false);
            Ran::silent()
        }
        None => printed(world, result),
    }
}

fn uniq(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "fsw",
            ..Grammar::default()
        },
        &call.arguments,
    );
    let value = source(world, call, arguments.operands.get(..1).unwrap_or_default());
    if arguments.has(&["c", "d", "u"]) {
        return Ran::Prints(Value {
            known: false,
            ..value
        });
    }
    let result = changed(&value, |text| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.dedup();
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    });
    printed(world, result)
}

fn wc(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(&Grammar::default(), &call.arguments);
    let value = source(world, call, &arguments.operands);
    let count = match &value.known {
        true if arguments.has(&["l"]) => value.text.matches('\n').count(),
        true if arguments.has(&["c"]) => crate::encoding::to_bytes(&value.text).len(),
        true if arguments.has(&["m"]) => value.text.chars().count(),
        true if arguments.has(&["w"]) => value.text.split_whitespace().count(),
        _ => return Ran::Prints(Value::unknown(Provenance::Output("wc".to_owned()))),
    };
    Ran::Prints(Value::literal(format!("{count}\n")))
}

fn paste(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "d",
            long: &["delimiters"],
            ..Grammar::default()
        },
        &call.arguments,
    );
    let value = source(world, call, &arguments.operands);
    let delimiter = arguments
        .value(&["d", "delimiters"])
        .map_or("\t", |value| value.text.as_str());
    let (delimiter, _) = super::print::escapes(delimiter, true);
    let delimiter = delimiter
        .trim_matches('\0')
        .chars()
        .next()
        .map(String::from)
        .unwrap_or_default();
    if !arguments.has(&["s", "serial"]) {
        return Ran::Prints(value);
    }
    let result = changed(&value, |text| {
        text.lines().collect::<Vec<_>>().join(&delimiter) + "\n"
    });
    printed(world, result)
}

fn strings(world: &mut World, call: &Call) -> Ran {
    let arguments = Arguments::parse(
        &Grammar {
            short: "nte",
            long: &["bytes"],
            ..Grammar::default()
        },
        &call.arguments,
    );
    let value = source(world, call, &arguments.operands);
    let result = changed(&value, |text| {
        let runs = text.split(|c: char| !(' '..='~').contains(&c) && c != '\t');
        runs.filter(|run| run.len() >= 4)
            .flat_map(|run| [run, "\n"])
            .collect()
    });
    printed(world, result)
}

/// awk: printing fields is done here; any other program is followed as code.
fn awk(world: &mut World, name: &str, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "Fvfei",
        long: &["field-separator", "assign", "file", "source"],
        stops: true,
        single_dash: false,
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let (program, files) = match arguments.value(&["f", "file", "e", "source"]) {
        Some(file) if arguments.has(&["f", "file"]) => {
            (world.content_of(file), arguments.operands.as_slice())
        }
        Some(code) => (code.clone(), arguments.operands.as_slice()),
        None => match arguments.operands.split_first() {
            Some((program, files)) => (program.clone(), files),
            None => return Ran::silent(),
        },
    };
    let fields = program.as_known().and_then(printed_fields);
    let reads_nothing =
        program.text.trim_start().starts_with("BEGIN") && !program.text.contains("getline");
    let value = if reads_nothing {
        Value::literal("")
    } else {
        source(world, call, files)
    };
    let Some(fields) = fields else {
        let printed = awk_program(world, name, &arguments, program, &value);
        if printed.known {
            return Ran::Prints(printed);
        }
        let mut result = value.with_source(Provenance::Output(name.to_owned()));
        result.known = false;
        if !is_placeholder(&result) {
            result.text = format!("{{output of {name}}}");
        }
        return Ran::Prints(result);
    };
    let separator = arguments
        .value(&["F", "field-separator"])
        .map(|value| value.text.clone());
    let result = changed(&value, |text| {
        let pick = |line: &str| -> String {
            let words: Vec<&str> = match separator.as_deref() {
                None | Some(" ") => line.split_whitespace().collect(),
                Some(separator) => line.split(separator.trim_matches(['[', ']'])).collect(),
            };
            let field = |number: &usize| match number {
                0 => line,
                _ => words.get(number - 1).copied().unwrap_or_default(),
            };
            fields.iter().map(field).collect::<Vec<_>>().join(" ") + "\n"
        };
        text.lines().map(pick).collect()
    });
    printed(world, result)
}

/// Follows an awk program with its `-v` variables and its input; returns what it prints.
fn awk_program(
    world: &mut World,
    name: &str,
    arguments: &Arguments,
    mut program: Value,
    input: &Value,
) -> Value {
    let variables: String = arguments
        .values(&["v", "assign"])
        .filter_map(|variable| variable.as_known()?.split_once('='))
        .map(|(name, value)| format!("BEGIN {{ {name} = \"{}\" }}; ", value.replace('"', "\\\"")))
        .collect();
    program.text.insert_str(0, &variables);
    let mut standard = world.standard.clone();
    // What reads nothing leaves its input to what it starts.
    if !input.known || !input.text.is_empty() {
        standard[0] = Stream::Text(input.clone());
    }
    world.with_standard(standard, Vec::new(), |world| {
        world.evaluate(Language::Awk, &program, Step::new(name))
    })
}

/// The fields of `{print $1, $3}`; `{print}` is field 0. `None` for any other program.
fn printed_fields(program: &str) -> Option<Vec<usize>> {
    let body = program.trim().strip_prefix('{')?.strip_suffix('}')?;
    let body = body.trim().trim_end_matches(';');
    let fields = body.strip_prefix("print")?.trim();
    if fields.is_empty() {
        return Some(vec![0]);
    }
    fields
        .split(',')
        .map(|field| field.trim().strip_prefix('$')?.trim().parse().ok())
        .collect()
}
