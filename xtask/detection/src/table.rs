//! The result as tables on the terminal.

use model::Verdict;
use model::text::{cut, printable};

use crate::result::{Alarm, Amount, Benign, Hits, Outcome, Recall};

/// Gaps and missed rewritings shown; the file has all.
const SHOWN: usize = 40;

/// Prints a run.
pub fn print(outcome: &Outcome) {
    if let Some(benign) = &outcome.benign {
        print_benign(benign);
        for (registry, name, why) in &outcome.missing {
            println!(
                "  not to be had: {}/{name}: {}",
                registry.name(),
                printable(why.as_bytes())
            );
        }
    }
    if let Some(hits) = &outcome.hits {
        print_hits(hits);
    }
    println!("\n{:.0} s in all", outcome.seconds);
}

fn print_benign(benign: &Benign) {
    println!("\n== Honest packages\n");
    println!(
        "{} files in {} packages, {} MB, read in {:.0} s of processor time",
        benign.files,
        benign.packages,
        benign.bytes / 1_000_000,
        benign.seconds
    );
    println!(
        "\n{:32} {:>8} {:>8} {:>8}",
        "registry", "packages", "files", "MB"
    );
    for (name, amount) in &benign.registries {
        let megabytes = amount.bytes / 1_000_000;
        println!(
            "{name:32} {:>8} {:>8} {megabytes:>8}",
            amount.packages, amount.files
        );
    }
    println!(
        "\n{:32} {:>8} {:>8} {:>8} {:>8}",
        "read as", "files", "MB", "s", "MB/s"
    );
    for (name, amount) in &benign.readers {
        println!(
            "{name:32} {:>8} {:>8} {:>8.1} {:>8.1}",
            amount.files,
            amount.bytes / 1_000_000,
            amount.seconds,
            speed(amount)
        );
    }
    println!(
        "\nslowest files ({} over {} s)",
        benign.too_slow,
        crate::result::LONGEST
    );
    for slow in &benign.slowest {
        println!(
            "{:7.2} s {:>9} bytes  {:20} {}  [{}]",
            slow.seconds,
            slow.bytes,
            slow.reader,
            slow.path,
            cut(&slow.why, 160)
        );
    }
    println!("\ngaps by reason");
    for gap in benign.gaps.iter().take(SHOWN) {
        println!("{:>8}  {}  [{}]", gap.files, gap.reason, gap.example);
    }
    println!("\nrules, findings by weight");
    for (rule, count) in &benign.rules {
        let parts = count
            .findings
            .iter()
            .map(|(verdict, n)| format!("{verdict} {n}"));
        println!(
            "  {rule:36} {}  [{}]",
            parts.collect::<Vec<_>>().join(", "),
            count.example
        );
    }
    println!(
        "\npackages as images: {}",
        verdicts(&benign.package_verdicts)
    );
    println!("files by themselves: {}", verdicts(&benign.own_verdicts));
    println!("\nalarms");
    for alarm in &benign.alarms {
        print_alarm(alarm);
    }
    println!(
        "\nfalse alarms in 100,000 files: malicious {:.2}, suspicious or worse {:.2}",
        benign.per_100_000(Verdict::Malicious),
        benign.per_100_000(Verdict::Suspicious)
    );
    for (name, error) in &benign.unread {
        println!("  not read: {name}: {}", printable(error.as_bytes()));
    }
}

fn print_alarm(alarm: &Alarm) {
    println!(
        "  {} {} {}:{}:{} {:?} {:?}\n      {}\n      {}",
        alarm.verdict,
        alarm.rule,
        alarm.package,
        alarm.path,
        alarm.line.unwrap_or(0),
        alarm.steps,
        alarm.views,
        cut(&alarm.evidence.replace('\n', "⏎"), 300),
        alarm.detail
    );
}

fn verdicts(counts: &std::collections::BTreeMap<Verdict, u64>) -> String {
    let parts = counts.iter().map(|(verdict, n)| format!("{verdict} {n}"));
    parts.collect::<Vec<_>>().join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "a speed is not exact")]
fn speed(amount: &Amount) -> f64 {
    if amount.seconds > 0.0 {
        amount.bytes as f64 / 1e6 / amount.seconds
    } else {
        0.0
    }
}

fn print_hits(hits: &Hits) {
    println!("\n== What must be found");
    let groups = [
        ("fixtures as they are", &hits.fixtures),
        ("rewritings by class", &hits.classes),
        ("rewritings by language", &hits.languages),
        ("rewritings by kind", &hits.families),
    ];
    for (title, recalls) in groups {
        println!(
            "\n{title:44} {:>7} {:>7} {:>8} {:>7}",
            "found", "of", "%", "half"
        );
        let mut sum = Recall::default();
        for (name, recall) in recalls {
            row(name, *recall);
            sum.found += recall.found;
            sum.half += recall.half;
            sum.all += recall.all;
        }
        row("in all", sum);
    }
    println!("\nmissed: {}", hits.missed.len());
    for missed in hits.missed.iter().take(SHOWN) {
        println!(
            "  {} / {} / {}: {}\n      {}",
            missed.class,
            missed.fixture,
            missed.rewriting,
            missed.verdict,
            cut(&missed.text.replace('\n', "⏎"), 400)
        );
    }
    if hits.missed.len() > SHOWN {
        println!("  and {} more, in the file", hits.missed.len() - SHOWN);
    }
}

fn row(name: &str, recall: Recall) {
    let Recall { found, half, all } = recall;
    println!(
        "  {name:42} {found:>7} {all:>7} {:>8.1} {half:>7}",
        recall.percent()
    );
}
