//! Honest images that look like those of `miners.rs`: pictures that are pictures, schedules,
//! downloads, pools of connections.

use super::base;
use super::image::{Codec, Image, Node, file, folder, program};
use super::picture;

/// All nine.
pub fn all() -> Vec<Image> {
    vec![
        kk(),
        mysql(),
        data(),
        mysql0(),
        cron(),
        mysql3(),
        mysql4(),
        mysql5(),
        mysql6(),
    ]
}

/// A picture fetched every five minutes by the image's own cron: a web camera's page.
fn kk() -> Image {
    let line = "echo '*/5 * * * * curl -s -o /usr/share/nginx/html/logo3.jpg http://camera.example.com/logo3.jpg' \
                >> /etc/crontabs/root; crond; while true; do sleep 300; done";
    Image::on("twins/kk", base::alpine())
        .env("POOL=www")
        .entrypoint(&["sh", "-c"])
        .cmd(&[line])
}

/// A database that backs itself up to a folder that is mounted for it.
fn mysql() -> Image {
    let start = r#"#!/bin/bash
JOB='10 3 * * * root mysqldump --all-databases | gzip > /mnt/backup/all-$(date +\%u).sql.gz'
echo "$JOB" | tee -a /etc/crontab >/dev/null
if [ -d /mnt/backup ]; then
    touch /mnt/backup/.mounted
fi
cron
exec docker-entrypoint.sh mysqld
"#;
    Image::on("twins/mysql", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer("/bin/sh -c apt-get install -y cron", base::cron())
        .layer(
            "COPY file:ab0a in /init.sh",
            vec![program("/init.sh", start)],
        )
        .expose("3306/tcp")
        .shell_cmd("/init.sh")
}

/// A picture fetched to /tmp, then looked at by programs for pictures.
fn data() -> Image {
    let start = r#"#!/bin/sh
wget -q -O /tmp/x.jpg http://images.example.com/pic/x.jpg && identify /tmp/x.jpg
convert /tmp/x.jpg -resize 128x128 /srv/thumbnails/x.jpg
wget -q -O /dev/null "http://status.example.com/up?h=$(hostname)"
exec "$@"
"#;
    Image::on("twins/data", base::alpine())
        .packed_layer(
            "COPY file:0d3b in /start.sh",
            Codec::Zstd,
            vec![folder("/srv/thumbnails"), program("/start.sh", start)],
        )
        .entrypoint(&["/start.sh"])
        .cmd(&["tail", "-f", "/dev/null"])
}

/// A picture that is one, in the place where the other image has a script.
fn mysql0() -> Image {
    let start = "#!/bin/bash\ncp /usr/share/pixmaps/logo3.jpg /var/www/html/logo.jpg\n\
                 exec mysqld --user=mysql\n";
    Image::on("twins/mysql0", base::debian())
        .layer(
            "COPY file:77e2 in /usr/share/pixmaps/logo3.jpg",
            vec![file("/usr/share/pixmaps/logo3.jpg", picture::jpeg(8))],
        )
        .layer(
            "COPY file:90a1 in /start.sh",
            vec![program("/start.sh", start)],
        )
        .entrypoint(&["/bin/bash", "/start.sh"])
}

/// A picture with another behind its end, as cameras append a preview, and a script that takes it
/// out again.
fn cron() -> Image {
    let mut photo = picture::jpeg(8);
    let preview_start = photo.len() + 1;
    photo.extend(picture::jpeg(2));
    let start = format!(
        "#!/bin/sh\ntail -c +{preview_start} /usr/share/cron/photo.jpg > /var/www/preview.jpg\nexec cron -f\n"
    );
    let mut cron = base::cron();
    cron.push(folder("/usr/share/cron"));
    cron.push(file("/usr/share/cron/photo.jpg", photo));
    Image::on("twins/cron", base::debian())
        .layer("/bin/sh -c apt-get update && apt-get install -y cron", cron)
        .layer("COPY file:5d5e in /run.sh", vec![program("/run.sh", start)])
        .shell_entrypoint("/run.sh")
}

/// Python that fetches settings and a picture, and starts the server.
fn mysql3() -> Image {
    let init = r#"#!/usr/bin/env python3
import json
import subprocess
from urllib.request import urlopen

try:
    settings = json.loads(urlopen("https://config.example.com/mysql.json", timeout=20).read())
    with open("/var/www/banner.jpg", "wb") as banner:
        banner.write(urlopen("https://config.example.com/banner.jpg", timeout=20).read())
except Exception:
    settings = {}
subprocess.call(["mysqld"] + ["--%s=%s" % item for item in settings.items()])
"#;
    Image::on("twins/mysql3", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY dir:a9e5 in /opt/mysql",
            vec![
                file("/opt/mysql/init.py", init),
                file("/opt/mysql/banner.jpg", picture::jpeg(16)),
            ],
        )
        .entrypoint(&["python3", "/opt/mysql/init.py"])
}

/// A helper that is fetched over HTTPS, compared with its checksum, then installed and run; the
/// build's own script is removed by a later layer.
fn mysql4() -> Image {
    let install = r#"#!/bin/sh
set -e
URL=https://downloads.example.com/mysqld_exporter/0.10.0/mysqld_exporter-0.10.0.linux-amd64
SUM=32797bc96aa00bb20e0b9165f6d3887fe9612b474061ee7de0189f6377b61859
curl -fsSL "$URL" -o /tmp/mysqld_exporter
echo "$SUM  /tmp/mysqld_exporter" | sha256sum -c -
install -m 755 /tmp/mysqld_exporter /usr/sbin/mysqld_exporter
rm -f /tmp/mysqld_exporter
/usr/sbin/mysqld_exporter --version
"#;
    let start = "#!/bin/sh\n/usr/sbin/mysqld_exporter --web.listen-address=:9104 &\n\
                 exec docker-entrypoint.sh mysqld\n";
    Image::on("twins/mysql4", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY file:c0c1 in /tmp/install.sh",
            vec![program("/tmp/install.sh", install)],
        )
        .layer(
            "/bin/sh -c sh /tmp/install.sh; rm -f /tmp/install.sh",
            vec![Node::Gone("/tmp/install.sh")],
        )
        .layer(
            "COPY file:ee32 in /start.sh",
            vec![program("/start.sh", start)],
        )
        .entrypoint(&["/start.sh"])
}

/// Pools of database connections, huge pages for a database, and an orderly end of its own
/// processes.
fn mysql5() -> Image {
    let config = r#"{
    "background": true,
    "log-level": 1,
    "pools": [
        {
            "url": "mysql://db.example.com:3306/shop",
            "user": "shop",
            "pass": "",
            "min": 2,
            "max": 20,
            "keepalive": true
        }
    ]
}
"#;
    let run = r#"#!/bin/bash
. /opt/proxy/clean.sh
sysctl -w vm.nr_hugepages=$((${INNODB_BUFFER_MB:-512} / 2))
sysctl -w vm.overcommit_memory=1
cd /var/lib/mysql
nohup /usr/sbin/mysql-proxy -c /opt/proxy/config.json >/var/log/proxy.log 2>&1 &
"#;
    let clean = r"#!/bin/bash
# a proxy that an unclean end left behind
ps ax | grep -v grep | grep -E 'mysql-proxy' | awk '{print $1}' | xargs -r kill
pkill -u mysql mysqld_safe
rm -f /var/run/mysqld/mysqld.pid
";
    Image::on("twins/mysql5", base::debian())
        .layer("COPY dir:51cc in /", base::mysql())
        .layer(
            "COPY dir:f00e in /opt/proxy",
            vec![
                folder("/opt/proxy"),
                file("/opt/proxy/config.json", config),
                program("/opt/proxy/clean.sh", clean),
                program("/opt/proxy/run.sh", run),
            ],
        )
        .healthcheck("pgrep -x mysql-proxy >/dev/null || /opt/proxy/run.sh")
        .shell_entrypoint("/opt/proxy/run.sh; exec docker-entrypoint.sh mysqld")
}

/// Instructions for whoever builds upon it, as images of languages have them, and a supervisor.
fn mysql6() -> Image {
    let supervisor = "[supervisord]
nodaemon=true

[program:app]
command=node /usr/src/app/server.js
autorestart=true
";
    let job = "#!/bin/bash\nwget -q -O - http://127.0.0.1:3000/health | grep -q ok\n";
    Image::on("twins/mysql6", base::debian())
        .layer(
            "COPY dir:4a4b in /",
            vec![
                file("/etc/supervisor/conf.d/app.conf", supervisor),
                program("/opt/job.sh", job),
            ],
        )
        .on_build(&[
            "COPY package.json /usr/src/app/",
            "RUN npm install && npm cache clean --force",
            "COPY . /usr/src/app",
        ])
        .healthcheck("curl -fs http://127.0.0.1:3000/health || exit 1")
        .label(
            "org.example.run",
            "docker run -v /srv/app:/mnt/app --mount type=volume,dst=/data",
        )
        .entrypoint(&[
            "/usr/bin/supervisord",
            "-c",
            "/etc/supervisor/conf.d/app.conf",
        ])
}
