//! Floods: other machines are kept from answering by traffic that means nothing.

use model::{Act, Behavior, Confidence, Protocol, Provenance, Rule, Severity, Value};

use super::orders::started;
use super::vocabulary::{End, as_sure_as_it_runs, connection, host_of, is_loopback};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Flood;

static RULE: Rule = Rule {
    id: "impact/flood",
    title: "Floods another machine",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1498.001", "T1499"],
    what: "A tool for floods is started against a host that the image names, or random bytes are sent to one without waiting for an answer.",
    why: "The machine takes part in an attack on somebody else, in your name.",
    benign: "Tests of load go to hosts of their own, which the user names: not reported.",
    next: "Do not run the image. See who the target is.",
};

/// Fewest requests or simultaneous ones that are no test of a stranger's server.
const MANY: u64 = 100_000;

/// What an act floods.
fn flooded(subject: &Subject<'_>, act: &Act) -> Option<(String, Confidence)> {
    if let Behavior::Send {
        connection: number,
        data,
    } = &act.behavior
    {
        let End::Outgoing(protocol, host, _) = connection(subject.program, *number)? else {
            return None;
        };
        let is_noise = !data.known
            && is_untold(data)
            && !data.from.is_empty()
            && data
                .from
                .iter()
                .all(|from| *from == Provenance::Output("random".to_owned()));
        let connectionless = matches!(protocol, Protocol::Udp | Protocol::Other);
        return (is_noise && connectionless && !is_loopback(host)).then(|| {
            (
                host.text.clone(),
                if host.known {
                    Confidence::High
                } else {
                    Confidence::Medium
                },
            )
        });
    }
    let (program, arguments) = started(act)?;
    let has = |words: &[&str]| {
        arguments
            .iter()
            .any(|word| words.contains(&word.text.as_str()))
    };
    let number = |options: &[&str]| {
        arguments.windows(2).find_map(|pair| match pair {
            [option, value] if options.contains(&option.text.as_str()) => {
                value.text.parse::<u64>().ok()
            }
            _ => None,
        })
    };
    let target = arguments.iter().rev().find(|word| is_host(word))?;
    match program.base_name() {
        "hping3" | "hping" if has(&["--flood", "--faster", "-i", "--rand-source"]) => {
            Some((target.text.clone(), Confidence::Medium))
        }
        "slowloris" | "slowhttptest" | "goldeneye" | "t50" | "hulk" | "mhddos" => {
            Some((target.text.clone(), Confidence::Medium))
        }
        "ab" | "wrk" | "siege" | "bombardier" | "hey" | "vegeta" | "wrk2"
            if number(&["-n", "-c", "-r"]).is_some_and(|number| number >= MANY) =>
        {
            Some((target.text.clone(), Confidence::Medium))
        }
        _ => None,
    }
}

/// Whether nothing but its source is known of a value.
fn is_untold(value: &Value) -> bool {
    value.text.starts_with('{') && value.text.ends_with('}')
}

/// Whether a word names a host that is neither this machine nor the user's choice.
fn is_host(word: &Value) -> bool {
    let host = host_of(&word.text);
    word.known
        && !word.text.starts_with('-')
        && (host.parse::<std::net::IpAddr>().is_ok()
            || host.contains('.') && host.contains(|c: char| c.is_ascii_alphabetic()))
        && !is_loopback(&Value::literal(host))
}

impl Detector<Subject<'_>> for Flood {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Some((target, confidence)) = flooded(subject, act) else {
                continue;
            };
            let confidence = match subject.runs_by_itself() {
                true => confidence,
                false => Confidence::Low,
            };
            let sign = Sign::new(format!("Floods {target}."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Stream;

    use super::*;
    use crate::technique::check::{execute, findings};

    fn run(line: &str) -> usize {
        let words: Vec<&str> = line.split(' ').collect();
        findings(&Flood, &[execute(words[0], &words[1..], Stream::Inherited)]).len()
    }

    #[test]
    fn noise_and_floods_hit() {
        assert_eq!(run("hping3 -S --flood -p 80 192.0.2.9"), 1);
        assert_eq!(run("ab -n 10000000 -c 900 http://www.example.com/"), 1);
        let noise = Value::unknown(Provenance::Output("random".to_owned()));
        let acts = [
            Behavior::Connect {
                connection: 1,
                protocol: Protocol::Udp,
                host: Value::literal("192.0.2.9"),
                port: Value::literal("80"),
            },
            Behavior::Send {
                connection: 1,
                data: noise,
            },
        ];
        assert_eq!(findings(&Flood, &acts).len(), 1);
    }

    #[test]
    fn tests_of_load_miss() {
        assert_eq!(run("ab -n 100 -c 10 http://www.example.com/"), 0);
        assert_eq!(run("ab -n 1000000 http://localhost:8080/"), 0);
        assert_eq!(run("hping3 -c 1 -S -p 80 192.0.2.9"), 0);
    }
}
