//! Calls, functions, classes and imports.

use std::rc::Rc;

use super::marshal::Code;
use super::opcodes::{Op, Version};
use super::unit::{Item, Unit, postfix};
use crate::language::script::syntax::{
    Argument, ClassSyntax, Expression, FunctionSyntax, Name, Parameter, ParameterKind, Statement,
    StatementKind, Trailer,
};

/// What stands for the function that makes classes.
pub const CLASS: &str = "$class";

/// Deepest nesting of code objects.
const NESTING: usize = 24;

/// `CO_VARARGS`, `CO_VARKEYWORDS`, `CO_GENERATOR` and `CO_ASYNC_GENERATOR`.
const REST: u32 = 4;
const REST_NAMED: u32 = 8;
const GENERATOR: u32 = 0x220;

impl Unit<'_> {
    /// Instructions that call or make something callable.
    pub fn call(&mut self, op: Op, operand: usize) -> bool {
        match op {
            Op::KwNames => {
                let names = self
                    .code
                    .constants
                    .get(operand)
                    .map(|names| self.constant(names, 0));
                self.keywords = names.map(names_of).unwrap_or_default();
            }
            Op::Call => {
                let keywords = std::mem::take(&mut self.keywords);
                self.call_with(operand, &keywords, true);
            }
            Op::CallMethod => self.call_with(operand, &[], true),
            Op::CallKw | Op::CallFunctionKw if self.shared.version > Version::V27 => {
                let keywords = names_of(self.pop().expression);
                self.call_with(operand, &keywords, op == Op::CallKw);
            }
            Op::CallFunction if self.shared.version > Version::V27 => {
                self.call_with(operand, &[], false)
            }
            Op::CallFunction | Op::CallFunctionVar | Op::CallFunctionKw | Op::CallFunctionVarKw => {
                self.call_old(op, operand);
            }
            Op::CallFunctionEx => self.call_unpacked(operand),
            Op::MakeFunction | Op::MakeClosure => self.make_function(op, operand),
            Op::SetFunctionAttribute => {
                let function = self.pop();
                let attribute = self.pop().expression;
                self.stack.push(function);
                if matches!(operand, 1 | 2) {
                    self.set_defaults(attribute);
                }
            }
            Op::OldBuildClass => {
                let (mut parts, _) = self.pops(3);
                let methods = parts.pop();
                let bases = parts.pop();
                let name = parts.pop();
                self.class(
                    methods,
                    name,
                    bases
                        .map(|bases| vec![Argument::Rest(bases)])
                        .unwrap_or_default(),
                );
            }
            _ => return false,
        }
        true
    }

    /// Calls with `count` arguments, the last of them by name; `pair` if two values stand for what
    /// is called.
    fn call_with(&mut self, count: usize, keywords: &[Name], pair: bool) {
        let (values, depth) = self.pops(count);
        let plain = values.len().saturating_sub(keywords.len());
        let mut keywords = keywords.iter();
        let arguments = values.into_iter().enumerate().map(|(n, value)| {
            let name = (n >= plain).then(|| keywords.next()).flatten();
            match name {
                Some(name) => Argument::Named(name.clone(), value),
                None => Argument::Plain(value),
            }
        });
        let mut arguments: Vec<Argument> = arguments.collect();
        let (callee, receiver) = self.callee(pair);
        arguments.splice(0..0, receiver);
        self.finish_call(callee, arguments, depth);
    }

    /// What is called, and the first argument that stands where a receiver would: of two values,
    /// one says that there is none, or the upper is that argument.
    fn callee(&mut self, pair: bool) -> (Item, Option<Argument>) {
        let upper = self.pop();
        if !pair {
            return (upper, None);
        }
        let lower = self.pop();
        if Self::is_null(&lower) {
            (upper, None)
        } else if Self::is_null(&upper) {
            (lower, None)
        } else {
            (lower, Some(Argument::Plain(upper.expression)))
        }
    }

    fn finish_call(&mut self, callee: Item, mut arguments: Vec<Argument>, depth: u16) {
        if matches!(&callee.expression, Expression::Name(name) if &**name == CLASS) {
            let mut rest = arguments.split_off(2.min(arguments.len()));
            rest.retain(|base| !matches!(base, Argument::Named(..)));
            let mut parts = arguments.into_iter().map(|argument| match argument {
                Argument::Plain(value) => Some(value),
                _ => None,
            });
            let (body, name) = (parts.next().flatten(), parts.next().flatten());
            return self.class(body, name, rest);
        }
        // A chain of calls is flat.
        let depth = depth.max(callee.depth);
        self.push(postfix(callee.expression, Trailer::Call(arguments)), depth);
    }

    /// Calls of 2.7: pairs of name and value behind the plain ones, then what is unpacked.
    fn call_old(&mut self, op: Op, operand: usize) {
        let named = matches!(op, Op::CallFunctionKw | Op::CallFunctionVarKw).then(|| self.pop());
        let rest = matches!(op, Op::CallFunctionVar | Op::CallFunctionVarKw).then(|| self.pop());
        let (pairs, mut depth) = self.pops((operand >> 8) * 2);
        let (plain, plain_depth) = self.pops(operand & 0xff);
        depth = depth.max(plain_depth);
        let mut arguments: Vec<Argument> = plain.into_iter().map(Argument::Plain).collect();
        let mut pairs = pairs.into_iter();
        while let (Some(key), Some(value)) = (pairs.next(), pairs.next()) {
            arguments.push(match key {
                Expression::Text(name) => Argument::Named(name, value),
                _ => Argument::Plain(value),
            });
        }
        for (item, rest) in [(rest, true), (named, false)] {
            if let Some(item) = item {
                depth = depth.max(item.depth + 1);
                arguments.push(if rest {
                    Argument::Rest(item.expression)
                } else {
                    Argument::RestNamed(item.expression)
                });
            }
        }
        let callee = self.pop();
        self.finish_call(callee, arguments, depth);
    }

    /// A call whose arguments stand in a tuple, and in a dictionary if the operand is odd.
    fn call_unpacked(&mut self, operand: usize) {
        let named = (operand & 1 == 1).then(|| self.pop());
        let rest = self.pop();
        let mut depth = rest.depth + 1;
        let mut arguments = match rest.expression {
            Expression::Tuple(values) | Expression::List(values) => {
                let argument = |value| match value {
                    Expression::Starred(value) => Argument::Rest(*value),
                    value => Argument::Plain(value),
                };
                values.into_iter().map(argument).collect()
            }
            other => vec![Argument::Rest(other)],
        };
        if let Some(named) = named {
            depth = depth.max(named.depth + 1);
            arguments.push(Argument::RestNamed(named.expression));
        }
        let (callee, _) = self.callee(self.shared.version >= Version::V311);
        self.finish_call(callee, arguments, depth);
    }

    // ---- functions and classes ----

    /// The function a code object is.
    pub fn function(&mut self, code: &Rc<Code>) -> Rc<FunctionSyntax> {
        self.positional = code.arguments;
        let mut body = Vec::new();
        if self.depth < NESTING {
            let mut unit = Unit::new(code, self.shared, self.depth + 1);
            unit.run();
            body = std::mem::take(&mut unit.out);
            if !unit.globals.is_empty() {
                let kind = StatementKind::Global(std::mem::take(&mut unit.globals));
                body.insert(
                    0,
                    Statement {
                        line: 0,
                        source: 0..0,
                        kind,
                    },
                );
            }
        } else {
            self.shared.cut.set(true);
        }
        Rc::new(FunctionSyntax {
            name: code.name.clone(),
            parameters: parameters(code),
            body,
            generator: code.flags & GENERATOR != 0,
            text: self.shared.text.clone(),
        })
    }

    /// What comes with the code of a function: its name, defaults, cells.
    fn make_function(&mut self, op: Op, operand: usize) {
        let version = self.shared.version;
        if (Version::V36..=Version::V310).contains(&version) {
            // Its qualified name.
            self.pop();
        }
        let code = self.pop();
        if version == Version::V27 {
            if op == Op::MakeClosure {
                self.pop();
            }
            let (defaults, _) = self.pops(operand);
            self.stack.push(code);
            self.set_defaults(Expression::Tuple(defaults));
            return;
        }
        if version >= Version::V313 {
            self.stack.push(code);
            return;
        }
        // Cells, annotations, defaults by name, defaults.
        for flag in [8, 4] {
            if operand & flag != 0 {
                self.pop();
            }
        }
        let by_name = (operand & 2 != 0).then(|| self.pop().expression);
        let defaults = (operand & 1 != 0).then(|| self.pop().expression);
        self.stack.push(code);
        for defaults in [defaults, by_name].into_iter().flatten() {
            self.set_defaults(defaults);
        }
    }

    /// Gives the function on top of the stack the defaults of its last plain parameters, or those
    /// of parameters by name.
    fn set_defaults(&mut self, defaults: Expression) {
        let positional = self.positional;
        let Some(Item {
            expression: Expression::Lambda(function),
            ..
        }) = self.peek(1)
        else {
            return;
        };
        let Some(function) = Rc::get_mut(function) else {
            return;
        };
        match defaults {
            Expression::Tuple(defaults) => {
                let plain = function.parameters.iter_mut().take(positional);
                let mut plain: Vec<_> = plain.collect();
                for (parameter, default) in plain.iter_mut().rev().zip(defaults.into_iter().rev()) {
                    parameter.default = Some(default);
                }
            }
            Expression::Dictionary(pairs) => {
                for (key, default) in pairs {
                    let Some(Expression::Text(name)) = key else {
                        continue;
                    };
                    let of_name = |parameter: &&mut Parameter| parameter.name == name;
                    if let Some(parameter) = function.parameters.iter_mut().find(of_name) {
                        parameter.default = Some(default);
                    }
                }
            }
            _ => {}
        }
    }

    /// Makes a class of the function that is its body.
    fn class(&mut self, body: Option<Expression>, name: Option<Expression>, bases: Vec<Argument>) {
        let mut body = body;
        // 2.7 calls it itself.
        if let Some(Expression::Postfix(function, _)) = body {
            body = Some(*function);
        }
        let (Some(Expression::Lambda(function)), Some(Expression::Text(name))) = (body, name)
        else {
            self.stack.push(Item::unknown());
            return;
        };
        let Ok(function) = Rc::try_unwrap(function) else {
            self.stack.push(Item::unknown());
            return;
        };
        self.emit(StatementKind::Class(Rc::new(ClassSyntax {
            name: name.clone(),
            bases,
            body: function.body,
        })));
        self.push_name(name);
    }

    // ---- imports ----

    /// Imports a module; `names` if only to take names from it.
    pub fn import(&mut self, module: Name, names: bool) {
        let temporary = self.shared.temporary();
        if names {
            self.modules.insert(temporary.clone(), module);
        } else {
            let first: Name = module.split('.').next().unwrap_or_default().into();
            let alias = Some(temporary.clone());
            let mut imports = vec![(first, alias)];
            if module.contains('.') {
                imports.push((module, Some(self.shared.temporary())));
            }
            self.emit(StatementKind::Import(imports));
        }
        self.push_name(temporary);
    }

    /// Takes a name from the module on top of the stack.
    pub fn import_from(&mut self, module: Expression, name: Name) {
        let source = match &module {
            Expression::Name(temporary) => self.modules.get(temporary).cloned(),
            _ => None,
        };
        let Some(source) = source else {
            self.push(postfix(module, Trailer::Attribute(name)), 1);
            return;
        };
        let temporary = self.shared.temporary();
        let names = vec![(name, Some(temporary.clone()))];
        self.emit(StatementKind::ImportFrom(source, names));
        self.push_name(temporary);
    }

    /// Takes all names from the module on top of the stack.
    pub fn import_all(&mut self) {
        if let Expression::Name(temporary) = self.pop().expression
            && let Some(module) = self.modules.get(&temporary).cloned()
        {
            self.emit(StatementKind::ImportAll(module));
        }
    }
}

fn names_of(expression: Expression) -> Vec<Name> {
    let Expression::Tuple(items) = expression else {
        return Vec::new();
    };
    let name = |item| match item {
        Expression::Text(name) => Some(name),
        _ => None,
    };
    items.into_iter().filter_map(name).collect()
}

/// The parameters of a code object, in the order they are written.
fn parameters(code: &Code) -> Vec<Parameter> {
    let (rest, rest_named) = (code.flags & REST != 0, code.flags & REST_NAMED != 0);
    let plain = code.arguments + code.named;
    let name = |at: usize| code.locals.get(at).and_then(super::marshal::text_of);
    let parameter = |at: usize, kind| {
        Some(Parameter {
            name: name(at)?,
            kind,
            default: None,
        })
    };
    let mut parameters: Vec<Parameter> = Vec::new();
    let positional = (0..code.arguments.min(code.locals.len()))
        .filter_map(|at| parameter(at, ParameterKind::Plain));
    parameters.extend(positional);
    parameters.extend(
        rest.then(|| parameter(plain, ParameterKind::Rest))
            .flatten(),
    );
    let by_name = code.arguments..plain.min(code.locals.len());
    parameters.extend(by_name.filter_map(|at| parameter(at, ParameterKind::Plain)));
    let at = plain + usize::from(rest);
    parameters.extend(
        rest_named
            .then(|| parameter(at, ParameterKind::Named))
            .flatten(),
    );
    parameters
}
