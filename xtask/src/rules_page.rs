//! The page of rules, from the cards the binary itself prints.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Where the page is, from the workspace's folder.
pub const PAGE: &str = "docs/rules.md";

const HEAD: &str = "# Rules

What Bilgewatch looks for. Made by `cargo xtask bless` from the cards that `bilgewatch explain`
shows; do not edit it here. Severity is what it would do, confidence how sure the facts usually
make it: only high severity with high confidence makes an image `malicious`.
";

/// Writes the page.
///
/// # Errors
/// If the binary cannot be built or the page not written.
pub fn write(root: &Path) -> Result<()> {
    let page = make(root)?;
    let path = root.join(PAGE);
    if fs::read_to_string(&path).ok().as_ref() == Some(&page) {
        println!("{PAGE}: nothing changed");
        return Ok(());
    }
    fs::write(&path, page).with_context(|| format!("write {}", path.display()))?;
    println!("wrote   {PAGE}");
    Ok(())
}

/// Fails unless the committed page is what the binary says.
///
/// # Errors
/// If it is not, or cannot be made.
pub fn compare(root: &Path) -> Result<()> {
    let committed = fs::read_to_string(root.join(PAGE)).with_context(|| format!("read {PAGE}"))?;
    if committed != make(root)? {
        bail!("{PAGE} is not what the rules say: run `cargo xtask bless`");
    }
    Ok(())
}

fn make(root: &Path) -> Result<String> {
    let output = Command::new("cargo")
        .current_dir(root)
        .args(["run", "--release", "--locked", "--quiet"])
        .args(["--package", "app", "--", "rules", "--output", "json"])
        .output()
        .context("run `cargo run --release --package app`")?;
    if !output.status.success() {
        bail!(
            "`bilgewatch rules` ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let document: Value = serde_json::from_slice(&output.stdout)?;
    let rules = document["rules"].as_array().context("it lists no rules")?;
    let mut page = HEAD.to_owned();
    for rule in rules {
        page.push_str(&section(rule)?);
    }
    Ok(page)
}

fn section(rule: &Value) -> Result<String> {
    let text = |key: &str| {
        rule[key]
            .as_str()
            .with_context(|| format!("a rule without `{key}`"))
    };
    let attack = rule["attack"]
        .as_array()
        .context("a rule without `attack`")?;
    let attack: Vec<_> = attack.iter().filter_map(Value::as_str).collect();
    Ok(format!(
        "\n## `{}`: {}\n\n{} severity, {} confidence. ATT&CK: {}.\n\n\
         - **What it looks for.** {}\n- **Why it matters.** {}\n\
         - **What could be benign.** {}\n- **What to do.** {}\n",
        text("id")?,
        text("title")?,
        capital(text("severity")?),
        text("confidence")?,
        attack.join(", "),
        text("what")?,
        text("why")?,
        text("benign")?,
        text("next")?,
    ))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
