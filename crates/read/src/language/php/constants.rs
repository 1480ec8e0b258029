//! Constants of PHP that texts are made of.
//!
//! Source: The PHP Manual, "Predefined Constants".

use model::{Provenance, Value};

use super::super::script::interpreter::Interpreter;
use super::super::script::object::Object;

/// The value of a constant that the program did not define.
pub fn value(interpreter: &mut Interpreter, name: &str) -> Option<Object> {
    let number = match name {
        "FILE_APPEND" => 8,
        "LOCK_EX" => 2,
        "E_ALL" => 32_767,
        "ENT_QUOTES" => 3,
        "PHP_INT_MAX" => i64::MAX.into(),
        "PHP_INT_SIZE" => 8,
        "PHP_VERSION_ID" => 80_200,
        "PHP_MAJOR_VERSION" => 8,
        "AF_INET" => 2,
        "AF_UNIX" => 1,
        "SOCK_STREAM" => 1,
        "SOCK_DGRAM" => 2,
        "SOL_TCP" => 6,
        "SOL_UDP" => 17,
        "FILTER_DEFAULT" | "FILTER_UNSAFE_RAW" => 516,
        "FILTER_CALLBACK" => 1_024,
        "CURLOPT_URL" => 10_002,
        "CURLOPT_FILE" => 10_001,
        "CURLOPT_POSTFIELDS" => 10_015,
        "STR_PAD_LEFT" => 0,
        "STR_PAD_RIGHT" => 1,
        _ => return text(interpreter, name),
    };
    Some(Object::Int(number))
}

fn text(interpreter: &mut Interpreter, name: &str) -> Option<Object> {
    let given = match name {
        "PHP_EOL" => "\n",
        "DIRECTORY_SEPARATOR" => "/",
        "PATH_SEPARATOR" => ":",
        "PHP_OS" | "PHP_OS_FAMILY" => "Linux",
        "PHP_VERSION" => "8.2.0",
        "PHP_BINARY" => "/usr/bin/php",
        "M_PI" => return Some(Object::Float(std::f64::consts::PI)),
        "NAN" => return Some(Object::text("NAN")),
        "INF" => return Some(Object::text("INF")),
        "STDIN" => return Some(Object::library("sys.stdin")),
        "STDOUT" | "STDERR" => return Some(Object::library("php.output")),
        "__FUNCTION__" | "__METHOD__" => {
            let frame = interpreter.frames.last()?;
            let name = &frame.function.as_ref()?.syntax.name;
            return Some(Object::text(name.trim_end_matches("()")));
        }
        "__FILE__" | "__DIR__" => {
            return Some(Object::of_value(Value::unknown(Provenance::Argument)));
        }
        // A word that no constant has is itself, in old versions.
        _ if name.bytes().any(|byte| byte.is_ascii_lowercase()) => name,
        _ => return None,
    };
    Some(Object::text(given))
}
