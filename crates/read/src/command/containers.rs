//! Clients of container runtimes and clusters: what they run in another container, they run on
//! somebody's behalf, and it is followed like a command of the program's own.

use model::{Step, Stream, Value};

use super::{Arguments, Call, Grammar, Ran, execute, run as run_call};
use crate::world::World;

/// Options of `docker run` and `docker exec` that take a value (docker(1)), and of their likes.
const DOCKER: Grammar = Grammar {
    short: "aceHhlmpuvw",
    long: &[
        "add-host",
        "annotation",
        "attach",
        "blkio-weight",
        "cap-add",
        "cap-drop",
        "cgroup-parent",
        "cgroupns",
        "cidfile",
        "config",
        "context",
        "cpu-period",
        "cpu-quota",
        "cpu-shares",
        "cpus",
        "cpuset-cpus",
        "cpuset-mems",
        "detach-keys",
        "device",
        "device-cgroup-rule",
        "dns",
        "dns-option",
        "dns-search",
        "domainname",
        "entrypoint",
        "env",
        "env-file",
        "expose",
        "gpus",
        "group-add",
        "health-cmd",
        "health-interval",
        "health-retries",
        "health-timeout",
        "host",
        "hostname",
        "ip",
        "ipc",
        "isolation",
        "label",
        "label-file",
        "link",
        "log-driver",
        "log-level",
        "log-opt",
        "mac-address",
        "memory",
        "memory-swap",
        "mount",
        "name",
        "namespace",
        "network",
        "net",
        "network-alias",
        "oom-score-adj",
        "pid",
        "pids-limit",
        "platform",
        "publish",
        "pull",
        "restart",
        "runtime",
        "security-opt",
        "shm-size",
        "stop-signal",
        "stop-timeout",
        "storage-opt",
        "sysctl",
        "tlscacert",
        "tlscert",
        "tlskey",
        "tmpfs",
        "ulimit",
        "user",
        "userns",
        "uts",
        "volume",
        "volume-driver",
        "volumes-from",
        "workdir",
    ],
    stops: true,
    single_dash: false,
};

/// Options of kubectl that take a value.
const KUBECTL: Grammar = Grammar {
    short: "cfnsl",
    long: &[
        "as",
        "as-group",
        "cluster",
        "container",
        "context",
        "env",
        "filename",
        "image",
        "image-pull-policy",
        "kubeconfig",
        "labels",
        "namespace",
        "output",
        "overrides",
        "pod-running-timeout",
        "port",
        "restart",
        "selector",
        "server",
        "token",
        "user",
    ],
    stops: false,
    single_dash: false,
};

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    let words = match name {
        "docker" | "podman" | "nerdctl" | "docker.io" => of_docker(call)?,
        "kubectl" | "oc" | "k3s" => of_kubectl(call)?,
        "crictl" | "lxc" => of_runtime(call)?,
        _ => return None,
    };
    let printed = execute(world, call);
    let (program, arguments) = words.split_first()?;
    let mut inner = Call::new(program.clone(), arguments.to_vec());
    inner.input = call.input.clone();
    // Its output is the client's, which was told.
    inner.output = Stream::Text(Value::default());
    let known = world.inside(Step::new(name), |world| run_call(world, inner));
    Some(Ran::Delivered(
        known.filter(|known| known.known).unwrap_or(printed),
    ))
}

/// The command behind `docker [options] run|exec [options] image|container`.
fn of_docker(call: &Call) -> Option<Vec<Value>> {
    let outer = Arguments::parse(&DOCKER, &call.arguments);
    let (mut verb, mut rest) = outer.operands.split_first()?;
    if verb.text == "container" {
        (verb, rest) = rest.split_first()?;
    }
    if !matches!(verb.text.as_str(), "run" | "exec" | "create") {
        return None;
    }
    let inner = Arguments::parse(&DOCKER, rest);
    let command = inner.operands_from(1).to_vec();
    let entrypoint = inner.value(&["entrypoint"]).cloned();
    let words: Vec<Value> = entrypoint.into_iter().chain(command).collect();
    (!words.is_empty()).then_some(words)
}

/// The command behind `kubectl exec|run|debug … --`.
fn of_kubectl(call: &Call) -> Option<Vec<Value>> {
    let outer = Arguments::parse(&KUBECTL, &call.arguments);
    let runs = outer
        .operands
        .iter()
        .any(|word| matches!(word.text.as_str(), "exec" | "run" | "debug"));
    let behind = call
        .arguments
        .iter()
        .skip_while(|word| word.text != "--")
        .skip(1);
    let words: Vec<Value> = behind.cloned().collect();
    (runs && !words.is_empty()).then_some(words)
}

/// The command behind `exec [options] container`.
fn of_runtime(call: &Call) -> Option<Vec<Value>> {
    let grammar = Grammar {
        short: "rn",
        long: &["runtime-endpoint", "timeout", "name", "env", "user"],
        stops: true,
        single_dash: false,
    };
    let outer = Arguments::parse(&grammar, &call.arguments);
    let (verb, rest) = outer.operands.split_first()?;
    if verb.text != "exec" {
        return None;
    }
    let inner = Arguments::parse(&grammar, rest);
    let words = inner.operands_from(1).iter();
    let words: Vec<Value> = words.filter(|word| word.text != "--").cloned().collect();
    (!words.is_empty()).then_some(words)
}
