//! What a Python name can be bound to, as far as reading can tell.

use std::rc::Rc;

use model::{Protocol, Provenance, Stream, Value};

use super::interpreter::Place;
use super::syntax::{FunctionSyntax, Name};
use crate::command::Call;
use crate::encoding;
use crate::world::is_placeholder;

/// Index of a mutable object in the [`Heap`](super::heap::Heap).
pub type Slot = u32;

/// Index of a scope in the [`Scopes`](super::scope::Scopes).
pub type ScopeId = u32;

/// Most items of a container that stand in its text.
pub const SHOWN_ITEMS: usize = 64;

/// Longest text of a container that is told, in bytes, but for its last item.
const SHOWN_BYTES: usize = 64 << 10;

/// A bytes object.
#[derive(Debug, Clone, Default)]
pub struct Bytes {
    /// The bytes, with placeholders in place of what is not known.
    pub data: Vec<u8>,
    /// Whether they are all of it.
    pub known: bool,
    /// Where they come from.
    pub from: Vec<Provenance>,
}

/// A function of the program.
#[derive(Debug)]
pub struct Function {
    /// Its syntax.
    pub syntax: Rc<FunctionSyntax>,
    /// The scope it was made in.
    pub scope: ScopeId,
    /// Values of defaults, one a parameter.
    pub defaults: Vec<Option<Object>>,
    /// The class it is a method of.
    pub class: Option<Slot>,
    /// Whether it is called without an instance.
    pub is_static: bool,
}

/// A class of the program.
#[derive(Debug)]
pub struct Class {
    /// Its bases.
    pub bases: Vec<Object>,
    /// Its attributes.
    pub attributes: Vec<(Name, Object)>,
    /// The instance made last.
    pub instance: Option<Slot>,
}

/// An instance of a class of the program.
#[derive(Debug)]
pub struct Instance {
    /// Its class.
    pub class: Slot,
    /// Its attributes.
    pub attributes: Vec<(Name, Object)>,
}

/// A socket.
#[derive(Debug, Clone)]
pub struct Socket {
    /// Its connection, once it has one.
    pub connection: Option<u32>,
    /// Its transport.
    pub protocol: Protocol,
    /// Where it is bound.
    pub bound: Option<(Value, Value)>,
}

/// A started program.
#[derive(Debug, Clone)]
pub struct Process {
    /// What is to be started once its input is known.
    pub pending: Option<Box<Launch>>,
    /// The statement that starts it.
    pub place: Option<Place>,
    /// What it prints.
    pub printed: Value,
}

/// How a program is started.
#[derive(Debug, Clone)]
pub enum Launch {
    /// A command with arguments.
    Call(Call),
    /// A text for a shell, with the streams it inherits.
    Shell(Value, [Stream; 3]),
}

/// An open file.
#[derive(Debug, Clone)]
pub struct OpenFile {
    /// Its path.
    pub path: Value,
    /// Whether what is written goes behind what it holds.
    pub append: bool,
    /// Whether reads yield bytes.
    pub binary: bool,
}

/// An object of a library that changes as it is used.
#[derive(Debug, Clone)]
pub enum Native {
    /// A socket or what wraps one.
    Socket(Socket),
    /// A started program.
    Process(Process),
    /// An open file.
    File(OpenFile),
    /// `BytesIO`, `StringIO`.
    Buffer(Bytes),
    /// An HTTP client bound to a host: the base of its URLs.
    HttpClient(Value),
    /// Connection to another machine by a protocol with commands of its own (SSH, SMTP …).
    Remote(u32),
    /// A socket server: where it is bound and its handler.
    Server(Value, Value, Protocol, Box<Object>),
    /// A thread or process not started yet: what it runs.
    Thread(Box<Object>, Vec<Object>),
}

/// Something called with some of its arguments given before.
#[derive(Debug, Clone)]
pub struct Partial {
    /// What is called.
    pub callee: Object,
    /// Arguments by position.
    pub plain: Vec<Object>,
    /// Arguments by name.
    pub named: Vec<(Name, Object)>,
}

/// What can be bound to a name.
#[derive(Debug, Clone)]
pub enum Object {
    /// `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A larger integer, as big-endian bytes.
    BigInt(Rc<[u8]>),
    /// A floating-point number.
    Float(f64),
    /// A text, perhaps known in parts.
    Text(Rc<Value>),
    /// Bytes.
    Bytes(Rc<Bytes>),
    /// A tuple.
    Tuple(Rc<Vec<Object>>),
    /// A list or set.
    List(Slot),
    /// A dictionary.
    Dictionary(Slot),
    /// A class of the program.
    Class(Slot),
    /// An instance of such a class.
    Instance(Slot),
    /// An object of a library.
    Native(Slot),
    /// A module, function, class or constant of a library, by its dotted name.
    Library(Rc<str>),
    /// A function of the program.
    Function(Rc<Function>),
    /// A method bound to an object.
    Method(Rc<(Object, Name)>),
    /// A function of the program bound to its first argument.
    Bound(Rc<(Object, Rc<Function>)>),
    /// `functools.partial`.
    Partial(Rc<Partial>),
    /// `globals()`, `locals()`, `__dict__` of the program.
    Namespace(ScopeId),
    /// A file descriptor.
    Descriptor(Rc<Stream>),
    /// A path of `pathlib`.
    Path(Rc<Value>),
    /// A response to a request, by URL, with its content.
    Response(Rc<(Value, Value)>),
    /// A request not sent yet: URL and data.
    Request(Rc<(Value, Option<Value>)>),
    /// Something that runs code when called.
    Code(Rc<Value>),
    /// `super()`.
    Super(Slot, Slot),
    /// Cannot be told; what is known of it is where it comes from.
    Unknown(Rc<Value>),
}

impl Bytes {
    /// Known bytes.
    pub fn known(data: impl Into<Vec<u8>>, from: Vec<Provenance>) -> Self {
        Self {
            data: data.into(),
            known: true,
            from,
        }
    }

    /// As a value.
    pub fn value(&self) -> Value {
        Value {
            text: encoding::to_text(&self.data),
            known: self.known,
            from: self.from.clone(),
        }
    }
}

impl Object {
    /// A known text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Rc::new(Value::literal(text)))
    }

    /// A text with provenance; a value of which nothing is known is [`Object::Unknown`].
    pub fn of_value(value: Value) -> Self {
        if is_placeholder(&value) {
            Self::Unknown(Rc::new(value))
        } else {
            Self::Text(Rc::new(value))
        }
    }

    /// Known bytes without provenance.
    pub fn bytes(data: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(Rc::new(Bytes::known(data, Vec::new())))
    }

    /// Something of which nothing but its source is known.
    pub fn unknown(from: Provenance) -> Self {
        Self::Unknown(Rc::new(Value::unknown(from)))
    }

    /// Something of which nothing is known.
    pub fn anything() -> Self {
        Self::unknown(Provenance::Unknown)
    }

    /// Something of which nothing but its sources are known.
    pub fn from_sources(from: Vec<Provenance>) -> Self {
        let mut from = from.into_iter().filter(|from| *from != Provenance::Unknown);
        let Some(first) = from.next() else {
            return Self::anything();
        };
        let value = from.fold(Value::unknown(first), Value::with_source);
        Self::Unknown(Rc::new(value))
    }

    /// A member of a library.
    pub fn library(path: &str) -> Self {
        Self::Library(Rc::from(path))
    }

    /// A library's function with some of its arguments.
    pub fn partial(path: &str, plain: Vec<Object>) -> Self {
        Self::Partial(Rc::new(Partial {
            callee: Self::library(path),
            plain,
            named: Vec::new(),
        }))
    }

    /// Whether this is a library's member of that dotted name.
    pub fn is_library(&self, path: &str) -> bool {
        matches!(self, Self::Library(own) if &**own == path)
    }

    /// The text, if all of it is known.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(value) | Self::Path(value) => value.as_known(),
            _ => None,
        }
    }

    /// The integer, if known.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(truth) => Some(i128::from(*truth)),
            #[allow(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
            Self::Float(number) if number.fract() == 0.0 => Some(*number as i128),
            _ => None,
        }
    }

    /// The sources of a scalar.
    pub fn sources(&self) -> &[Provenance] {
        match self {
            Self::Text(value) | Self::Unknown(value) | Self::Path(value) | Self::Code(value) => {
                &value.from
            }
            Self::Bytes(bytes) => &bytes.from,
            Self::Response(response) => &response.1.from,
            _ => &[],
        }
    }

    /// How much it tells, for choosing between the values two branches leave.
    pub fn rank(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Bool(_) => 1,
            Self::Int(0) => 1,
            Self::Text(value) if value.text.is_empty() => 1,
            Self::Bytes(bytes) if bytes.data.is_empty() => 1,
            Self::Unknown(value) if value.from.iter().all(|f| *f == Provenance::Unknown) => 2,
            Self::Int(_) | Self::BigInt(_) | Self::Float(_) | Self::Text(_) | Self::Bytes(_) => 3,
            Self::Unknown(_) => 4,
            _ => 5,
        }
    }
}

/// Joins the values of a container's items for its text.
pub fn join_values(items: impl Iterator<Item = Value>, separator: &str) -> Value {
    let mut joined = Value::literal("");
    for (at, item) in items.take(SHOWN_ITEMS).enumerate() {
        if at > 0 {
            joined.text.push_str(separator);
        }
        joined.append(&item);
        if joined.text.len() > SHOWN_BYTES {
            joined.known = false;
            break;
        }
    }
    joined
}
