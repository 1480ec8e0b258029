//! `WWW-Authenticate`: what a registry asks for before it answers.
//!
//! Source: RFC 9110, sections 11.2 to 11.6.1. One field may hold several challenges, and the comma
//! separates both challenges and their parameters, so the field is read token by token.

/// Longest field that is read, in bytes; a real one has a few hundred.
const FIELD_BYTES: usize = 8 << 10;
/// Most challenges and most parameters of one that are kept.
const MOST: usize = 16;

/// One challenge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    /// Scheme, lower-case: `basic`, `bearer`.
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The value of a parameter, whose name is lower-case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// All challenges of one field. What does not follow the grammar ends the reading; what was
/// understood until then is returned.
pub(super) fn parse(field: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    if field.len() > FIELD_BYTES {
        return challenges;
    }
    let mut rest = Cursor(field);
    while challenges.len() < MOST {
        rest.skip(|b| matches!(b, b' ' | b'\t' | b','));
        let word = rest.token();
        if word.is_empty() {
            break;
        }
        let spaced = rest.skip(is_space);
        if rest.eat(b'=') {
            let Some(value) = rest.value() else { break };
            let Some(challenge) = challenges.last_mut() else {
                break;
            };
            if challenge.parameters.len() < MOST {
                let name = word.to_ascii_lowercase();
                challenge.parameters.push((name, value));
            }
        } else {
            challenges.push(Challenge {
                scheme: word.to_ascii_lowercase(),
                parameters: Vec::new(),
            });
            if spaced {
                rest.token68();
            }
        }
    }
    challenges
}

/// What is left of the field.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let end = self
            .0
            .bytes()
            .position(|b| !wanted(b))
            .unwrap_or(self.0.len());
        // `wanted` takes ASCII only, so `end` is a character border.
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or(("", self.0));
        self.0 = rest;
        taken
    }

    fn skip(&mut self, unwanted: impl Fn(u8) -> bool) -> bool {
        !self.take(unwanted).is_empty()
    }

    fn token(&mut self) -> &'a str {
        self.take(is_token)
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.0.strip_prefix(char::from(byte)) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Skips credentials in one word (`Negotiate YII=`), which no scheme spoken here uses. It is
    /// told from a parameter by what follows: the end or a comma.
    fn token68(&mut self) {
        let mut ahead = *self;
        ahead.skip(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        ahead.skip(|b| b == b'=');
        ahead.skip(is_space);
        if ahead.0.is_empty() || ahead.0.starts_with(',') {
            *self = ahead;
        }
    }

    /// A token or a quoted string, with blanks before it (RFC 9110 calls them bad, and they occur).
    fn value(&mut self) -> Option<String> {
        self.skip(is_space);
        if !self.eat(b'"') {
            // Registries leave URLs unquoted, which no token may hold: read on to the separator.
            let value = self.take(|b| b.is_ascii_graphic() && b != b',' && b != b'"');
            return (!value.is_empty()).then(|| value.to_owned());
        }
        let mut value = String::new();
        let mut characters = self.0.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.0 = self.0.get(at + 1..).unwrap_or("");
                    return Some(value);
                }
                '\\' => value.push(characters.next()?.1),
                _ => value.push(c),
            }
        }
        None
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn docker_hubs_challenge() {
        let all = parse(
            r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/a:pull,push""#,
        );
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].scheme, "bearer");
        assert_eq!(all[0].get("realm"), Some("https://auth.docker.io/token"));
        assert_eq!(all[0].get("scope"), Some("repository:library/a:pull,push"));
        assert_eq!(all[0].get("error"), None);
    }

    #[test]
    fn several_challenges_in_one_field() {
        let all = parse(
            r#", Negotiate YII==, BEARER Realm = "a \"b\", c" , service=x,, Basic realm="Basic x=y", NTLM"#,
        );
        let schemes: Vec<_> = all.iter().map(|c| c.scheme.as_str()).collect();
        assert_eq!(schemes, ["negotiate", "bearer", "basic", "ntlm"]);
        assert_eq!(all[1].get("realm"), Some(r#"a "b", c"#));
        assert_eq!(all[1].get("service"), Some("x"));
        assert_eq!(all[2].get("realm"), Some("Basic x=y"));
    }

    #[test]
    fn unquoted_urls_and_unfinished_strings() {
        assert_eq!(
            parse("Bearer realm=https://a.example/token,service=s")[0].get("realm"),
            Some("https://a.example/token")
        );
        assert_eq!(parse(r#"Bearer realm="https://a"#)[0].get("realm"), None);
        assert!(parse("realm=x").is_empty());
        assert!(parse("").is_empty());
        assert!(parse(&"Basic, ".repeat(10_000)).is_empty());
        assert_eq!(parse(&"Basic, ".repeat(1_000)).len(), MOST);
    }

    proptest! {
        #[test]
        fn any_field_is_read(field in "([a-zA-Z]{1,6}|[ ,=\"\\\\é]|[^\\x00]){0,60}") {
            prop_assert!(parse(&field).len() <= MOST);
        }
    }
}
