//! What leaves a program: data with its sources, and where it is sent.

use model::{Act, Behavior, Confidence, Program, Protocol, Provenance, Value};

use super::vocabulary::{End, connection, host_of, is_loopback};

/// Something that is sent away.
#[derive(Debug, Clone, Copy)]
pub struct Leak<'a> {
    /// The act that sends it.
    pub act: &'a Act,
    /// The data.
    pub data: &'a Value,
    /// The host it goes to.
    host: &'a str,
    /// What is known of the destination.
    destination: &'a Value,
    port: &'a str,
}

/// Everything a program sends to another machine: over a connection, or in a URL.
pub fn leaks(program: &Program) -> impl Iterator<Item = Leak<'_>> {
    program.acts.iter().filter_map(|act| match &act.behavior {
        Behavior::Send {
            connection: number,
            data,
        } => match connection(program, *number)? {
            End::Outgoing(protocol, host, port)
                if protocol != Protocol::Unix && !is_loopback(host) =>
            {
                Some(Leak {
                    act,
                    data,
                    host: &host.text,
                    destination: host,
                    port: &port.text,
                })
            }
            _ => None,
        },
        Behavior::Fetch { url, .. } if !url.known => {
            let host = host_of(&url.text);
            (!is_loopback(&Value::literal(host))).then_some(Leak {
                act,
                data: url,
                host,
                destination: url,
                port: "",
            })
        }
        _ => None,
    })
}

impl Leak<'_> {
    /// Whether any source of the data is one that `is_such` accepts.
    pub fn comes_from(&self, is_such: impl Fn(&Provenance) -> bool) -> bool {
        self.data.from.iter().any(is_such)
    }

    /// Where it goes, in words.
    pub fn destination(&self) -> &str {
        if self.host.is_empty() || self.host.starts_with('{') {
            "an address that cannot be told"
        } else {
            self.host
        }
    }

    /// Whether it stays where such data belongs: in the cluster, or with the machine's own services.
    pub fn stays_inside(&self) -> bool {
        const ENDS: &[&str] = &[".svc", ".local", ".internal", ".cluster"];
        let host = self.host;
        let is_service = !host.is_empty() && !host.contains(['.', ':', '{']);
        is_service
            || host.contains(".svc.")
            || host.contains("KUBERNETES_")
            || host.starts_with("169.254.")
            || ENDS.iter().any(|end| host.ends_with(end))
    }

    /// Whether it goes to a host of a cloud provider.
    pub fn goes_to_a_cloud(&self) -> bool {
        const ENDS: &[&str] = &[
            ".amazonaws.com",
            ".amazonaws.com.cn",
            ".googleapis.com",
            ".google.com",
            ".gcr.io",
            ".pkg.dev",
            ".azure.com",
            ".azure.net",
            ".azure.cn",
            ".azurecr.io",
            ".windows.net",
            ".microsoftonline.com",
            ".microsoft.com",
            ".aliyuncs.com",
            ".oraclecloud.com",
            ".digitalocean.com",
        ];
        let dotted = format!(".{}", self.host);
        ENDS.iter().any(|end| dotted.ends_with(end))
    }

    /// How sure it is that the one who gets it is not the one whose it is: an address that the
    /// program names was chosen by its author, one that the user supplies by the user.
    pub fn confidence(&self) -> Confidence {
        let is_named = !self.host.is_empty() && !self.host.contains('{');
        match () {
            // A login of the user's own.
            () if self.port == "22" => Confidence::Low,
            () if is_named => Confidence::High,
            () if self.destination.fetched_from().is_some() => Confidence::Medium,
            () => Confidence::Low,
        }
    }
}

/// The path of a file, if that is the source.
pub fn file_of(from: &Provenance) -> Option<&str> {
    match from {
        Provenance::File(path) => Some(path),
        _ => None,
    }
}
