//! Variables: scalars, arrays and maps.

use std::collections::BTreeMap;

use model::Value;

/// Most elements of an array: enough for any table of characters, and assignments of sparse
/// arrays in a loop stay cheap.
const ELEMENTS: usize = 65_536;

/// A variable of the shell.
#[derive(Debug, Clone)]
pub struct Variable {
    /// What it holds.
    pub content: Content,
    /// Whether programs see it.
    pub exported: bool,
}

/// What a variable holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// One value.
    One(Value),
    /// An array.
    Indexed(BTreeMap<i64, Value>),
    /// A map.
    Keyed(BTreeMap<String, Value>),
}

impl Variable {
    /// An unexported variable with one value.
    pub const fn one(value: Value) -> Self {
        Self {
            content: Content::One(value),
            exported: false,
        }
    }

    /// The value that the name alone stands for.
    pub fn scalar(&self) -> Option<&Value> {
        match &self.content {
            Content::One(value) => Some(value),
            Content::Indexed(elements) => elements.get(&0),
            Content::Keyed(elements) => elements.get("0"),
        }
    }

    /// All values in order.
    pub fn values(&self) -> Vec<Value> {
        match &self.content {
            Content::One(value) => vec![value.clone()],
            Content::Indexed(elements) => elements.values().cloned().collect(),
            Content::Keyed(elements) => elements.values().cloned().collect(),
        }
    }

    /// All keys in order.
    pub fn keys(&self) -> Vec<Value> {
        match &self.content {
            Content::One(_) => vec![Value::literal("0")],
            Content::Indexed(elements) => elements
                .keys()
                .map(|key| Value::literal(key.to_string()))
                .collect(),
            Content::Keyed(elements) => elements
                .keys()
                .map(|key| Value::literal(key.clone()))
                .collect(),
        }
    }

    /// The element of a number; negative ones count from the end.
    pub fn element(&self, index: i64) -> Option<&Value> {
        match &self.content {
            Content::One(value) => (index == 0 || index == -1).then_some(value),
            Content::Indexed(elements) if index < 0 => {
                let last = elements.keys().next_back()?;
                elements.get(&last.saturating_add(1).saturating_add(index))
            }
            Content::Indexed(elements) => elements.get(&index),
            Content::Keyed(elements) => elements.get(&index.to_string()),
        }
    }

    /// Sets an element, making an array of a scalar.
    pub fn set_element(&mut self, index: i64, value: Value) {
        if let Content::One(first) = &mut self.content {
            let first = std::mem::take(first);
            let mut elements = BTreeMap::new();
            if !first.text.is_empty() {
                elements.insert(0, first);
            }
            self.content = Content::Indexed(elements);
        }
        match &mut self.content {
            Content::Indexed(elements) if elements.len() < ELEMENTS => {
                elements.insert(index, value);
            }
            Content::Keyed(elements) if elements.len() < ELEMENTS => {
                elements.insert(index.to_string(), value);
            }
            _ => {}
        }
    }

    /// Sets an element of a map.
    pub fn set_key(&mut self, key: String, value: Value) {
        if let Content::Keyed(elements) = &mut self.content
            && elements.len() < ELEMENTS
        {
            elements.insert(key, value);
        }
    }

    /// One behind the last number in use.
    pub fn next_index(&self) -> i64 {
        match &self.content {
            Content::One(value) => i64::from(!value.text.is_empty()),
            Content::Indexed(elements) => elements
                .keys()
                .next_back()
                .map_or(0, |last| last.saturating_add(1)),
            Content::Keyed(elements) => i64::try_from(elements.len()).unwrap_or(i64::MAX),
        }
    }
}
