//! Fetch and run: code that comes over the network when the container runs.

use model::{Act, Behavior, Confidence, Reach, Rule, Severity, Value};

use super::orders::is_chosen_elsewhere;
use super::vocabulary::{
    host_of, is_odd_place, is_picture_name, is_public_address, url_file_name, written_path,
};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct FetchAndRun;

static RULE: Rule = Rule {
    id: "execution/fetch-and-run",
    title: "Fetches code and runs it",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1105", "T1059.004"],
    what: "Content fetched from a URL is handed to an interpreter, or saved, made executable and started. Signs that weigh: the address is a bare IP, the name is that of a picture, it happens on a schedule, the file goes to a temporary or hidden place, the transport is not encrypted.",
    why: "What runs is decided by whoever controls that address, after the image was looked at. Scanning the image cannot tell what it will be.",
    benign: "Installers are often run this way when an image is built; that alone is reported as information. An entrypoint that installs from its maker's own HTTPS site is rarely hostile, but pin it by digest all the same.",
    next: "Fetch the URL with a tool that runs nothing and look at it. Ask why the image does not carry the code. Block the host if nobody can say.",
};

impl Detector<Subject<'_>> for FetchAndRun {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            if let Some(url) = fetched(act) {
                reporter.act(act, sign(subject, act, url));
            }
        }
    }
}

/// The URL an act runs content of.
fn fetched(act: &Act) -> Option<&str> {
    match &act.behavior {
        Behavior::Evaluate { code, .. } => code.fetched_from(),
        Behavior::Execute { program, .. } => program.fetched_from(),
        _ => None,
    }
}

fn sign(subject: &Subject<'_>, act: &Act, url: &str) -> Sign {
    let signs = signs(subject, act, url);
    let supplied = url.starts_with('{') || host_of(url).starts_with('{');
    let disguised = is_picture_name(url_file_name(url));
    let confidence = match (&subject.reach, signs.len()) {
        // A program under a picture's name has no honest reason, at build time or later.
        _ if disguised && !supplied => Confidence::High,
        (Reach::Past, _) => Confidence::Low,
        _ if supplied || is_only_a_part(act) => Confidence::Low,
        (Reach::Start { .. } | Reach::Schedule { .. }, 2..) => Confidence::High,
        (Reach::Start { .. } | Reach::Schedule { .. }, _) => Confidence::Medium,
        (_, 3..) if subject.program.declared => Confidence::High,
        (_, 2..) => Confidence::Medium,
        _ => Confidence::Low,
    };
    let because = if signs.is_empty() {
        String::new()
    } else {
        format!(": {}", signs.join(", "))
    };
    Sign::new(format!("Runs what {url} returns{because}.")).confidence(confidence)
}

/// Whether what is fetched only fills in an argument of a command that is written out.
fn is_only_a_part(act: &Act) -> bool {
    match &act.behavior {
        Behavior::Evaluate { code, .. } => !code.known && !is_chosen_elsewhere(code),
        _ => false,
    }
}

/// What makes this fetch unlike an installer's.
fn signs(subject: &Subject<'_>, act: &Act, url: &str) -> Vec<&'static str> {
    let acts = &subject.program.acts;
    let mut signs = Vec::new();
    if is_picture_name(url_file_name(url)) {
        signs.push("the name is that of a picture");
    }
    if is_public_address(host_of(url)) {
        signs.push("the address is a bare IP");
    }
    if url.starts_with("http://")
        || url.starts_with("ftp://")
        || url.starts_with("tftp://")
        || url.starts_with("dns:")
    {
        signs.push("the transport is not encrypted");
    }
    if host_of(url).ends_with(".onion") {
        signs.push("the host is hidden in Tor");
    }
    let scheduled = acts
        .iter()
        .any(|a| matches!(a.behavior, Behavior::Schedule { .. }) && a.line == act.line);
    if scheduled || written_path(act).is_some_and(|path| path.contains("cron")) {
        signs.push("it is on a schedule");
    }
    let saved = acts.iter().filter_map(|a| match &a.behavior {
        Behavior::Fetch {
            url: from,
            to: Some(to),
        } if from.text == url => Some(to),
        _ => None,
    });
    if saved.map(|to: &Value| to.text.as_str()).any(is_odd_place) {
        signs.push("it goes to a temporary or hidden place");
    }
    signs
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Language, Program, Provenance, Verdict};

    use super::*;
    use crate::technique::check::{findings, with_program};

    fn run(url: &str) -> [B; 2] {
        let code = Value::unknown(Provenance::Fetched(url.to_owned()));
        [
            B::Fetch {
                url: Value::literal(url),
                to: None,
            },
            B::Evaluate {
                language: Language::Shell,
                code,
            },
        ]
    }

    #[test]
    fn the_disguised_payload_of_the_campaign_is_malicious() {
        let acts = run("http://192.0.2.1:8220/logo3.jpg").map(B::bare).to_vec();
        let program = Program {
            language: Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts,
        };
        let found = with_program(&FetchAndRun, &program, &Reach::Start { chain: Vec::new() });
        assert_eq!(found[0].verdict(), Verdict::Malicious);
    }

    #[test]
    fn an_installer_at_build_time_is_information() {
        let acts = run("https://example.com/install.sh").map(B::bare).to_vec();
        let program = Program {
            language: Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts,
        };
        assert_eq!(
            with_program(&FetchAndRun, &program, &Reach::Past)[0].verdict(),
            Verdict::Clean
        );
    }

    #[test]
    fn fetching_without_running_misses() {
        assert!(findings(&FetchAndRun, &run("http://192.0.2.1/logo.jpg")[..1]).is_empty());
    }

    #[test]
    fn an_argument_that_is_fetched_is_no_code() {
        let mut code = Value::literal("make install VERSION=");
        let version = Provenance::Fetched("http://192.0.2.1/version".to_owned());
        code.append(&Value::unknown(version));
        let act = B::Evaluate {
            language: Language::Shell,
            code,
        };
        assert!(findings(&FetchAndRun, &[act]).is_empty());
    }
}
