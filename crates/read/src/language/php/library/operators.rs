//! Operators of PHP where they differ: numbers in texts, texts bit by bit, what stands for a text.
//!
//! Source: The PHP Manual, "Operators", "Numeric strings", "Converting to string".

use std::rc::Rc;

use model::Value;

use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Operator;

/// An object where a text is wanted.
pub fn shown(interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
    Some(match object {
        Object::None | Object::Bool(false) => Value::literal(""),
        Object::Bool(true) => Value::literal("1"),
        Object::Float(number) => Value::literal(loose::shown(*number)),
        // The word for any array; where it holds what matters, that is kept as a source.
        Object::Dictionary(_) | Object::List(_) | Object::Tuple(_) => Value {
            from: interpreter.heap.sources(object),
            ..Value::literal("Array")
        },
        Object::Instance(_) => {
            let name = Rc::from("__tostring()");
            let text = interpreter.call_method(object, &name, Default::default());
            match text {
                Object::Text(value) | Object::Unknown(value) => (*value).clone(),
                other => interpreter.value_of(&other),
            }
        }
        _ => return None,
    })
}

/// `left operator right`.
pub fn operate(
    interpreter: &mut Interpreter,
    left: &Object,
    operator: Operator,
    right: &Object,
) -> Option<Object> {
    if operator == Operator::Concatenate {
        return None;
    }
    if let (Operator::Add, Object::Dictionary(a), Object::Dictionary(b)) = (operator, left, right) {
        let mut entries = interpreter.heap.entries(*a).to_vec();
        entries.extend_from_slice(interpreter.heap.entries(*b));
        return Some(interpreter.heap.dictionary(entries));
    }
    remainder(left, operator, right).or_else(|| loose::operate(interpreter, left, operator, right))
}

/// `%` has the sign of what is divided.
fn remainder(left: &Object, operator: Operator, right: &Object) -> Option<Object> {
    match (operator, left, right) {
        (Operator::Modulo, Object::Int(a), Object::Int(b)) => {
            Some(a.checked_rem(*b).map_or(Object::Bool(false), Object::Int))
        }
        _ => None,
    }
}
