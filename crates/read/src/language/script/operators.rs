//! Arithmetic, comparison and truth over objects that may be unknown.

use std::rc::Rc;

use model::{Provenance, Value};

use super::heap::same_key;
use super::interpreter::Interpreter;
use super::object::{Bytes, Native, Object, SHOWN_ITEMS};
use super::syntax::{Comparison, Operator};

impl Interpreter<'_, '_> {
    /// `left operator right`.
    pub fn operate(&mut self, left: Object, operator: Operator, right: Object) -> Object {
        let (left, right) = (self.frozen(left), self.frozen(right));
        let dialect = self.dialect;
        if let Some(result) = dialect.operate(self, &left, operator, &right) {
            return result;
        }
        match (operator, &left, &right) {
            (Operator::Concatenate, ..) => {
                let left = match left {
                    Object::Text(_) => left,
                    other => Object::Text(Rc::new(self.shown(&other))),
                };
                return self.concatenate(left, &right);
            }
            (Operator::Modulo, Object::Text(_) | Object::Bytes(_), _) => {
                return super::format::percent(self, &left, &right);
            }
            (Operator::Add, ..) if is_textual(&left) || is_textual(&right) => {
                return self.concatenate(left, &right);
            }
            (Operator::Multiply, ..) => {
                if let Some(repeated) = self.repeat(&left, &right) {
                    return repeated;
                }
            }
            (Operator::Divide, Object::Path(base), other) => {
                let other = self.value_of(other);
                return Object::Path(Rc::new(join_path(base, &other)));
            }
            _ => {}
        }
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int())
            && !matches!(
                (&left, &right),
                (Object::Float(_), _) | (_, Object::Float(_))
            )
        {
            return integers(a, operator, b);
        }
        if let (Some(a), Some(b)) = (real(&left), real(&right)) {
            return reals(a, operator, b);
        }
        if let Some(joined) = self.sequences(&left, operator, &right) {
            return joined;
        }
        self.mixed(&left, &right)
    }

    /// A `bytearray` as the bytes it holds now.
    fn frozen(&mut self, object: Object) -> Object {
        match &object {
            Object::List(slot) => match self.heap.bytes_of(*slot) {
                Some(bytes) if self.may_make(bytes.data.len()) => Object::Bytes(Rc::new(bytes)),
                _ => object,
            },
            _ => object,
        }
    }

    /// What comes from both and is nothing certain.
    fn mixed(&mut self, left: &Object, right: &Object) -> Object {
        let mut from = self.heap.sources(left);
        from.extend(self.heap.sources(right));
        Object::from_sources(from)
    }

    fn sequences(&mut self, left: &Object, operator: Operator, right: &Object) -> Option<Object> {
        match (left, operator, right) {
            (Object::Tuple(a), Operator::Add, Object::Tuple(b)) => {
                let mut all = (**a).clone();
                all.extend(b.iter().cloned());
                self.burn(all.len() as u64)
                    .then(|| Object::Tuple(Rc::new(all)))
            }
            (Object::List(_), Operator::Add, _) => {
                let mut all = self.iterate(left)?;
                all.extend(self.iterate(right)?);
                self.burn(all.len() as u64).then(|| self.heap.list(all))
            }
            (Object::Dictionary(a), Operator::Or, Object::Dictionary(b)) => {
                let mut entries = self.heap.entries(*a).to_vec();
                entries.extend_from_slice(self.heap.entries(*b));
                Some(self.heap.dictionary(entries))
            }
            _ => None,
        }
    }

    /// Texts and bytes side by side; of a text and something else, whatever that is as a text.
    fn concatenate(&mut self, left: Object, right: &Object) -> Object {
        match (left, right) {
            (Object::Bytes(mut left), Object::Bytes(right)) => {
                if !self.may_make(right.data.len()) || !self.may_make(left.data.len() / 64) {
                    return Object::anything();
                }
                let own = Rc::make_mut(&mut left);
                own.data.extend_from_slice(&right.data);
                own.known &= right.known;
                add_sources(&mut own.from, &right.from);
                Object::Bytes(left)
            }
            (Object::Bytes(left), other) => {
                let other = self.bytes_held(other);
                self.concatenate(Object::Bytes(left), &Object::Bytes(Rc::new(other)))
            }
            (Object::Text(mut left), right) => {
                let right = self.shown(right);
                if !self.may_make(right.text.len()) || !self.may_make(left.text.len() / 64) {
                    return Object::anything();
                }
                Rc::make_mut(&mut left).append(&right);
                Object::Text(left)
            }
            (left, right) => {
                let mut whole = self.value_of(&left);
                let right = self.shown(right);
                if !self.may_make(whole.text.len() + right.text.len()) {
                    return Object::anything();
                }
                whole.append(&right);
                Object::of_value(whole)
            }
        }
    }

    fn repeat(&mut self, left: &Object, right: &Object) -> Option<Object> {
        let (sequence, times) = match (left.as_int(), right.as_int()) {
            (None, Some(times)) => (left, times),
            (Some(times), None) => (right, times),
            _ => return None,
        };
        let times = usize::try_from(times.max(0)).ok()?;
        match sequence {
            Object::Text(value) => {
                let length = value.text.len().checked_mul(times)?;
                self.may_make(length)
                    .then(|| Object::Text(Rc::new(value.map_text(|text| text.repeat(times)))))
            }
            Object::Bytes(bytes) => {
                let length = bytes.data.len().checked_mul(times)?;
                self.may_make(length).then(|| {
                    Object::Bytes(Rc::new(Bytes {
                        data: bytes.data.repeat(times),
                        ..(**bytes).clone()
                    }))
                })
            }
            Object::List(_) | Object::Tuple(_) => {
                let items = self.iterate(sequence)?;
                let length = items.len().checked_mul(times)?;
                if length > 1 << 20 || !self.burn(length as u64) {
                    return None;
                }
                let all = std::iter::repeat_n(items, times).flatten().collect();
                Some(self.heap.list(all))
            }
            _ => None,
        }
    }

    // ---- truth and comparison ----

    /// Whether an object counts as true; `None` if that cannot be told.
    pub fn truth(&self, object: &Object) -> Option<bool> {
        if let Some(truth) = self.dialect.truth(&self.heap, object) {
            return Some(truth);
        }
        Some(match object {
            Object::None => false,
            Object::Bool(truth) => *truth,
            Object::Int(number) => *number != 0,
            Object::Float(number) => *number != 0.0,
            Object::Text(value) if value.known => !value.text.is_empty(),
            Object::Text(_) => return None,
            Object::Bytes(bytes) if bytes.known => !bytes.data.is_empty(),
            Object::Tuple(items) => !items.is_empty(),
            // What a loop that was followed once put in a container is not all it holds.
            Object::List(slot) if !self.heap.items(*slot).is_empty() => true,
            Object::BigInt(_)
            | Object::Function(_)
            | Object::Class(_)
            | Object::Instance(_)
            | Object::Path(_) => true,
            _ => return None,
        })
    }

    /// Whether a comparison holds; `None` if that cannot be told.
    pub fn compare(&self, left: &Object, comparison: Comparison, right: &Object) -> Option<bool> {
        match comparison {
            Comparison::Equal | Comparison::Is => self.equal(left, right),
            Comparison::NotEqual | Comparison::IsNot => self.equal(left, right).map(|equal| !equal),
            Comparison::In => self.contains(right, left),
            Comparison::NotIn => self.contains(right, left).map(|inside| !inside),
            _ => {
                let order = self.order(left, right)?;
                Some(match comparison {
                    Comparison::Less => order.is_lt(),
                    Comparison::LessEqual => order.is_le(),
                    Comparison::Greater => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }

    fn equal(&self, left: &Object, right: &Object) -> Option<bool> {
        match (left, right) {
            (Object::Text(a), Object::Text(b)) if a.known && b.known => Some(a.text == b.text),
            (Object::Bytes(a), Object::Bytes(b)) if a.known && b.known => Some(a.data == b.data),
            (Object::None, Object::None) => Some(true),
            (Object::Float(number), Object::Int(_) | Object::Float(_))
            | (Object::Int(_), Object::Float(number))
                if number.is_nan() =>
            {
                Some(false)
            }
            (Object::None, other) | (other, Object::None)
                if matches!(
                    other,
                    Object::Int(_)
                        | Object::Bool(_)
                        | Object::Float(_)
                        | Object::Text(_)
                        | Object::Bytes(_)
                        | Object::Tuple(_)
                        | Object::Function(_)
                        | Object::Native(_)
                ) =>
            {
                Some(false)
            }
            (Object::Tuple(_), Object::Tuple(_)) => same_key(left, right).then_some(true),
            _ => Some(self.order(left, right)?.is_eq()),
        }
    }

    /// Which of two comes first; `None` if that cannot be told.
    pub fn order(&self, left: &Object, right: &Object) -> Option<std::cmp::Ordering> {
        match (left, right) {
            (Object::Text(a), Object::Text(b)) if a.known && b.known => Some(a.text.cmp(&b.text)),
            (Object::Bytes(a), Object::Bytes(b)) if a.known && b.known => Some(a.data.cmp(&b.data)),
            (Object::Tuple(a), Object::Tuple(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    if matches!(a, Object::Tuple(_)) {
                        return None;
                    }
                    let order = self.order(a, b)?;
                    if order.is_ne() {
                        return Some(order);
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => match (left.as_int(), right.as_int()) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => real(left)?.partial_cmp(&real(right)?),
            },
        }
    }

    fn contains(&self, container: &Object, item: &Object) -> Option<bool> {
        match (container, item) {
            (Object::Text(whole), Object::Text(part)) if whole.known && part.known => {
                Some(whole.text.contains(&part.text))
            }
            (Object::Tuple(items), item) => self.among(items, item),
            (Object::List(slot), item) => self.among(self.heap.items(*slot), item),
            (Object::Dictionary(slot), key) => {
                let held = self.heap.entry(*slot, key).is_some();
                held.then_some(true)
            }
            (Object::Bytes(bytes), item) if bytes.known => {
                let byte = u8::try_from(item.as_int()?).ok()?;
                Some(bytes.data.contains(&byte))
            }
            _ => None,
        }
    }

    fn among(&self, items: &[Object], item: &Object) -> Option<bool> {
        let mut unknown = items.len() > 4096;
        for own in items.iter().take(4096) {
            match self.equal(own, item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    // ---- texts ----

    /// `str(object)`.
    pub fn shown(&mut self, object: &Object) -> Value {
        let dialect = self.dialect;
        if let Some(shown) = dialect.shown(self, object) {
            return shown;
        }
        match object {
            Object::None => Value::literal("None"),
            Object::Tuple(_) | Object::List(_) | Object::Dictionary(_) => self.repr(object),
            Object::BigInt(_) => Value::unknown(Provenance::Unknown),
            _ => self.value_of(object),
        }
    }

    /// `repr(object)`.
    pub fn repr(&mut self, object: &Object) -> Value {
        match object {
            Object::Text(value) => value.map_text(|text| format!("'{text}'")),
            Object::Bytes(bytes) => bytes.value().map_text(|text| format!("b'{text}'")),
            Object::Tuple(items) => self.shown_items("(", items, ")"),
            Object::List(slot) => {
                let items: Vec<Object> = self
                    .heap
                    .items(*slot)
                    .iter()
                    .take(SHOWN_ITEMS)
                    .cloned()
                    .collect();
                self.shown_items("[", &items, "]")
            }
            Object::Dictionary(_) => self.value_of(object).map_text(|text| format!("{{{text}}}")),
            _ => self.shown(object),
        }
    }

    fn shown_items(&mut self, open: &str, items: &[Object], close: &str) -> Value {
        let scalars = items.iter().take(SHOWN_ITEMS).map(|item| match item {
            Object::Text(_) | Object::Bytes(_) => self.repr(item),
            _ => self.value_of(item),
        });
        let mut whole = Value::literal(open);
        whole.append(&super::object::join_values(scalars, ", "));
        whole.text.push_str(close);
        whole
    }

    /// The bytes of an object: of a text of Python 2, whose characters are bytes, these.
    pub fn bytes_held(&mut self, object: &Object) -> Bytes {
        let bytes = self.bytes_within(object);
        self.burn(bytes.data.len() as u64 / 256);
        bytes
    }

    fn bytes_within(&mut self, object: &Object) -> Bytes {
        match object {
            Object::Bytes(bytes) => (**bytes).clone(),
            Object::Text(value) => {
                let has_wide = value.text.chars().any(|c| u32::from(c) > 0xff);
                let data = if has_wide {
                    crate::encoding::to_bytes(&value.text)
                } else {
                    super::literal::latin1(&value.text)
                };
                Bytes {
                    data,
                    known: value.known,
                    from: value.from.clone(),
                }
            }
            Object::Native(slot) => match self.heap.native_of(*slot) {
                Some(Native::Buffer(buffer)) => buffer.clone(),
                _ => self.unknown_bytes(object),
            },
            Object::List(slot) if let Some(bytes) = self.heap.bytes_of(*slot) => bytes,
            Object::List(slot) => match bytes_of_items(self.heap.items(*slot)) {
                Some(data) => Bytes::known(data, Vec::new()),
                None => self.unknown_bytes(object),
            },
            Object::Tuple(items) => match bytes_of_items(items) {
                Some(data) => Bytes::known(data, Vec::new()),
                None => self.unknown_bytes(object),
            },
            _ => self.unknown_bytes(object),
        }
    }

    fn unknown_bytes(&mut self, object: &Object) -> Bytes {
        let value = self.value_of(object);
        Bytes {
            data: value.text.into_bytes(),
            known: value.known && !matches!(object, Object::Int(_)),
            from: value.from,
        }
    }
}

/// Bytes given as integers.
pub fn bytes_of_items(items: &[Object]) -> Option<Vec<u8>> {
    items
        .iter()
        .map(|item| u8::try_from(item.as_int()?).ok())
        .collect()
}

/// Adds sources, sorted and once.
pub fn add_sources(own: &mut Vec<Provenance>, more: &[Provenance]) {
    for from in more {
        if let Err(at) = own.binary_search(from) {
            own.insert(at, from.clone());
        }
    }
}

/// `base / other` of paths.
pub fn join_path(base: &Value, other: &Value) -> Value {
    if other.text.starts_with('/') || base.text.is_empty() {
        return other.clone();
    }
    let mut joined = base.clone();
    if !joined.text.ends_with('/') {
        joined.text.push('/');
    }
    joined.append(other);
    joined
}

fn is_textual(object: &Object) -> bool {
    matches!(object, Object::Text(_) | Object::Bytes(_))
}

fn real(object: &Object) -> Option<f64> {
    match object {
        Object::Float(number) => Some(*number),
        #[allow(clippy::cast_precision_loss, reason = "as Python does")]
        _ => object.as_int().map(|number| number as f64),
    }
}

fn reals(a: f64, operator: Operator, b: f64) -> Object {
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide if b != 0.0 => a / b,
        Operator::FloorDivide if b != 0.0 => (a / b).floor(),
        Operator::Power => a.powf(b),
        _ => return Object::anything(),
    };
    Object::Float(result)
}

fn integers(a: i128, operator: Operator, b: i128) -> Object {
    let small = u32::try_from(b).ok();
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide if b != 0 && a % b == 0 => a.checked_div(b),
        #[allow(clippy::cast_precision_loss, reason = "as Python does")]
        Operator::Divide if b != 0 => return Object::Float(a as f64 / b as f64),
        Operator::FloorDivide => floor_divide(a, b),
        Operator::Modulo => floor_divide(a, b)
            .and_then(|quotient| quotient.checked_mul(b))
            .and_then(|product| a.checked_sub(product)),
        Operator::Power => small.and_then(|exponent| a.checked_pow(exponent)),
        Operator::Or => Some(a | b),
        Operator::And => Some(a & b),
        Operator::Xor => Some(a ^ b),
        Operator::ShiftLeft => small
            .filter(|&by| by < 127 && a.unsigned_abs().leading_zeros() > by + 1)
            .map(|by| a << by),
        Operator::ShiftRight => small.map(|by| a >> by.min(127)),
        _ => None,
    };
    result.map_or_else(Object::anything, Object::Int)
}

/// The quotient rounded down, as Python does.
fn floor_divide(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let exact = a.checked_rem(b)? == 0;
    if exact || (a < 0) == (b < 0) {
        Some(quotient)
    } else {
        quotient.checked_sub(1)
    }
}
