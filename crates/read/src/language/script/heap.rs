//! The objects of a program that can change, by index: no cycle of them can leak, and all go at
//! once with the interpreter.

use std::collections::BTreeMap;

use model::{Provenance, Value};

use super::object::{Bytes, Class, Instance, Native, Object, SHOWN_ITEMS, Slot, join_values};
use super::operators::{add_sources, bytes_of_items};
use super::syntax::Name;

/// Most attributes or entries of one object that are followed.
const ENTRIES: usize = 65_536;

/// A mutable object.
#[derive(Debug)]
pub enum Cell {
    /// A list or set.
    List(Vec<Object>),
    /// A dictionary, in order of insertion.
    Dictionary(Vec<(Object, Object)>),
    /// A class.
    Class(Class),
    /// An instance.
    Instance(Instance),
    /// An object of a library.
    Native(Box<Native>),
}

/// All of them.
#[derive(Debug, Default)]
pub struct Heap {
    cells: Vec<Cell>,
    /// Which lists are of bytes (`bytearray`), and where these come from.
    bytearrays: BTreeMap<Slot, Vec<Provenance>>,
    /// Lists and dictionaries below are not changed: code is read that does not run.
    frozen_below: usize,
    /// Counts changes, so that a loop that changes nothing can be told.
    pub changes: u64,
}

impl Heap {
    fn add(&mut self, cell: Cell) -> Slot {
        self.changes += 1;
        self.cells.push(cell);
        Slot::try_from(self.cells.len() - 1).unwrap_or(Slot::MAX)
    }

    fn cell(&self, slot: Slot) -> Option<&Cell> {
        self.cells.get(slot as usize)
    }

    fn cell_mut(&mut self, slot: Slot) -> Option<&mut Cell> {
        self.changes += 1;
        let cell = self.cells.get_mut(slot as usize);
        let frozen = (slot as usize) < self.frozen_below;
        cell.filter(|cell| !frozen || !matches!(cell, Cell::List(_) | Cell::Dictionary(_)))
    }

    /// From now on the lists and dictionaries that are there do not change; returns what brings
    /// back how it was.
    pub fn freeze(&mut self) -> usize {
        std::mem::replace(&mut self.frozen_below, self.cells.len())
    }

    /// Goes back to how it was before [`Heap::freeze`].
    pub fn thaw(&mut self, before: usize) {
        self.frozen_below = before;
    }

    /// A new list.
    pub fn list(&mut self, items: Vec<Object>) -> Object {
        Object::List(self.add(Cell::List(items)))
    }

    /// A new `bytearray`.
    pub fn bytearray(&mut self, bytes: &Bytes) -> Object {
        let items = bytes.data.iter().map(|byte| Object::Int(i128::from(*byte)));
        let slot = self.add(Cell::List(items.collect()));
        self.bytearrays.insert(slot, bytes.from.clone());
        Object::List(slot)
    }

    /// The bytes of a `bytearray`; `None` if it is none, or not all of it is known.
    pub fn bytes_of(&self, slot: Slot) -> Option<Bytes> {
        let from = self.bytearrays.get(&slot)?;
        let data = bytes_of_items(self.items(slot))?;
        Some(Bytes::known(data, from.clone()))
    }

    /// A new dictionary.
    pub fn dictionary(&mut self, entries: Vec<(Object, Object)>) -> Object {
        Object::Dictionary(self.add(Cell::Dictionary(entries)))
    }

    /// A new class.
    pub fn class(&mut self, class: Class) -> Slot {
        self.add(Cell::Class(class))
    }

    /// A new instance.
    pub fn instance(&mut self, class: Slot) -> Slot {
        let slot = self.add(Cell::Instance(Instance {
            class,
            attributes: Vec::new(),
        }));
        if let Some(class) = self.class_mut(class) {
            class.instance = Some(slot);
        }
        slot
    }

    /// A new object of a library.
    pub fn native(&mut self, native: Native) -> Object {
        Object::Native(self.add(Cell::Native(Box::new(native))))
    }

    /// The items of a list; none if it is none.
    pub fn items(&self, slot: Slot) -> &[Object] {
        match self.cell(slot) {
            Some(Cell::List(items)) => items,
            _ => &[],
        }
    }

    /// The items of a list, to change them.
    pub fn items_mut(&mut self, slot: Slot) -> Option<&mut Vec<Object>> {
        match self.cell_mut(slot) {
            Some(Cell::List(items)) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dictionary; none if it is none.
    pub fn entries(&self, slot: Slot) -> &[(Object, Object)] {
        match self.cell(slot) {
            Some(Cell::Dictionary(entries)) => entries,
            _ => &[],
        }
    }

    /// The entries of a dictionary, to change them.
    pub fn entries_mut(&mut self, slot: Slot) -> Option<&mut Vec<(Object, Object)>> {
        match self.cell_mut(slot) {
            Some(Cell::Dictionary(entries)) => Some(entries),
            _ => None,
        }
    }

    /// Sets an entry of a dictionary.
    pub fn set_entry(&mut self, slot: Slot, key: Object, value: Object) {
        let Some(entries) = self.entries_mut(slot) else {
            return;
        };
        let room = entries.len() < ENTRIES;
        let held = entries.iter_mut().find(|(own, _)| same_key(own, &key));
        match held {
            Some((_, held)) => *held = value,
            None if room => entries.push((key, value)),
            None => {}
        }
    }

    /// An entry of a dictionary.
    pub fn entry(&self, slot: Slot, key: &Object) -> Option<Object> {
        self.entries(slot)
            .iter()
            .find(|(own, _)| same_key(own, key))
            .map(|(_, value)| value.clone())
    }

    /// A class.
    pub fn class_of(&self, slot: Slot) -> Option<&Class> {
        match self.cell(slot) {
            Some(Cell::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// A class, to change it.
    pub fn class_mut(&mut self, slot: Slot) -> Option<&mut Class> {
        match self.cell_mut(slot) {
            Some(Cell::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// An instance.
    pub fn instance_of(&self, slot: Slot) -> Option<&Instance> {
        match self.cell(slot) {
            Some(Cell::Instance(instance)) => Some(instance),
            _ => None,
        }
    }

    /// Sets an attribute of a class or instance. `None` does not replace what tells more: code
    /// that closes a connection and forgets it may well run before code that uses it is read.
    pub fn set_attribute(&mut self, slot: Slot, name: &Name, value: Object) {
        let attributes = match self.cell_mut(slot) {
            Some(Cell::Class(class)) => &mut class.attributes,
            Some(Cell::Instance(instance)) => &mut instance.attributes,
            _ => return,
        };
        let room = attributes.len() < ENTRIES;
        let held = attributes.iter_mut().find(|(own, _)| own == name);
        match held {
            Some((_, held)) if value.rank() == 0 && held.rank() > 3 => {}
            Some((_, held)) => *held = value,
            None if room => attributes.push((name.clone(), value)),
            None => {}
        }
    }

    /// An object of a library.
    pub fn native_of(&self, slot: Slot) -> Option<&Native> {
        match self.cell(slot) {
            Some(Cell::Native(native)) => Some(native),
            _ => None,
        }
    }

    /// An object of a library, to change it.
    pub fn native_mut(&mut self, slot: Slot) -> Option<&mut Native> {
        match self.cell_mut(slot) {
            Some(Cell::Native(native)) => Some(native),
            _ => None,
        }
    }

    /// How many objects there are.
    pub fn length(&self) -> usize {
        self.cells.len()
    }

    /// The objects of libraries made since there were `first` objects.
    pub fn natives(&self, first: usize) -> Vec<Slot> {
        let numbered = (0..).zip(&self.cells).skip(first);
        numbered
            .filter(|(_, cell)| matches!(cell, Cell::Native(_)))
            .map(|(slot, _)| slot)
            .collect()
    }

    /// Where an object comes from, not looking further than three containers deep.
    pub fn sources(&self, object: &Object) -> Vec<Provenance> {
        let mut from = Vec::new();
        self.add_sources_of(object, 3, &mut from);
        from
    }

    fn add_sources_of(&self, object: &Object, depth: usize, from: &mut Vec<Provenance>) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let inner: &[Object] = match object {
            Object::Tuple(items) => items,
            Object::List(slot) => {
                add_sources(from, self.bytearrays.get(slot).map_or(&[], Vec::as_slice));
                self.items(*slot)
            }
            Object::Dictionary(slot) => {
                for (key, value) in self.entries(*slot).iter().take(SHOWN_ITEMS) {
                    self.add_sources_of(key, depth, from);
                    self.add_sources_of(value, depth, from);
                }
                return;
            }
            Object::Instance(slot) => {
                let own = self.instance_of(*slot).map(|own| own.attributes.iter());
                for (_, value) in own.into_iter().flatten().take(SHOWN_ITEMS) {
                    self.add_sources_of(value, depth, from);
                }
                return;
            }
            Object::Native(slot) => {
                match self.native_of(*slot) {
                    Some(Native::Process(process)) => add_sources(from, &process.printed.from),
                    Some(Native::Buffer(buffer)) => add_sources(from, &buffer.from),
                    Some(Native::File(file)) => add_sources(from, &file.path.from),
                    Some(Native::HttpClient(base)) => add_sources(from, &base.from),
                    _ => {}
                }
                return;
            }
            Object::Library(path) if &**path == "os.environ" => {
                add_sources(from, &[Provenance::Environment(String::new())]);
                return;
            }
            other => {
                add_sources(from, other.sources());
                return;
            }
        };
        for item in inner.iter().take(SHOWN_ITEMS) {
            self.add_sources_of(item, depth, from);
        }
    }

    /// An object as a value for an act, not looking further than three containers deep.
    pub fn value(&self, object: &Object) -> Value {
        self.value_within(object, 3)
    }

    fn value_within(&self, object: &Object, depth: usize) -> Value {
        let unknown = || Value::unknown(Provenance::Unknown);
        let Some(depth) = depth.checked_sub(1) else {
            return unknown();
        };
        match object {
            Object::None => Value::literal(""),
            Object::Bool(truth) => Value::literal(if *truth { "True" } else { "False" }),
            Object::Int(number) => Value::literal(number.to_string()),
            Object::Float(number) => Value::literal(format!("{number:?}")),
            Object::Text(value)
            | Object::Unknown(value)
            | Object::Path(value)
            | Object::Code(value) => (**value).clone(),
            Object::Bytes(bytes) => bytes.value(),
            Object::Response(response) => response.1.clone(),
            Object::Request(request) => request.0.clone(),
            Object::Tuple(items) => {
                join_values(items.iter().map(|item| self.value_within(item, depth)), " ")
            }
            Object::List(slot) => {
                if let Some(bytes) = self.bytes_of(*slot) {
                    return bytes.value();
                }
                let items = self.items(*slot).iter();
                join_values(items.map(|item| self.value_within(item, depth)), " ")
            }
            Object::Dictionary(slot) => {
                let entries = self.entries(*slot).iter().map(|(key, value)| {
                    let mut both = self.value_within(key, depth);
                    both.text.push('=');
                    both.append(&self.value_within(value, depth));
                    both
                });
                join_values(entries, " ")
            }
            Object::Instance(slot) => {
                let attributes = self.instance_of(*slot).map(|own| own.attributes.as_slice());
                let values = attributes
                    .unwrap_or_default()
                    .iter()
                    .map(|(_, value)| self.value_within(value, depth));
                let mut all = join_values(values, " ");
                all.known = false;
                all.text = "{?}".to_owned();
                all
            }
            Object::Native(slot) => match self.native_of(*slot) {
                Some(Native::Process(process)) => process.printed.clone(),
                Some(Native::Buffer(buffer)) => buffer.value(),
                Some(Native::File(file)) => file.path.clone(),
                Some(Native::HttpClient(base)) => base.clone(),
                _ => unknown(),
            },
            Object::Library(path) if &**path == "os.environ" => {
                Value::unknown(Provenance::Environment(String::new()))
            }
            Object::BigInt(_)
            | Object::Class(_)
            | Object::Library(_)
            | Object::Function(_)
            | Object::Method(_)
            | Object::Bound(_)
            | Object::Partial(_)
            | Object::Namespace(_)
            | Object::Descriptor(_)
            | Object::Super(..) => unknown(),
        }
    }
}

/// Whether two objects are the same key of a dictionary, as far as both are known.
pub fn same_key(a: &Object, b: &Object) -> bool {
    match (a, b) {
        (Object::None, Object::None) => true,
        (Object::Text(a), Object::Text(b)) => a.known && b.known && a.text == b.text,
        (Object::Bytes(a), Object::Bytes(b)) => a.known && b.known && a.data == b.data,
        (Object::Tuple(a), Object::Tuple(b)) => {
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|(a, b)| match (a, b) {
                    (Object::Tuple(_), _) => false,
                    _ => same_key(a, b),
                })
        }
        (Object::Library(a), Object::Library(b)) => a == b,
        _ => matches!((a.as_int(), b.as_int()), (Some(a), Some(b)) if a == b),
    }
}
