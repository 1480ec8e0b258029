//! What the formats share that make something start: the act that puts a command there, and what
//! the command does behind it, one step further in.

use model::{Behavior, Language, Step, Trigger, Value};

use crate::world::World;

/// A place in a format whose command something starts.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// What starts it.
    pub trigger: Trigger,
    /// When, in words or as written.
    pub when: &'a str,
    /// The step to the command, for example the name of the setting.
    pub step: &'a str,
}

impl Start<'_> {
    /// The command is handed to a shell.
    pub fn shell(self, world: &mut World, code: &str) {
        self.interpreter(world, Language::Shell, code);
    }

    /// The command is code of `language`.
    pub fn interpreter(self, world: &mut World, language: Language, code: &str) {
        let code = Value::literal(code);
        self.schedule(world, &code);
        world.evaluate(language, &code, Step::new(self.step));
    }

    /// The command is started without a shell.
    pub fn command(self, world: &mut World, line: &str) {
        self.schedule(world, &Value::literal(line));
        world.inside(Step::new(self.step), |world| {
            super::lower(world, Language::Command, line)
        });
    }

    fn schedule(self, world: &mut World, command: &Value) {
        world.act(Behavior::Schedule {
            trigger: self.trigger,
            when: Value::literal(self.when),
            command: command.clone(),
        });
    }
}

/// A part of a text that was put together by code: what code could not tell stands in it in
/// braces, so that the part is then not known.
pub fn part(text: &str) -> Value {
    let told = !text.contains('{') || !text.contains('}');
    Value {
        known: told,
        ..Value::literal(text)
    }
}
