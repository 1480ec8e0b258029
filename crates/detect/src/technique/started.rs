//! What the techniques of persistence share: a command that something starts, and what it does
//! that an honest one does not.

use model::{Act, Behavior, Confidence, Provenance, Reach, Trigger, Value};

use super::vocabulary::{
    commanded, host_of, hostile_act, is_public_address, ordered_over, written_path,
};
use crate::{Reporter, Sign, Subject, autostart};

/// Reports what `trigger` starts in this program: the commands of a format that puts them
/// somewhere, and programs that lie, or are written, where they are started as they are.
pub fn report(subject: &Subject<'_>, reporter: &mut Reporter<'_>, trigger: Trigger) {
    let acts = &subject.program.acts;
    let own = subject.path();
    let mut formats: Vec<Option<&str>> = Vec::new();
    for (at, act) in acts.iter().enumerate() {
        let Behavior::Schedule {
            trigger: known,
            when,
            ..
        } = &act.behavior
        else {
            continue;
        };
        formats.push(written_path(act));
        if *known != trigger {
            continue;
        }
        let worst = commanded(subject.program, at)
            .filter_map(|inner| harm(subject, inner, trigger))
            .max_by_key(|(_, confidence)| *confidence);
        if let Some((what, confidence)) = worst {
            let sign = Sign::new(format!("Runs {what}, {}.", moment(&when.text)));
            reporter.act(act, sign.confidence(confidence));
        }
    }
    for act in acts {
        let written = written_path(act);
        let place = written.unwrap_or(&own);
        if formats.contains(&written) || autostart::trigger(place) != Some(trigger) {
            continue;
        }
        if let Some((what, confidence)) = harm(subject, act, trigger) {
            let sign = Sign::new(format!("{place} runs {what}."));
            reporter.act(act, sign.confidence(confidence));
        }
    }
}

/// When, in words: a time as cron writes it is quoted.
fn moment(when: &str) -> String {
    if when.starts_with(|c: char| c.is_ascii_alphabetic()) {
        when.to_owned()
    } else {
        format!("at `{when}`")
    }
}

/// What an act does that an honest one does not, and how sure what starts it makes that.
fn harm(subject: &Subject<'_>, act: &Act, trigger: Trigger) -> Option<(&'static str, Confidence)> {
    let (what, confidence) = hostile_act(act)
        .or_else(|| {
            (trigger == Trigger::Install)
                .then(|| told_others(act))
                .flatten()
        })
        .or_else(|| {
            (trigger == Trigger::Interpreter)
                .then(|| kept_encoded(act))
                .flatten()
        })?;
    if *subject.reach == Reach::Past {
        return Some((what, Confidence::Low));
    }
    let by_code = written_path(act).is_some();
    let confidence = match fetched(act) {
        // Packages are often completed by what their makers serve.
        Some(url) if trigger == Trigger::Install => match () {
            () if is_public_address(host_of(url)) => Confidence::High,
            () if url.starts_with("https://") || !url.contains("://") => Confidence::Low,
            () => Confidence::Medium,
        },
        // An example that lies somewhere installs its maker's program.
        Some(url) if !by_code && !subject.runs_by_itself() && !is_public_address(host_of(url)) => {
            confidence.min(Confidence::Medium)
        }
        _ => confidence,
    };
    Some((what, confidence))
}

/// The URL an act runs content of.
fn fetched(act: &Act) -> Option<&str> {
    if ordered_over(act).is_some() {
        return None;
    }
    match &act.behavior {
        Behavior::Evaluate { code, .. } => code.fetched_from(),
        Behavior::Execute { program, .. } => program.fetched_from(),
        _ => None,
    }
}

/// Decoded code at the start of an interpreter: nobody who installs a hook there hides it.
fn kept_encoded(act: &Act) -> Option<(&'static str, Confidence)> {
    match &act.behavior {
        Behavior::Evaluate { code, .. } if code.was_decoded() => {
            Some(("code that is kept encoded", Confidence::Medium))
        }
        _ => None,
    }
}

/// Whether a value tells others about the machine: what identifies it, or its secrets.
fn tells(value: &Value) -> Option<Confidence> {
    const IDENTIFY: &[&str] = &[
        "whoami", "hostname", "id", "uname", "ifconfig", "ip", "set", "cat", "history", "ps",
    ];
    const SECRETS: &[&str] = &[
        "/etc/passwd",
        "/etc/shadow",
        ".ssh/",
        ".aws/",
        ".npmrc",
        ".netrc",
        ".env",
        ".git-credentials",
        ".docker/config.json",
        ".kube/config",
        ".bash_history",
        "/proc/self/environ",
        "/var/run/secrets/",
    ];
    let of = |from: &Provenance| match from {
        Provenance::File(path) => SECRETS
            .iter()
            .any(|secret| path.contains(secret))
            .then_some(Confidence::High),
        // The environment holds the secrets of a build.
        Provenance::Output(name) if matches!(name.as_str(), "env" | "printenv") => {
            Some(Confidence::High)
        }
        Provenance::Output(name) => IDENTIFY
            .contains(&name.as_str())
            .then_some(Confidence::Medium),
        _ => None,
    };
    value.from.iter().filter_map(of).max()
}

/// Sending away what identifies the machine or its secrets.
fn told_others(act: &Act) -> Option<(&'static str, Confidence)> {
    let told = match &act.behavior {
        Behavior::Send { data, .. } => tells(data),
        Behavior::Fetch { url, .. } => tells(url),
        // A name asked for tells whoever answers for the domain.
        Behavior::Execute {
            program, arguments, ..
        } if matches!(program.base_name(), "nslookup" | "dig" | "host" | "ping") => {
            arguments.iter().filter_map(tells).max()
        }
        _ => None,
    };
    told.map(|confidence| ("a message that tells others about the machine", confidence))
}
