//! Assignments, and what the world has to know of them.

use model::{Behavior, Language, Step, Trigger, Value};

use super::super::ast::{Assigned, Assignment};
use super::Machine;
use super::field::bounded_append;
use super::lookup::Found;
use super::variable::{Content, Variable};

/// Most variables a shell keeps.
const VARIABLES: usize = 65_536;

/// Variables that change what programs do, load or leave behind: setting one is an act.
const TELLING: &[&str] = &[
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "PATH",
    "HISTFILE",
    "HISTSIZE",
    "HISTFILESIZE",
    "HISTCONTROL",
    "HISTIGNORE",
    "HISTCMD",
    "PROMPT_COMMAND",
    "BASH_ENV",
    "ENV",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONHOME",
    "PERL5LIB",
    "PERL5OPT",
    "RUBYOPT",
    "RUBYLIB",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "GIT_SSH_COMMAND",
    "GIT_SSH",
    "SSH_ASKPASS",
    "PS0",
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "LD_DEBUG",
];

/// Variables that a shell acts on whether they are exported or not.
const ACTED_ON: &[&str] = &[
    "HISTFILE",
    "HISTSIZE",
    "HISTFILESIZE",
    "HISTCONTROL",
    "HISTIGNORE",
    "PROMPT_COMMAND",
    "PATH",
];

/// Whether assigning a variable has an effect on the shell itself.
pub fn is_acted_on(name: &str) -> bool {
    ACTED_ON.contains(&name)
}

impl<'a> Machine<'a, '_, '_> {
    /// Assigns a value to a name or, with the text of an index, to an element.
    pub(super) fn assign(&mut self, name: &str, index: Option<&str>, value: Value) {
        self.assignments += 1;
        if let Some(index) = index {
            return self.assign_element(name, index, value);
        }
        let is_full = self.variables.len() >= VARIABLES;
        match self.variables.get_mut(name) {
            Some(variable) => {
                let exported = variable.exported;
                match &mut variable.content {
                    // A default that the user may replace does not hide what is known.
                    Content::One(held)
                        if self.conditional > 0
                            && held.known
                            && !held.text.is_empty()
                            && value.is_supplied() => {}
                    Content::One(held) => *held = value.clone(),
                    _ => variable.set_element(0, value.clone()),
                }
                if exported {
                    self.export_value(name, value);
                }
            }
            None if !is_full => {
                self.variables.insert(name.to_owned(), Variable::one(value));
            }
            None => self
                .world
                .gap("the program sets more variables than are followed"),
        }
    }

    fn assign_element(&mut self, name: &str, index: &str, value: Value) {
        let is_map = matches!(
            self.variables.get(name),
            Some(Variable {
                content: Content::Keyed(_),
                ..
            })
        );
        let key = is_map.then(|| self.key_of(index).text);
        let number = if is_map { None } else { self.calculate(index) };
        if self.variables.len() >= VARIABLES {
            return;
        }
        let variable = self
            .variables
            .entry(name.to_owned())
            .or_insert_with(|| Variable::one(Value::literal("")));
        match (key, number) {
            (Some(key), _) => variable.set_key(key, value),
            (None, Some(number)) => variable.set_element(number, value),
            // An element that cannot be told: behind the last.
            (None, None) => variable.set_element(variable.next_index(), value),
        }
    }

    /// Makes an assignment of the text.
    pub(super) fn assignment(&mut self, assignment: &Assignment<'a>) {
        match &assignment.value {
            Assigned::Word(word) => {
                let is_new = !self.variables.contains_key(assignment.name)
                    && super::lookup::well_known(assignment.name).is_none();
                let outer =
                    std::mem::replace(&mut self.accumulating, is_new.then_some(assignment.name));
                let mut value = self.single(word);
                self.accumulating = outer;
                if assignment.append {
                    value = self.appended(assignment.name, assignment.index, value);
                }
                if assignment.index.is_none() && is_acted_on(assignment.name) {
                    self.tell(assignment.name, &value);
                }
                self.assign(assignment.name, assignment.index, value);
            }
            Assigned::Array(elements) => self.assign_array(assignment, elements),
        }
    }

    /// What a variable holds with `value` behind it.
    pub(super) fn appended(&mut self, name: &str, index: Option<&str>, value: Value) -> Value {
        let limit = self.world.budget().program_text;
        let cost = u64::try_from(value.text.len() / 64).unwrap_or(u64::MAX);
        let held = match self.look_up(name, index) {
            Found::One(held) => held,
            Found::Many(values, _) => values.into_iter().next().unwrap_or_default(),
            Found::Unset(_) => Value::literal(""),
        };
        if !self.world.burn(cost) {
            return held;
        }
        let mut all = held;
        bounded_append(&mut all, &value, limit);
        all
    }

    fn assign_array(
        &mut self,
        assignment: &Assignment<'a>,
        elements: &[(Option<&'a str>, super::Word<'a>)],
    ) {
        let name = assignment.name;
        let exists = self.variables.contains_key(name);
        let is_map = matches!(
            self.variables.get(name),
            Some(Variable {
                content: Content::Keyed(_),
                ..
            })
        );
        if !exists || !assignment.append {
            if !exists && self.variables.len() >= VARIABLES {
                return;
            }
            let content = if is_map {
                Content::Keyed(Default::default())
            } else {
                Content::Indexed(Default::default())
            };
            let exported = self
                .variables
                .get(name)
                .is_some_and(|variable| variable.exported);
            self.variables
                .insert(name.to_owned(), Variable { content, exported });
        }
        for (index, word) in elements {
            if let Some(index) = index {
                let value = self.single(word);
                self.assign_element(name, index, value);
                continue;
            }
            let mut fields = Vec::new();
            self.word_fields(word, &mut fields);
            if let Some(variable) = self.variables.get_mut(name) {
                let mut next = variable.next_index();
                for field in fields {
                    variable.set_element(next, field);
                    next = next.saturating_add(1);
                }
            }
        }
    }

    /// Makes a variable visible to programs.
    pub(super) fn export(&mut self, name: &str) {
        let value = match self.variables.get_mut(name) {
            Some(variable) => {
                variable.exported = true;
                variable.scalar().cloned()
            }
            None => None,
        };
        if let Some(value) = value {
            self.export_value(name, value);
        }
    }

    fn export_value(&mut self, name: &str, value: Value) {
        if !is_acted_on(name) {
            self.tell(name, &value);
        }
        self.world.export(name, Some(value));
    }

    /// Records that a variable is set, if that is of consequence.
    pub(super) fn tell(&mut self, name: &str, value: &Value) {
        if TELLING.contains(&name) {
            self.world.act(Behavior::SetVariable {
                name: name.to_owned(),
                value: value.clone(),
            });
        }
        // What a shell runs before every prompt.
        if name == "PROMPT_COMMAND" && !value.text.is_empty() {
            self.world.act(Behavior::Schedule {
                trigger: Trigger::Login,
                when: Value::literal("at every prompt"),
                command: value.clone(),
            });
            self.world.evaluate(Language::Shell, value, Step::new(name));
        }
    }

    /// Takes a variable or element away.
    pub(super) fn unset(&mut self, name: &str) {
        if let Some((name, index)) = name.split_once('[') {
            let index = index.trim_end_matches(']');
            let number = self.calculate(index);
            match self
                .variables
                .get_mut(name)
                .map(|variable| &mut variable.content)
            {
                Some(Content::Keyed(elements)) => {
                    elements.remove(index);
                }
                Some(Content::Indexed(elements)) => {
                    if let Some(number) = number {
                        elements.remove(&number);
                    }
                }
                _ => {}
            }
            return;
        }
        if TELLING.contains(&name) {
            self.tell(name, &Value::literal(""));
        }
        self.world.export(name, None);
        // From now on it is empty, whatever the environment had.
        if self.conditional == 0 || !self.variables.contains_key(name) {
            self.variables.remove(name);
        }
        self.functions.remove(name);
    }
}
