//! The README of the example: what is in it, where it comes from, and what ties the images.

use super::actor::Actor;

/// The whole text.
pub fn text(actor: &Actor) -> String {
    let mut rows = String::new();
    for tie in actor.ties() {
        let value = match tie.value.lines().count() {
            1 => format!("`{}`", short(&tie.value)),
            _ => format!("a script of {} lines", tie.value.lines().count()),
        };
        let images: Vec<_> = tie.images.iter().map(|name| format!("`{name}`")).collect();
        rows.push_str(&format!(
            "| {value} | {} | {} |\n",
            tie.kind,
            images.join(", ")
        ));
    }
    format!("{HEAD}{rows}{TAIL}")
}

/// Long values by their ends, as people compare wallets.
fn short(value: &str) -> String {
    if value.len() < 60 {
        return value.to_owned();
    }
    let start: String = value.chars().take(8).collect();
    let end: String = value.chars().skip(value.chars().count() - 8).collect();
    format!("{start}…{end}")
}

const HEAD: &str = "# docker123321: 17 malicious images and 17 honest twins

An OCI image layout with 34 images, to try Bilgewatch on and to test it with:

```console
$ bilgewatch scan oci-dir:examples/docker123321
```

`docker123321/*` is modelled on the campaign that Docker Hub carried under that account from 2017
to May 2018: 17 images with more than five million pulls that, started on an open Docker or
Kubernetes, opened the host to their maker (seven reverse shells, one planted SSH key) or fetched
a Monero miner under the name of a picture (nine). `twins/*` has for each of them the nearest
honest image: the same words, put to honest use. A scanner that knows the words finds both; one
that knows what they do finds the first 17.

**Everything here is inert.** Nothing was taken from the real images, which are gone. Addresses
are those for documentation (RFC 5737), names end in `.invalid` or are under `example.com`
(RFC 2606, RFC 6761), the wallets and the SSH key are hashes of a phrase in the place of a public
key, so nobody holds them, and no image has an interpreter or a program in it: they hold texts
only and cannot be started. That they are examples stands here and nowhere in the images, so that
no scanner can read it there.

Only 8 of the 17 names could be found in public sources (`tomcat`, `tomcat11`, `tomcat22`, `kk`,
`mysql`, `data`, `mysql0`, `cron`); the other nine are plausible inventions in their style. Which
image did what is known for few of them (`tomcat11` opened a Bash shell, `tomcat22` planted the
key, `mysql` wrote the line that fetched `logo3.jpg` to the host's crontab); the counts of the
three classes are the published ones.

## What each does

| image | what it does | its twin |
|---|---|---|
| `tomcat` | writes a Python reverse shell to the host's crontab, without the user column as in 2017 | writes its own crontab; Python asks whether a port is open |
| `tomcat11` | writes a Bash reverse shell to the host's `cron.d` | waits for its database over `/dev/tcp`; its own `cron.d` |
| `t1` | Bash reverse shell right in the entrypoint | one health request over `/dev/tcp` |
| `t2` | a Python reverse shell as “metrics agent” | a metrics agent |
| `cronm` | Bash reverse shell in base64, decoded and piped to Bash | base64 decoded to a configuration file |
| `mysql2` | Python inflates and executes a reverse shell | Python inflates and writes defaults |
| `cronnn` | the entrypoint evaluates a reverse shell from the environment | the entrypoint evaluates a hook from the environment |
| `tomcat22` | plants an SSH key with the host's root | takes the user's key for its own user `git` |
| `kk` | `curl … logo3.jpg \\| bash` in the host's crontab | `curl -o … logo3.jpg` in its own |
| `mysql` | the same with wget, through `tee`, for two kinds of cron | a backup to a mounted folder |
| `data` | fetches `/tmp/x.jpg`, runs it with `sh` | fetches `/tmp/x.jpg`, makes a thumbnail of it |
| `mysql0` | runs a script called `logo3.jpg`, which fetches the miner | carries a picture called `logo3.jpg` |
| `cron` | runs what stands behind the end of a real JPEG | takes the preview from behind the end of a real JPEG |
| `mysql3` | Python executes what it fetches | Python parses what it fetches |
| `mysql4` | fetches a miner and runs it with pool and wallet; the build's traces are removed in a later layer | fetches a tool, compares its checksum, installs it |
| `mysql5` | kills rivals, takes huge pages, fetches a miner for its `config.json`; the health check starts it over | ends its own processes, takes huge pages for a database, has a pool of connections |
| `mysql6` | fetches a script every five minutes, and in every build upon it | health check and build instructions for a Node.js application |

## What ties them

As in real campaigns no single thing ties all images; together they do.

| value | kind | images |
|---|---|---|
";

const TAIL: &str = "
## How it is made

`cargo xtask example` writes every file here, the same bytes each time; a test compares them with
what is committed. The images are described in `xtask/src/example/`.
";
