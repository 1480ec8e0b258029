//! Calling: functions and classes of the program, and what is called on whose behalf.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use model::{Provenance, Value};

use super::interpreter::{CALLS, Followed, Frame, Interpreter};
use super::object::{Function, Object, Slot};
use super::syntax::{Block, Name, ParameterKind};
use super::{library, methods};

/// How often a call with the same arguments is followed if it does something: the second time,
/// what it uses may have been set.
const SAME_ACTING_CALLS: u32 = 2;

/// How often it is followed if it only computes.
const SAME_CALLS: u32 = 512;

/// Fuel that calls of one function whose outcome cannot be told may cost together before further
/// ones are not followed: their statements were run often enough, and only the arguments differ.
const UNCERTAIN_FUEL: u64 = 10_000;

/// The same for a function that does something: what it is done to may differ.
const ACTING_FUEL: u64 = 100_000;

/// Arguments of a call.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// By position.
    pub plain: Vec<Object>,
    /// By name.
    pub named: Vec<(Name, Object)>,
    /// Whether there may be more that cannot be told.
    pub open: bool,
}

impl Arguments {
    /// Arguments by position.
    pub fn plain(plain: Vec<Object>) -> Self {
        Self {
            plain,
            ..Self::default()
        }
    }

    /// The argument of a name.
    pub fn named(&self, name: &str) -> Option<&Object> {
        self.named
            .iter()
            .find(|(own, _)| &**own == name)
            .map(|(_, value)| value)
    }

    /// The argument of a name, or else at a position.
    pub fn get(&self, at: usize, name: &str) -> Option<&Object> {
        self.named(name).or_else(|| self.plain.get(at))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.plain
            .iter()
            .chain(self.named.iter().map(|(_, value)| value))
    }
}

impl Interpreter<'_, '_> {
    /// An argument as a value; empty if it is not given.
    pub fn argument(&mut self, arguments: &Arguments, at: usize, name: &str) -> Value {
        match arguments.get(at, name) {
            Some(object) => self.value_of(object),
            None if arguments.open => Value::unknown(Provenance::Unknown),
            None => Value::literal(""),
        }
    }

    /// Calls with arguments by position.
    pub fn call_plain(&mut self, callee: &Object, arguments: Vec<Object>) -> Object {
        self.call(callee, Arguments::plain(arguments))
    }

    /// Makes the calls that wait for a statement to end.
    pub fn call_waiting(&mut self) {
        while let Some((callee, receiver, arguments)) = self.later.pop_front() {
            if let Object::Function(_) = callee {
                self.receiver = receiver;
            }
            self.staying(|this| this.call(&callee, arguments));
            if self.is_stopped() {
                self.later.clear();
            }
        }
    }

    /// Calls something.
    pub fn call(&mut self, callee: &Object, arguments: Arguments) -> Object {
        match callee {
            Object::Library(path) => library::call(self, &path.clone(), arguments),
            Object::Function(function) => self.call_function(&function.clone(), arguments),
            _ => self
                .deeper(|this| this.call_bound(callee, arguments))
                .unwrap_or_else(Object::anything),
        }
    }

    /// Calls what stands for something else to be called.
    fn call_bound(&mut self, callee: &Object, arguments: Arguments) -> Object {
        match callee {
            Object::Bound(bound) => {
                let mut arguments = arguments;
                arguments.plain.insert(0, bound.0.clone());
                self.call_function(&bound.1.clone(), arguments)
            }
            Object::Method(method) => {
                let (receiver, name) = (**method).clone();
                self.call_method(&receiver, &name, arguments)
            }
            Object::Class(slot) => self.instantiate(*slot, arguments),
            Object::Partial(partial) => {
                let mut all = arguments;
                let mut plain = partial.plain.clone();
                plain.append(&mut all.plain);
                all.plain = plain;
                all.named.extend(partial.named.iter().cloned());
                self.call(&partial.callee, all)
            }
            Object::Code(code) => self.run_code(&code.clone(), true),
            Object::Instance(_) => self.call_method(callee, &Rc::from("__call__"), arguments),
            _ => self.call_unknown(callee, &arguments),
        }
    }

    /// A call of something that is not known: what comes out comes from what goes in.
    pub fn call_unknown(&mut self, callee: &Object, arguments: &Arguments) -> Object {
        self.uncertain += 1;
        let mut from = callee.sources().to_vec();
        for argument in arguments.all() {
            from.extend(self.heap.sources(argument));
        }
        Object::from_sources(from)
    }

    /// Calls a method.
    pub fn call_method(&mut self, receiver: &Object, name: &Name, arguments: Arguments) -> Object {
        match receiver {
            Object::Library(_) | Object::Class(_) | Object::Instance(_) | Object::Super(..) => {
                let dialect = self.dialect;
                if !matches!(receiver, Object::Instance(_))
                    && let Some(result) = dialect.method(self, receiver, name, &arguments)
                {
                    return result;
                }
                if let Some(result) = methods::of_any(self, receiver, name, &arguments) {
                    return result;
                }
                match self.attribute(receiver, name) {
                    Object::Method(_) if matches!(receiver, Object::Super(..)) => {
                        self.call_unknown(&Object::anything(), &arguments)
                    }
                    method => self.call(&method, arguments),
                }
            }
            _ => methods::call(self, receiver, name, arguments),
        }
    }

    // ---- functions of the program ----

    fn call_function(&mut self, function: &Rc<Function>, arguments: Arguments) -> Object {
        self.note_called(function);
        // Arrow functions see what is around them.
        let is_arrow = matches!(&*function.syntax.name, "<lambda>" | "=>");
        let receiver = self.receiver.take().filter(|_| !is_arrow);
        let key = self.call_key(function, receiver.as_ref(), &arguments);
        if let Some(before) = self.followed.get(&key) {
            let most = if before.acted {
                SAME_ACTING_CALLS
            } else {
                SAME_CALLS
            };
            if before.times >= most {
                return before.returned.clone();
            }
        }
        let syntax = Rc::as_ptr(&function.syntax);
        let tired = self.costs.get(&syntax).is_some_and(|cost| {
            let most = if cost.acted {
                ACTING_FUEL
            } else {
                UNCERTAIN_FUEL
            };
            cost.fuel > most
        });
        if tired || self.frames.len() >= CALLS || !self.burn(4) {
            return self.call_unknown(&Object::anything(), &arguments);
        }
        let (effects, spent, uncertain) = (self.effects, self.spent, self.uncertain);
        let returned = self.follow(function, receiver, arguments);
        let acted = self.effects > effects;
        let spent = self.spent - spent;
        let followed = self.followed.entry(key).or_insert_with(|| Followed {
            times: 0,
            acted,
            returned: Object::None,
        });
        followed.times += 1;
        followed.acted = acted;
        followed.returned = returned.clone();
        let cost = self.costs.entry(syntax).or_default();
        cost.acted |= acted;
        if acted || self.uncertain > uncertain {
            cost.fuel += spent;
        }
        returned
    }

    /// Runs a function's body with its parameters bound.
    fn follow(
        &mut self,
        function: &Rc<Function>,
        this: Option<Object>,
        arguments: Arguments,
    ) -> Object {
        let is_lambda = &*function.syntax.name == "<lambda>";
        let run = |interpreter: &mut Self| {
            let outer = interpreter.scope;
            interpreter.scope = interpreter.scopes.open(function.scope);
            let receiver = function
                .class
                .and_then(|_| arguments.plain.first().cloned());
            interpreter.bind_parameters(function, arguments);
            if let Some(own) = this {
                let name = Rc::from("this");
                interpreter.scopes.bind(interpreter.scope, name, own);
            }
            interpreter.frames.push(Frame {
                function: Some(function.clone()),
                receiver,
                ..Frame::default()
            });
            interpreter.run_block(&function.syntax.body);
            let frame = interpreter.frames.pop().unwrap_or_default();
            interpreter.scopes.close(interpreter.scope);
            interpreter.scope = outer;
            if function.syntax.generator {
                interpreter.heap.list(frame.yielded)
            } else {
                frame.returned.unwrap_or(Object::None)
            }
        };
        let result = if is_lambda {
            self.deeper(run)
        } else {
            self.staying(|this| this.deeper(run))
        };
        result.unwrap_or_else(Object::anything)
    }

    fn bind_parameters(&mut self, function: &Rc<Function>, arguments: Arguments) {
        let scope = self.scope;
        let all = function.syntax.parameters.iter();
        let mut all = all
            .filter(|parameter| parameter.kind == ParameterKind::All)
            .map(|_| arguments.plain.clone())
            .next();
        let mut plain = arguments.plain.into_iter();
        let mut named = arguments.named;
        for (at, parameter) in function.syntax.parameters.iter().enumerate() {
            let value = match parameter.kind {
                ParameterKind::Rest => Object::Tuple(Rc::new(plain.by_ref().collect())),
                ParameterKind::All => self.heap.list(all.take().unwrap_or_default()),
                ParameterKind::Named => {
                    let entries = std::mem::take(&mut named)
                        .into_iter()
                        .map(|(name, value)| (Object::text(&*name), value))
                        .collect();
                    self.heap.dictionary(entries)
                }
                ParameterKind::Plain => {
                    let by_name = named.iter().position(|(name, _)| *name == parameter.name);
                    let given = match by_name {
                        Some(at) => Some(named.swap_remove(at).1),
                        None => plain.next(),
                    };
                    let default = || function.defaults.get(at).cloned().flatten();
                    given
                        .or_else(default)
                        .unwrap_or_else(|| Object::unknown(Provenance::Argument))
                }
            };
            self.scopes.bind(scope, parameter.name.clone(), value);
        }
    }

    /// Follows a function that nothing in the text calls, with arguments unknown.
    pub fn call_unseen(&mut self, function: &Rc<Function>, receiver: Option<Object>) {
        let mut arguments = Arguments {
            plain: receiver.into_iter().collect(),
            ..Arguments::default()
        };
        let parameters = function.syntax.parameters.iter().enumerate();
        for (at, parameter) in parameters.skip(arguments.plain.len()) {
            let has_default = function.defaults.get(at).is_some_and(Option::is_some);
            let is_route = self.routes.contains(&Rc::as_ptr(&function.syntax));
            match parameter.kind {
                ParameterKind::Plain if is_route => {
                    arguments.plain.push(library::served::part(&parameter.name));
                }
                ParameterKind::Plain if !has_default => {
                    let argument = self.dialect.unseen_argument(&parameter.name);
                    let argument =
                        argument.unwrap_or_else(|| Object::unknown(Provenance::Argument));
                    arguments.plain.push(argument);
                }
                _ => break,
            }
        }
        self.call_function(function, arguments);
    }

    /// The same for the same function with arguments that cannot be told apart.
    fn call_key(
        &self,
        function: &Rc<Function>,
        receiver: Option<&Object>,
        arguments: &Arguments,
    ) -> u64 {
        let mut hasher = DefaultHasher::new();
        Rc::as_ptr(&function.syntax).hash(&mut hasher);
        function.scope.hash(&mut hasher);
        for argument in receiver.into_iter().chain(&arguments.plain) {
            hash_object(argument, &mut hasher, 3);
        }
        for (name, argument) in &arguments.named {
            name.hash(&mut hasher);
            hash_object(argument, &mut hasher, 3);
        }
        hasher.finish()
    }

    // ---- classes of the program ----

    /// The class whose body or method the current scope belongs to.
    pub fn class_of_scope(&self) -> Option<Slot> {
        match self.frames.last()?.receiver {
            Some(Object::Class(slot)) if self.frames.last()?.function.is_none() => Some(slot),
            _ => None,
        }
    }

    /// Runs a class's body; what it binds are the class's attributes.
    pub fn run_class_body(&mut self, slot: Slot, body: &Block) {
        if self.frames.len() >= CALLS {
            return;
        }
        let outer = self.scope;
        self.scope = self.scopes.open(outer);
        self.frames.push(Frame {
            receiver: Some(Object::Class(slot)),
            ..Frame::default()
        });
        self.run_block(body);
        self.frames.pop();
        for (name, object) in self.scopes.names(self.scope) {
            self.heap.set_attribute(slot, &name, object);
        }
        self.scopes.close(self.scope);
        self.scope = outer;
    }

    fn instantiate(&mut self, class: Slot, arguments: Arguments) -> Object {
        let instance = Object::Instance(self.heap.instance(class));
        library::construct_base(self, class, &instance, &arguments);
        if let Some(Object::Function(init)) = self.class_attribute(class, "__init__", 0) {
            let mut all = arguments;
            all.plain.insert(0, instance.clone());
            self.call_function(&init, all);
        }
        instance
    }

    /// An attribute of a class or its bases.
    pub fn class_attribute(&self, class: Slot, name: &str, depth: usize) -> Option<Object> {
        let class = self.heap.class_of(class).filter(|_| depth < CALLS)?;
        let own = class.attributes.iter().find(|(own, _)| &**own == name);
        if let Some((_, object)) = own {
            return Some(object.clone());
        }
        class.bases.iter().find_map(|base| match base {
            Object::Class(base) => self.class_attribute(*base, name, depth + 1),
            _ => None,
        })
    }

    /// The dotted name of the library class that a class is derived from.
    pub fn library_base(&self, class: Slot, depth: usize) -> Option<Rc<str>> {
        let class = self.heap.class_of(class).filter(|_| depth < CALLS)?;
        class.bases.iter().find_map(|base| match base {
            Object::Library(path) if &**path != "object" => Some(path.clone()),
            Object::Class(base) => self.library_base(*base, depth + 1),
            _ => None,
        })
    }
}

/// Feeds bytes to a hash: of long ones, where they are and how they begin and end, for that is
/// cheap, and the same bytes elsewhere need not be found.
fn hash_long(bytes: &[u8], hasher: &mut DefaultHasher) {
    const LONG: usize = 256;
    if bytes.len() <= LONG {
        return bytes.hash(hasher);
    }
    bytes.as_ptr().hash(hasher);
    bytes.len().hash(hasher);
    bytes.get(..LONG).hash(hasher);
    bytes.get(bytes.len() - LONG..).hash(hasher);
}

/// Feeds what is known of an object to a hash.
fn hash_object(object: &Object, hasher: &mut DefaultHasher, depth: usize) {
    std::mem::discriminant(object).hash(hasher);
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match object {
        Object::Bool(truth) => truth.hash(hasher),
        Object::Int(number) => number.hash(hasher),
        Object::BigInt(bytes) => bytes.hash(hasher),
        Object::Float(number) => number.to_bits().hash(hasher),
        Object::Text(value)
        | Object::Unknown(value)
        | Object::Path(value)
        | Object::Code(value) => {
            hash_long(value.text.as_bytes(), hasher);
            value.from.hash(hasher);
        }
        Object::Bytes(bytes) => hash_long(&bytes.data, hasher),
        Object::Tuple(items) => items
            .iter()
            .take(64)
            .for_each(|item| hash_object(item, hasher, depth)),
        Object::List(slot)
        | Object::Dictionary(slot)
        | Object::Class(slot)
        | Object::Instance(slot)
        | Object::Native(slot)
        | Object::Namespace(slot) => slot.hash(hasher),
        Object::Library(path) => path.hash(hasher),
        Object::Function(function) => Rc::as_ptr(function).hash(hasher),
        Object::Method(method) => {
            hash_object(&method.0, hasher, depth);
            method.1.hash(hasher);
        }
        Object::Bound(bound) => {
            hash_object(&bound.0, hasher, depth);
            Rc::as_ptr(&bound.1).hash(hasher);
        }
        Object::Response(response) => response.1.text.hash(hasher),
        _ => {}
    }
}
