//! Accounts: `passwd(5)`, `shadow(5)` and BSD's `master.passwd(5)`.
//!
//! Only accounts that open a door are acts: another one with the number of root, one without a
//! password, one whose password is fixed here. Lines that the system would refuse still show the
//! intent and are read as far as they go.

use model::{Behavior, Language, Password, Value};

use crate::language::start::part;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/passwd", "etc/shadow", "etc/master.passwd"],
        folders: &[],
        named: &[],
    },
    ..FrontEnd::new(Language::Accounts, lower)
};

/// Lowers the file.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(2) {
            break;
        }
        if let Some(account) = account(line.trim()) {
            world.at(number, line);
            world.act(account);
        }
    }
    Value::literal("")
}

/// What a password field says. Hashes have no blank and none of the marks of a locked one.
pub fn password(field: &str) -> Password {
    match field {
        "" => Password::Empty,
        "x" => Password::Unsaid,
        _ if field.starts_with(['!', '*']) => Password::Locked,
        _ => Password::Fixed,
    }
}

/// The account of a line, if it opens a door.
fn account(line: &str) -> Option<Behavior> {
    // Names of NIS entries begin with a sign.
    if line.is_empty() || line.starts_with(['#', '+', '-', ':']) {
        return None;
    }
    let fields: Vec<&str> = line.split(':').collect();
    let [name, secret, rest @ ..] = fields.as_slice() else {
        return None;
    };
    if name.contains(char::is_whitespace) {
        return None;
    }
    let (uid, shell) = match rest.len() {
        // passwd, whole or cut short.
        2..=5 => (*rest.first()?, rest.get(4).copied().unwrap_or_default()),
        // shadow
        6..=7 => ("", ""),
        // master.passwd
        8 => (*rest.first()?, *rest.get(7)?),
        _ => return None,
    };
    let password = password(secret);
    // "00" and "+0" are the number 0 too, and so is one that wraps around.
    let is_root = uid
        .parse::<u64>()
        .is_ok_and(|uid| uid.trailing_zeros() >= 32);
    let opens = is_root && *name != "root"
        || matches!(password, Password::Empty | Password::Fixed) && !secret.contains(['{', ' ']);
    opens.then(|| Behavior::SetAccount {
        name: part(name),
        uid: if is_root {
            Value::literal("0")
        } else {
            part(uid)
        },
        password,
        shell: part(shell),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_of_every_kind() {
        let read = |line: &str| match account(line) {
            Some(Behavior::SetAccount {
                name,
                uid,
                password,
                shell,
            }) => {
                format!("{name} {uid} {password:?} {shell}")
            }
            _ => String::new(),
        };
        assert_eq!(read("svc:x:0:0::/root:/bin/sh"), "svc 0 Unsaid /bin/sh");
        assert_eq!(read("svc::0:0"), "svc 0 Empty ");
        assert_eq!(read("svc:$6$a$b:00:0:::/bin/bash"), "svc 0 Fixed /bin/bash");
        assert_eq!(read("svc:x:4294967296:0:::/bin/sh"), "svc 0 Unsaid /bin/sh");
        assert_eq!(read("root:::0:::::"), "root  Empty ");
        assert_eq!(read("games:$6$a$b:19000:0:99999:7:::"), "games  Fixed ");
        assert_eq!(
            read("toor:*:0:0::0:0:Root:/root:/bin/sh"),
            "toor 0 Locked /bin/sh"
        );
        for line in [
            "root:x:0:0:root:/root:/bin/bash",
            "operator:x:11:0:operator:/root:/sbin/nologin",
            "root:*:19000:0:99999:7:::",
            "bin:!::0:::::",
            "default:x:{output of id}:0::/:/bin/sh",
            "+::::::",
            "prose: with a colon: and more: of it",
        ] {
            assert_eq!(read(line), "", "{line}");
        }
    }
}
