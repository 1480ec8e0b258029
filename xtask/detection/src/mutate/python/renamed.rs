//! Other names: of variables, functions and classes; of modules; and names reached by a detour.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::mutate::Script;
use crate::mutate::random::Random;

use super::tokens::{self, Kind, Token};

/// Names of variables, functions and classes exchanged, modules under other names, and comments.
pub fn rewrite(script: &Script) -> Vec<(String, Case)> {
    let text = &script.text;
    let tokens = tokens::of(text);
    let mut all = Vec::new();
    let mut random = Random::new(script.seed());
    // What is in the braces of a formatted string is code, which these tokens do not see.
    let has_formatted = ["f'", "f\"", "F'", "F\""]
        .iter()
        .any(|sign| text.contains(sign));
    let names = bound(text, &tokens);
    if !has_formatted && !names.is_empty() {
        for (how, letters) in [("short names", 2), ("long names", 20)] {
            let new: Vec<_> = names
                .iter()
                .map(|name| (name, random.name(letters)))
                .collect();
            let renamed = tokens::replaced(text, &tokens, |at, name| {
                let (_, new) = new.iter().find(|(known, _)| *known == name)?;
                is_use(text, &tokens, at).then(|| new.clone())
            });
            all.push((how.to_owned(), script.with(&renamed)));
        }
    }
    if let Some(aliased) = aliased(text, &tokens, &mut random) {
        all.push((
            "modules under other names".to_owned(),
            script.with(&aliased),
        ));
    }
    let noise = "\"\"\"Helpers of the service.\n\nSee the documentation.\n\"\"\"\n# -*- coding: utf-8 -*-\n\
        import logging\n__version__ = \"1.0.3\"\nlog = logging.getLogger(__name__)\nlog.debug(\"start\")\n";
    if !text.contains("from __future__") {
        all.push((
            "noise before".to_owned(),
            script.with(&format!("{noise}{text}")),
        ));
    }
    all.push((
        "noise behind".to_owned(),
        script.with(&format!(
            "{text}\n\ndef unused(a, b=None):\n    return [x for x in a if x != b]\n"
        )),
    ));
    all.push(("no line end".to_owned(), script.with(text.trim_end())));
    all.push((
        "carriage returns".to_owned(),
        script.with(&text.replace('\n', "\r\n")),
    ));
    all
}

/// An expression for a module.
type Import = fn(&str) -> String;
/// An expression for an attribute of an object.
type Access = fn(&str, &str) -> String;

/// Modules and their functions reached by a detour.
pub fn indirect(script: &Script) -> Vec<(String, Case)> {
    let text = &script.text;
    let mut all = Vec::new();
    let ways: [(&str, Import); 5] = [
        ("__import__", |module| format!("__import__('{module}')")),
        ("importlib", |module| {
            format!("__import__('importlib').import_module('{module}')")
        }),
        ("__import__ of a sum", |module| {
            let (one, two) = module.split_at(module.len() / 2);
            format!("__import__('{one}' + '{two}')")
        }),
        ("__import__ by getattr", |module| {
            format!("getattr(__builtins__, '__imp' + 'ort__')('{module}')")
        }),
        ("sys.modules", |module| {
            format!("(__import__('{module}'), __import__('sys').modules['{module}'])[1]")
        }),
    ];
    for (name, import) in ways {
        if let Some(rewritten) = imports(text, import) {
            all.push((name.to_owned(), script.with(&rewritten)));
        }
    }
    let tokens = tokens::of(text);
    let ways: [(&str, Access); 4] = [
        ("getattr", |object, name| {
            format!("getattr({object}, '{name}')")
        }),
        ("getattr of a sum", |object, name| {
            let (one, two) = name.split_at(name.len() / 2);
            format!("getattr({object}, '{one}' + '{two}')")
        }),
        ("getattr of a reversed name", |object, name| {
            format!(
                "getattr({object}, '{}'[::-1])",
                name.chars().rev().collect::<String>()
            )
        }),
        ("__dict__", |object, name| {
            format!("{object}.__dict__['{name}']")
        }),
    ];
    let modules = imported(text);
    for (name, way) in ways {
        if let Some(rewritten) = attributes(text, &tokens, &modules, way) {
            all.push((name.to_owned(), script.with(&rewritten)));
        }
    }
    all
}

/// Lines `import a, b` of whole modules replaced by assignments.
fn imports(text: &str, import: Import) -> Option<String> {
    let mut any = false;
    let line = |line: &str| {
        let Some(modules) = line.strip_prefix("import ") else {
            return line.to_owned();
        };
        let (modules, rest) = modules.split_once(';').unwrap_or((modules, ""));
        let modules: Vec<_> = modules.split(',').map(str::trim).collect();
        if modules
            .iter()
            .any(|module| module.contains([' ', '.', '#']))
        {
            return line.to_owned();
        }
        any = true;
        let assigned = modules
            .iter()
            .map(|module| format!("{module} = {}", import(module)));
        let assigned = assigned.collect::<Vec<_>>().join("; ");
        if rest.is_empty() {
            assigned
        } else {
            format!("{assigned};{rest}")
        }
    };
    let lines: Vec<_> = text.lines().map(line).collect();
    any.then(|| lines.join("\n") + "\n")
}

/// Modules that `import a, b` names.
fn imported(text: &str) -> BTreeSet<&str> {
    let lines = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("import "));
    let modules = lines.flat_map(|line| line.split(';').next().unwrap_or_default().split(','));
    modules
        .map(str::trim)
        .filter(|module| !module.contains([' ', '.', '#']))
        .collect()
}

/// `module.name(` replaced by what `way` makes of it.
fn attributes(
    text: &str,
    tokens: &[Token],
    modules: &BTreeSet<&str>,
    way: Access,
) -> Option<String> {
    let of = |at: usize| {
        tokens
            .get(at)
            .map_or("", |token| &text[token.range.clone()])
    };
    let is_call = |at: usize| {
        tokens.get(at).is_some_and(|token| token.kind == Kind::Name)
            && modules.contains(of(at))
            && (at == 0 || of(at - 1) != ".")
            && of(at + 1) == "."
            && of(at + 3) == "("
    };
    let mut any = false;
    let rewritten = tokens::replaced(text, tokens, |at, name| {
        if is_call(at) {
            any = true;
            return Some(way(name, of(at + 2)));
        }
        let behind = (at >= 1 && is_call(at - 1)) || (at >= 2 && is_call(at - 2));
        behind.then(String::new)
    });
    any.then_some(rewritten)
}

/// `import a` as `import a as b`, and `b.` for `a.`.
fn aliased(text: &str, tokens: &[Token], random: &mut Random) -> Option<String> {
    let modules: Vec<_> = imported(text)
        .into_iter()
        .map(|name| (name, random.name(3)))
        .collect();
    if modules.is_empty() || text.contains("f'") || text.contains("f\"") {
        return None;
    }
    let of = |at: usize| {
        tokens
            .get(at)
            .map_or("", |token| &text[token.range.clone()])
    };
    let mut in_import = false;
    Some(tokens::replaced(text, tokens, |at, name| {
        let first = tokens.get(at).is_some_and(|token| token.first);
        if first || at > 0 && of(at - 1) == ";" {
            in_import = name == "import";
        }
        let (_, alias) = modules.iter().find(|(module, _)| *module == name)?;
        if at > 0 && (of(at - 1) == "." || of(at - 1) == "from") {
            return None;
        }
        Some(if in_import {
            format!("{name} as {alias}")
        } else {
            alias.clone()
        })
    }))
}

/// Names the program binds: by assignment, `def`, `class`, `for`, `as`.
fn bound(text: &str, tokens: &[Token]) -> BTreeSet<String> {
    let of = |at: usize| {
        tokens
            .get(at)
            .map_or("", |token| &text[token.range.clone()])
    };
    let mut names = BTreeSet::new();
    let mut kept = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Name {
            continue;
        }
        let before = if at > 0 { of(at - 1) } else { "" };
        let starts = token.first || before == ";";
        let is_assigned = starts && token.depth == 0 && of(at + 1) == "=" && of(at + 2) != "=";
        if is_assigned || ["def", "class", "for"].contains(&before) {
            names.insert(of(at).to_owned());
        }
        // What is imported, an attribute or an argument by name keeps its name everywhere.
        if ["import", "from", "as", "."].contains(&before)
            || before == "," && of(at - 2) == "import"
        {
            kept.insert(of(at).to_owned());
        }
        if token.depth > 0 && of(at + 1) == "=" && of(at + 2) != "=" {
            kept.insert(of(at).to_owned());
        }
    }
    names.retain(|name| !kept.contains(name) && !name.starts_with("__"));
    names
}

fn is_use(text: &str, tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let is_attribute = before.is_some_and(|token| &text[token.range.clone()] == ".");
    tokens.get(at).is_some_and(|token| token.kind == Kind::Name) && !is_attribute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_attributes_take_a_detour() {
        let text = "import os, sys\nos.system('id')\n";
        let import = imports(text, |module| format!("__import__('{module}')")).unwrap();
        assert!(import.starts_with("os = __import__('os'); sys = __import__('sys')\n"));
        let tokens = tokens::of(text);
        let way = |object: &str, name: &str| format!("getattr({object}, '{name}')");
        let attribute = attributes(text, &tokens, &imported(text), way).unwrap();
        assert_eq!(attribute, "import os, sys\ngetattr(os, 'system')('id')\n");
    }

    #[test]
    fn bound_names_are_those_of_the_program() {
        let text = "import os as o\nx = 1\ndef f(a):\n  return a\nf(key=x)\no.y = 2\n";
        let names: Vec<_> = bound(text, &tokens::of(text)).into_iter().collect();
        assert_eq!(names, ["f", "x"]);
    }
}
