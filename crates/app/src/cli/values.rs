//! Values of options: formats and files, sizes, times, mirrors.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;

/// Most threads that may be asked for: more only cost memory.
const MAX_JOBS: usize = 1024;

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    Text,
    /// The whole report, for a program; `bilgewatch schema` describes it.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// For a comment on a pull request.
    Markdown,
    /// JUnit XML, for a build server.
    Junit,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A file, replaced if it exists.
    File(PathBuf),
}

/// `FORMAT[=FILE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// Where it goes.
    pub to: Destination,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let format = Format::from_str(name, false).map_err(|_| {
            let names: Vec<_> = Format::value_variants()
                .iter()
                .filter_map(|f| f.to_possible_value().map(|v| v.get_name().to_owned()))
                .collect();
            format!("no format `{name}`: choose one of {}", names.join(", "))
        })?;
        let to = match file {
            None | Some("-") => Destination::Stdout,
            Some("") => return Err(format!("no file after `{name}=`: name one, or `-`")),
            Some(path) => Destination::File(path.into()),
        };
        Ok(Self { format, to })
    }
}

/// `REGISTRY=URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// The registry that is mirrored.
    pub registry: String,
    /// Base URL of the mirror.
    pub url: String,
}

impl FromStr for Mirror {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((registry, url))
                if !registry.is_empty()
                    && (url.starts_with("https://") || url.starts_with("http://")) =>
            {
                Ok(Self {
                    registry: registry.to_owned(),
                    url: url.to_owned(),
                })
            }
            _ => Err(
                "expected `REGISTRY=URL`, for example `docker.io=https://mirror.example.com`"
                    .to_owned(),
            ),
        }
    }
}

/// A number of threads.
pub fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=MAX_JOBS) => Ok(jobs),
        _ => Err(format!("expected a number from 1 to {MAX_JOBS}")),
    }
}

/// A number of bytes, with `kB`, `MB`, `GB`, `TB` (powers of 1000) or `KiB`, `MiB`, `GiB`, `TiB`
/// (powers of 1024).
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "mb" => 1000_u64.pow(2),
        "gb" => 1000_u64.pow(3),
        "tb" => 1000_u64.pow(4),
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        _ => 0,
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(factor))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| "expected a size above 0, for example `500MiB` or `20GiB`".to_owned())
}

/// A time: seconds, or a number with `s`, `m` or `h`.
pub fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 0,
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(factor))
        .filter(|&seconds| seconds > 0)
        .map(Duration::from_secs)
        .ok_or_else(|| "expected a time above 0, for example `90s`, `2m` or `1h`".to_owned())
}

/// Number and unit.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs() {
        let parse = |text: &str| text.parse::<Output>();
        assert_eq!(parse("json").unwrap().to, Destination::Stdout);
        assert_eq!(parse("json=-").unwrap().to, Destination::Stdout);
        let named = parse("sarif=a=b.sarif").unwrap();
        assert_eq!(named.format, Format::Sarif);
        assert_eq!(named.to, Destination::File("a=b.sarif".into()));
        assert!(parse("xml").unwrap_err().contains("text, json, sarif"));
        assert!(parse("json=").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn sizes_and_times() {
        assert_eq!(size("1024"), Ok(1024));
        assert_eq!(size("20GiB"), Ok(20 << 30));
        assert_eq!(size("5 MB"), Ok(5_000_000));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(time("30"), Ok(Duration::from_secs(30)));
        for bad in [
            "",
            "0",
            "-1",
            "1x",
            "99999999999999999999",
            "18446744073709551615T",
        ] {
            assert!(size(bad).is_err(), "{bad}");
            assert!(time(bad).is_err(), "{bad}");
        }
        assert!(jobs("0").is_err());
        assert_eq!(jobs("8"), Ok(8));
    }

    #[test]
    fn mirrors_need_a_url() {
        assert!("docker.io=https://m.example.com".parse::<Mirror>().is_ok());
        assert!("docker.io=m.example.com".parse::<Mirror>().is_err());
        assert!("https://m.example.com".parse::<Mirror>().is_err());
    }
}
