//! Attributes, subscripts, slices and iteration.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::interpreter::Interpreter;
use super::modules;
use super::object::{Bytes, Native, Object};
use super::syntax::{Name, Trailer};

/// Most characters or bytes that are walked one by one.
const WALKED: usize = 1 << 20;

/// Bytes of text that cost one unit of fuel to look through.
const SCANNED_A_UNIT: usize = 16 << 10;

/// Items of a list that cost one unit of fuel to copy.
const ITEMS_A_UNIT: usize = 16;

impl Interpreter<'_, '_> {
    /// `object.name`.
    pub fn attribute(&mut self, object: &Object, name: &Name) -> Object {
        let dialect = self.dialect;
        if !matches!(object, Object::Instance(_))
            && let Some(result) = dialect.attribute(self, object, name)
        {
            return result;
        }
        match object {
            Object::Library(path) => self.library_attribute(path, name),
            Object::Instance(slot) => self.instance_attribute(*slot, name),
            Object::Class(slot) => match &**name {
                "__dict__" => object.clone(),
                _ => self
                    .class_attribute(*slot, name, 0)
                    .unwrap_or_else(Object::anything),
            },
            Object::Super(class, instance) => {
                let bases = self.heap.class_of(*class).map(|class| class.bases.clone());
                let found = bases.into_iter().flatten().find_map(|base| match base {
                    Object::Class(base) => self.class_attribute(base, name, 0),
                    _ => None,
                });
                match found {
                    Some(Object::Function(function)) => {
                        Object::Bound(Rc::new((Object::Instance(*instance), function)))
                    }
                    Some(found) => found,
                    None => Object::Method(Rc::new((object.clone(), name.clone()))),
                }
            }
            Object::Unknown(value) if !name.starts_with("__") => {
                super::library::served::attribute_of_argument(value, name)
                    .unwrap_or_else(|| Object::Unknown(value.clone()))
            }
            _ => self.special_attribute(object, name),
        }
    }

    fn library_attribute(&mut self, path: &Rc<str>, name: &Name) -> Object {
        match &**name {
            "__dict__" | "__builtins__" => return Object::Library(path.clone()),
            "__name__" => return Object::text(path.rsplit('.').next().unwrap_or(path)),
            _ => {}
        }
        if let Some(part) = super::library::served::attribute(path, name) {
            return part;
        }
        let member = modules::member(path, name);
        modules::constant(self, &member).unwrap_or(Object::Library(member))
    }

    fn instance_attribute(&mut self, slot: u32, name: &Name) -> Object {
        if &**name == "__dict__" {
            return Object::Instance(slot);
        }
        let Some(instance) = self.heap.instance_of(slot) else {
            return Object::anything();
        };
        let class = instance.class;
        let own = instance.attributes.iter().find(|(own, _)| own == name);
        if let Some((_, object)) = own {
            return object.clone();
        }
        if &**name == "__class__" {
            return Object::Class(class);
        }
        match self.class_attribute(class, name, 0) {
            Some(Object::Function(function)) if !function.is_static => {
                Object::Bound(Rc::new((Object::Instance(slot), function)))
            }
            Some(Object::Partial(property)) if property.callee.is_library("property") => {
                match property.plain.first() {
                    Some(getter) => self.call_plain(&getter.clone(), vec![Object::Instance(slot)]),
                    None => Object::anything(),
                }
            }
            Some(object) => object,
            None => super::library::inherited_attribute(self, slot, class, name),
        }
    }

    /// Attributes of objects that are no modules, classes or instances.
    fn special_attribute(&mut self, object: &Object, name: &Name) -> Object {
        let method = || Object::Method(Rc::new((object.clone(), name.clone())));
        match (object, &**name) {
            (_, "__globals__" | "func_globals" | "f_globals") => {
                Object::Namespace(self.global_scope())
            }
            (Object::Namespace(_), "__dict__") => object.clone(),
            (Object::Response(response), "text" | "content" | "body" | "data" | "raw") => {
                Object::of_value(response.1.clone())
            }
            (
                Object::Response(_),
                "headers" | "status_code" | "status" | "url" | "cookies" | "ok",
            ) => Object::from_sources(object.sources().to_vec()),
            (Object::Path(path), _) => {
                super::library::path_attribute(path, name).unwrap_or_else(method)
            }
            (
                Object::Native(slot),
                "stdin" | "stdout" | "stderr" | "raw" | "buffer" | "sock" | "request" | "_sock"
                | "fp" | "file",
            ) => match self.heap.native_of(*slot) {
                Some(_) => object.clone(),
                None => Object::anything(),
            },
            (
                Object::Native(_) | Object::Response(_),
                "returncode" | "pid" | "name" | "mode" | "closed",
            ) => Object::anything(),
            (
                Object::Unknown(_),
                "__init__" | "__class__" | "__base__" | "__bases__" | "__mro__" | "__subclasses__"
                | "__new__" | "__call__",
            ) => object.clone(),
            (Object::Unknown(value), _) => Object::Unknown(value.clone()),
            (
                Object::Text(_)
                | Object::Bytes(_)
                | Object::Tuple(_)
                | Object::List(_)
                | Object::Dictionary(_)
                | Object::Int(_),
                "__class__" | "__base__" | "__bases__" | "__mro__",
            ) => Object::anything(),
            (Object::Function(_), "__code__" | "__defaults__" | "__doc__") => Object::anything(),
            (Object::Function(function), "__name__") => Object::text(&*function.syntax.name),
            _ => method(),
        }
    }

    // ---- subscripts ----

    /// `object[index]`.
    pub fn index(&mut self, object: &Object, index: &Object) -> Object {
        let dialect = self.dialect;
        if let Some(found) = dialect.index(self, object, index) {
            return found;
        }
        let found = match object {
            Object::Text(value) if value.known => self.character(value, index),
            Object::Bytes(bytes) if bytes.known => position(index, bytes.data.len())
                .and_then(|at| bytes.data.get(at))
                .map(|byte| Object::Int(i128::from(*byte))),
            Object::Tuple(items) => {
                position(index, items.len()).and_then(|at| items.get(at).cloned())
            }
            Object::List(slot) => {
                let items = self.heap.items(*slot);
                position(index, items.len()).and_then(|at| items.get(at).cloned())
            }
            Object::Dictionary(slot) => {
                let length = self.heap.entries(*slot).len() as u64;
                self.burn(length / 16);
                self.heap.entry(*slot, index)
            }
            Object::Namespace(scope) => {
                let name: Name = Rc::from(index.as_text().unwrap_or_default());
                return self.member_of_namespace(*scope, &name);
            }
            Object::Library(path) => Some(self.library_item(path, index)),
            Object::Instance(_) | Object::Class(_) => index.as_text().map(|name| {
                let name = Rc::from(name);
                match self.class_getter(object) {
                    Some(getter) => self.call_plain(&getter, vec![index.clone()]),
                    None => self.attribute(object, &name),
                }
            }),
            Object::Unknown(_) => match index.as_text() {
                Some("__builtins__") => Some(Object::library("builtins")),
                Some(name)
                    if modules::is_known(name) && object.sources() == [Provenance::Unknown] =>
                {
                    Some(Object::Library(modules::canonical(name)))
                }
                _ => None,
            },
            _ => None,
        };
        found.unwrap_or_else(|| {
            self.uncertain += 1;
            let value = self.value_of(object);
            Object::from_sources(value.from)
        })
    }

    fn class_getter(&mut self, object: &Object) -> Option<Object> {
        let Object::Instance(slot) = object else {
            return None;
        };
        let class = self.heap.instance_of(*slot)?.class;
        match self.class_attribute(class, "__getitem__", 0)? {
            Object::Function(function) => Some(Object::Bound(Rc::new((object.clone(), function)))),
            _ => None,
        }
    }

    fn character(&mut self, value: &Value, index: &Object) -> Option<Object> {
        if !self.burn((value.text.len() / SCANNED_A_UNIT) as u64) {
            return None;
        }
        let character = if value.text.is_ascii() {
            let at = position(index, value.text.len())?;
            value.text.get(at..=at)?.to_owned()
        } else {
            let length = value.text.chars().count();
            let at = position(index, length)?;
            value.text.chars().nth(at)?.to_string()
        };
        Some(Object::Text(Rc::new(Value {
            text: character,
            known: true,
            from: value.from.clone(),
        })))
    }

    fn member_of_namespace(&mut self, scope: u32, name: &Name) -> Object {
        if let Some(object) = self.scopes.get(scope, name) {
            return object.clone();
        }
        match &**name {
            "__builtins__" | "__builtin__" => Object::library("builtins"),
            _ if super::builtins::is_builtin(name) => Object::Library(name.clone()),
            _ if modules::is_known(name) => Object::Library(modules::canonical(name)),
            _ => Object::anything(),
        }
    }

    fn library_item(&mut self, path: &Rc<str>, index: &Object) -> Object {
        let Some(name) = index.as_text() else {
            return match &**path {
                "os.environ" => Object::unknown(Provenance::Environment(String::new())),
                _ => Object::anything(),
            };
        };
        match &**path {
            "os.environ" => {
                let name = name.to_owned();
                Object::of_value(self.world().environment(&name))
            }
            "sys.modules" if matches!(name, "__builtin__" | "builtins") => {
                Object::library("builtins")
            }
            "sys.modules" => Object::Library(modules::canonical(name)),
            _ => self.library_attribute(path, &Rc::from(name)),
        }
    }

    /// `object[start:stop:step]`.
    pub fn slice(&mut self, object: &Object, bounds: &[Option<Object>; 3]) -> Object {
        let known = bounds
            .iter()
            .flatten()
            .all(|bound| matches!(bound, Object::None) || bound.as_int().is_some());
        let bounds = [0, 1, 2].map(|at| {
            bounds
                .get(at)
                .and_then(|bound| bound.as_ref().and_then(Object::as_int))
        });
        let sliced = match object {
            _ if !known => None,
            Object::Text(value) if value.known => {
                let characters: Vec<char> = value.text.chars().collect();
                self.may_make(value.text.len()).then(|| {
                    Object::Text(Rc::new(
                        value.map_text(|_| picked(&characters, bounds).into_iter().collect()),
                    ))
                })
            }
            Object::Bytes(bytes) if bytes.known => self.may_make(bytes.data.len()).then(|| {
                Object::Bytes(Rc::new(Bytes {
                    data: picked(&bytes.data, bounds),
                    ..(**bytes).clone()
                }))
            }),
            Object::Tuple(items) => Some(Object::Tuple(Rc::new(picked(items, bounds)))),
            Object::List(slot) if let Some(bytes) = self.heap.bytes_of(*slot) => {
                self.may_make(bytes.data.len()).then(|| {
                    self.heap.bytearray(&Bytes {
                        data: picked(&bytes.data, bounds),
                        ..bytes
                    })
                })
            }
            Object::List(slot) => {
                let items = picked(self.heap.items(*slot), bounds);
                self.burn(items.len() as u64).then(|| self.heap.list(items))
            }
            _ => None,
        };
        sliced.unwrap_or_else(|| {
            let value = self.value_of(object);
            Object::from_sources(value.from)
        })
    }

    // ---- stores ----

    /// `holder.name = value`, `holder[index] = value`.
    pub fn store(&mut self, holder: &Object, place: &Trailer, value: Object) {
        let dialect = self.dialect;
        if let Trailer::Attribute(name) = place
            && dialect.store(self, holder, &Object::text(&**name), &value)
        {
            return;
        }
        match (holder, place) {
            (Object::Instance(slot) | Object::Class(slot), Trailer::Attribute(name)) => {
                self.heap.set_attribute(*slot, name, value);
            }
            (Object::Library(path), Trailer::Attribute(name)) => {
                let path = modules::member(path, name);
                self.replace_standard(&path, &value);
            }
            (_, Trailer::Index(index)) => {
                let index = self.evaluate(index);
                self.store_item(holder, &index, value);
            }
            (_, Trailer::Append) => self.append(holder, value),
            (Object::List(slot), Trailer::Slice(_)) => {
                let items = self.iterate(&value).unwrap_or_default();
                if let Some(own) = self.heap.items_mut(*slot) {
                    *own = items;
                }
            }
            _ => {}
        }
    }

    /// `holder[] = value`: behind the last item, or under the number after the highest.
    fn append(&mut self, holder: &Object, value: Object) {
        match holder {
            Object::List(slot) => {
                if let Some(items) = self.heap.items_mut(*slot)
                    && items.len() < WALKED
                {
                    items.push(value);
                }
            }
            Object::Dictionary(slot) => {
                let length = self.heap.entries(*slot).len() as u64;
                let numbers = self.heap.entries(*slot).iter();
                let highest = numbers.filter_map(|(key, _)| key.as_int()).max();
                let next = highest.map_or(0, |highest| highest.saturating_add(1).max(0));
                if self.burn(length / 16) {
                    self.heap.set_entry(*slot, Object::Int(next), value);
                }
            }
            _ => {}
        }
    }

    fn store_item(&mut self, holder: &Object, index: &Object, value: Object) {
        let dialect = self.dialect;
        if dialect.store(self, holder, index, &value) {
            return;
        }
        match holder {
            Object::Dictionary(slot) => {
                let length = self.heap.entries(*slot).len() as u64;
                if self.burn(length / 16) {
                    self.heap.set_entry(*slot, index.clone(), value);
                }
            }
            Object::List(slot) => {
                let at = position(index, self.heap.items(*slot).len());
                if let Some(items) = self.heap.items_mut(*slot)
                    && let Some(held) = at.and_then(|at| items.get_mut(at))
                {
                    *held = value;
                }
            }
            Object::Namespace(scope) => {
                if let Some(name) = index.as_text() {
                    self.scopes.set(*scope, &Rc::from(name), value);
                }
            }
            Object::Library(path) if &**path == "os.environ" => {
                let name = self.value_of(index).text;
                let value = self.value_of(&value);
                self.act(Behavior::SetVariable { name, value });
            }
            Object::Instance(slot) => {
                if let Some(name) = index.as_text() {
                    self.heap.set_attribute(*slot, &Rc::from(name), value);
                }
            }
            _ => {}
        }
    }

    /// `sys.stdout = …`: programs started from here do not see it, but printing does.
    fn replace_standard(&mut self, path: &str, value: &Object) {
        let at = match path {
            "sys.stdin" => 0,
            "sys.stdout" => 1,
            "sys.stderr" => 2,
            _ => return,
        };
        let stream = self.stream_of(value);
        if let Stream::Connection(_) = stream
            && let Some(standard) = self.acts().standard.get_mut(at)
        {
            *standard = stream;
        }
    }

    // ---- iteration ----

    /// Fuel that looking through a text costs.
    pub fn weight(&self, object: &Object) -> u64 {
        let bytes = match object {
            Object::Text(value) => value.text.len(),
            Object::Bytes(bytes) => bytes.data.len(),
            Object::List(slot) => self.heap.items(*slot).len() * ITEMS_A_UNIT,
            Object::Tuple(items) => items.len() * ITEMS_A_UNIT,
            _ => 0,
        };
        (bytes / SCANNED_A_UNIT) as u64
    }

    /// The items of something that can be walked, if all are known.
    pub fn iterate(&mut self, object: &Object) -> Option<Vec<Object>> {
        match object {
            Object::Tuple(items) => self
                .burn((items.len() / ITEMS_A_UNIT) as u64)
                .then(|| (**items).clone()),
            Object::List(slot) => {
                let length = self.heap.items(*slot).len();
                self.burn((length / ITEMS_A_UNIT) as u64)
                    .then(|| self.heap.items(*slot).to_vec())
            }
            Object::Dictionary(slot) => Some(
                self.heap
                    .entries(*slot)
                    .iter()
                    .map(|(key, _)| key.clone())
                    .collect(),
            ),
            Object::Text(value) if value.known && value.text.len() <= WALKED => {
                let from = value.from.clone();
                self.burn(value.text.len() as u64 / 4).then_some(())?;
                Some(
                    value
                        .text
                        .chars()
                        .map(|c| {
                            Object::Text(Rc::new(Value {
                                text: c.to_string(),
                                known: true,
                                from: from.clone(),
                            }))
                        })
                        .collect(),
                )
            }
            Object::Bytes(bytes) if bytes.known && bytes.data.len() <= WALKED => {
                self.burn(bytes.data.len() as u64 / 4).then_some(())?;
                Some(
                    bytes
                        .data
                        .iter()
                        .map(|byte| Object::Int(i128::from(*byte)))
                        .collect(),
                )
            }
            Object::Native(slot) => match self.heap.native_of(*slot) {
                Some(Native::Buffer(buffer)) if buffer.known => {
                    let lines = buffer.data.split_inclusive(|&byte| byte == b'\n');
                    Some(lines.map(Object::bytes).collect())
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The position an index names in something of a length.
fn position(index: &Object, length: usize) -> Option<usize> {
    let index = index.as_int()?;
    let length = i128::try_from(length).ok()?;
    let at = if index < 0 { index + length } else { index };
    (at < length).then(|| usize::try_from(at).ok()).flatten()
}

/// The items a slice picks.
fn picked<T: Clone>(items: &[T], [start, stop, step]: [Option<i128>; 3]) -> Vec<T> {
    let length = i128::try_from(items.len()).unwrap_or(i128::MAX);
    let step = step.unwrap_or(1);
    let clamp = |bound: i128, least: i128, most: i128| {
        let bound = if bound < 0 {
            bound.saturating_add(length)
        } else {
            bound
        };
        bound.clamp(least, most)
    };
    let (mut at, end) = if step > 0 {
        (
            start.map_or(0, |start| clamp(start, 0, length)),
            stop.map_or(length, |stop| clamp(stop, 0, length)),
        )
    } else {
        (
            start.map_or(length - 1, |start| clamp(start, -1, length - 1)),
            stop.map_or(-1, |stop| clamp(stop, -1, length - 1)),
        )
    };
    let mut all = Vec::new();
    while step != 0 && (step > 0 && at < end || step < 0 && at > end) {
        all.extend(
            usize::try_from(at)
                .ok()
                .and_then(|at| items.get(at))
                .cloned(),
        );
        at = at.saturating_add(step);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_pick_as_python_does() {
        let items: Vec<char> = "abcdef".chars().collect();
        let text = |bounds| picked(&items, bounds).into_iter().collect::<String>();
        assert_eq!(text([None, None, Some(-1)]), "fedcba");
        assert_eq!(text([Some(1), Some(-1), None]), "bcde");
        assert_eq!(text([None, None, Some(2)]), "ace");
        assert_eq!(text([Some(-2), None, None]), "ef");
        assert_eq!(text([Some(10), Some(2), Some(-2)]), "fd");
        assert_eq!(text([None, None, Some(0)]), "");
    }
}
