//! Functions of the C library on memory and texts.

use model::{Provenance, Value};

use super::super::{Machine, Path, format, system};

impl<'a> Machine<'a, '_, '_> {
    pub(super) fn of_memory(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        Some(match name {
            "malloc" | "valloc" => self.allocate(path, a[0], false),
            "calloc" => {
                let length = a[0].zip(a[1]).map(|(one, other)| one.saturating_mul(other));
                self.allocate(path, length, true)
            }
            "realloc" => {
                let at = self.allocate(path, a[1], false);
                if let (Some(from), Some(to)) = (a[0].filter(|&from| from != 0), at) {
                    path.memory.copy(to, from, a[1].unwrap_or(0).min(4_096));
                }
                at
            }
            "free" => None,
            "memcpy" | "memmove" | "bcopy" | "mempcpy" => {
                let (to, from) = if name == "bcopy" {
                    (a[1], a[0])
                } else {
                    (a[0], a[1])
                };
                if let (Some(to), Some(from), Some(length)) = (to, from, a[2]) {
                    path.memory.copy(to, from, length);
                }
                if name == "mempcpy" {
                    to.zip(a[2]).map(|(to, length)| to.wrapping_add(length))
                } else {
                    to
                }
            }
            "memset" | "bzero" | "explicit_bzero" => {
                let (byte, length) = if name == "memset" {
                    (a[1], a[2])
                } else {
                    (Some(0), a[1])
                };
                if let (Some(to), Some(length)) = (a[0], length) {
                    path.memory.set_all(to, length, byte.map(|byte| byte as u8));
                }
                a[0]
            }
            _ => return None,
        })
    }

    pub(super) fn of_texts(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        let text = |at| system::text(path, at);
        Some(match name {
            "strlen" | "strnlen" => text(a[0]).as_known().map(|text| text.len() as u64),
            "strcpy" | "stpcpy" => {
                let value = text(a[1]);
                put(path, a[0], &value);
                a[0]
            }
            "strncpy" => {
                let value = text(a[1]);
                let value = match a[2].and_then(|most| usize::try_from(most).ok()) {
                    Some(most) if value.known && value.text.len() > most => {
                        value.map_text(|text| text[..text.floor_char_boundary(most)].to_owned())
                    }
                    _ => value,
                };
                put(path, a[0], &value);
                a[0]
            }
            "strcat" | "strncat" => {
                let mut value = text(a[0]);
                value.append(&text(a[1]));
                put(path, a[0], &value);
                a[0]
            }
            "strdup" | "strndup" => {
                let value = text(a[0]);
                let at = self.allocate(path, Some(value.text.len() as u64 + 1), false);
                put(path, at, &value);
                at
            }
            "sprintf" | "snprintf" | "sprintf_chk" | "snprintf_chk" | "asprintf" => {
                let at = match name {
                    "sprintf" | "asprintf" => 1,
                    "snprintf" => 2,
                    "sprintf_chk" => 3,
                    _ => 4,
                };
                let value = self.formatted(path, at);
                if name == "asprintf" {
                    let at = self.allocate(path, Some(value.text.len() as u64 + 1), false);
                    put(path, at, &value);
                    if let Some(to) = a[0] {
                        path.memory.set_number(to, self.elf.word, at);
                    }
                } else {
                    put(path, a[0], &value);
                }
                value.as_known().map(|text| text.len() as u64)
            }
            "strcmp" | "strncmp" | "strcasecmp" | "memcmp" | "strncasecmp" => {
                let (one, other) = (text(a[0]), text(a[1]));
                (one.known && other.known && matches!(name, "strcmp"))
                    .then(|| u64::from(one.text != other.text))
            }
            "atoi" | "strtol" | "atol" | "strtoul" | "strtoull" => text(a[0])
                .as_known()
                .and_then(|text| text.trim().parse::<u64>().ok()),
            "puts" | "printf" | "printf_chk" | "perror" | "putchar" | "fflush" => Some(1),
            _ => return None,
        })
    }

    /// The text that `printf` makes of the format in argument `at` and those behind it.
    pub(super) fn formatted(&self, path: &Path<'a>, at: usize) -> Value {
        let pattern = system::text(path, self.argument(path, at));
        let mut next = at;
        format::format(&pattern, |is_text| {
            next += 1;
            let value = self.argument(path, next);
            if is_text {
                system::text(path, value)
            } else {
                value.map_or_else(
                    || Value::unknown(Provenance::Unknown),
                    |value| Value::literal(value.to_string()),
                )
            }
        })
    }
}

fn put(path: &mut Path, at: Option<u64>, value: &Value) {
    if let Some(at) = at {
        path.memory.set_text(at, value);
    }
}
