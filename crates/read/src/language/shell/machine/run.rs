//! Lists, and-or lists and pipelines.

use model::{Stream, Value};

use super::super::ast::{AndOr, Command, Connective, Kind, List, Pipeline};
use super::Machine;

impl<'a> Machine<'a, '_, '_> {
    /// Runs a list from its first command to its end.
    pub(super) fn list(&mut self, list: &List<'a>) {
        list.visited.set(true);
        self.deeper(|machine| {
            for item in &list.items {
                machine.and_or(item);
                if machine.halt.is_some() || !machine.world.burn(1) {
                    break;
                }
            }
        });
    }

    /// Runs pipelines joined by `&&` and `||`: all of them, but one that is known not to be run
    /// is put off.
    pub(super) fn and_or(&mut self, item: &AndOr<'a>) {
        let leads = !item.rest.is_empty();
        if leads {
            // `exit || true`: what the first does is certain, but an `exit` there is one.
            self.pipeline(&item.first);
        } else {
            return self.pipeline(&item.first);
        }
        for (connective, list) in &item.rest {
            if self.halt.is_some() {
                break;
            }
            let runs = match connective {
                Connective::And => self.status,
                Connective::Or => self.status.map(|status| !status),
            };
            match runs {
                Some(true) => self.list(list),
                Some(false) => self.put_off(list),
                None => {
                    self.perhaps(|machine| machine.list(list));
                    self.status = None;
                }
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline<'a>) {
        match pipeline.stages.as_slice() {
            [command] => self.command(command),
            stages => self.stages(stages, pipeline.source),
        }
        if pipeline.negated {
            self.status = self.status.map(|status| !status);
        }
    }

    /// Runs the stages of a pipeline, each with what the one before printed as its input.
    fn stages(&mut self, stages: &[Command<'a>], source: &'a str) {
        let Some((last, before)) = stages.split_last() else {
            return;
        };
        let [input, _, error] = self.world.standard.clone();
        let halt = self.halt;
        let mut passed: Option<Value> = None;
        for command in before {
            self.set_input(passed.take());
            if command.pipes_error {
                let [_, _, error] = &mut self.world.standard;
                *error = Stream::Text(Value::default());
            }
            passed = Some(self.capture(|machine| machine.stage(command, source)));
            let [_, _, current] = &mut self.world.standard;
            current.clone_from(&error);
            self.halt = halt;
        }
        self.set_input(passed);
        self.stage(last, source);
        self.halt = halt;
        self.status = None;
        let [current, ..] = &mut self.world.standard;
        *current = input;
    }

    /// Runs one stage: what a program does there, the whole pipeline shows. A compound command is
    /// shown by its own statements.
    fn stage(&mut self, command: &Command<'a>, pipeline: &'a str) {
        if let Kind::Simple(_) = command.kind {
            self.pipeline = Some(pipeline);
        }
        self.command(command);
        self.pipeline = None;
    }

    fn set_input(&mut self, value: Option<Value>) {
        if let Some(value) = value {
            let [input, ..] = &mut self.world.standard;
            *input = Stream::Text(value);
        }
    }

    /// Runs one command with its redirections.
    pub(super) fn command(&mut self, command: &Command<'a>) {
        if !self.world.burn(1) {
            return;
        }
        if let Kind::Simple(simple) = &command.kind {
            self.simple(command, simple);
        } else if command.redirects.is_empty() {
            self.compound(command);
        } else {
            self.redirected(command);
        }
    }

    /// Runs a compound command with its redirections.
    fn redirected(&mut self, command: &Command<'a>) {
        self.world.at(command.line, command.source);
        let wiring = self.wire(&command.redirects);
        self.with_wiring(wiring, |machine| machine.compound(command));
    }
}
