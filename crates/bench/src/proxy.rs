//! nginx as a plain proxy, where it is installed: the floor of what any gateway can do.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::admin_api::answers;
use crate::error::Error;
use crate::pin::{self, Cores};
use crate::weir::free_address;

const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// A running nginx; stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// Where nginx is: in the search path, or where Debian has it, which is not in everybody's.
const PROGRAMS: [&str; 2] = ["nginx", "/usr/sbin/nginx"];

impl Proxy {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts nginx before the stand-in, on Weir's core. `None`: it is not there or does not work; the
    /// measuring goes on without it.
    pub(crate) async fn start(
        folder: &Path,
        upstream: SocketAddr,
        cores: Option<Cores>,
    ) -> Option<Self> {
        let proxy = Self::launch(folder, upstream, cores).ok()?;
        let looks = PATIENCE.as_millis() / BETWEEN_LOOKS.as_millis();
        for _ in 0..looks {
            if answers(proxy.address, "/alive").await {
                return Some(proxy);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        None
    }

    fn launch(folder: &Path, upstream: SocketAddr, cores: Option<Cores>) -> Result<Self, Error> {
        let address = free_address().map_err(Error::io("find a free port"))?;
        let home = folder.join("nginx");
        fs::create_dir_all(&home).map_err(Error::io("make a folder for nginx"))?;
        let file = home.join("nginx.conf");
        fs::write(&file, configuration(&home, address, upstream))
            .map_err(Error::io("write the configuration of nginx"))?;
        let start = |program: &str| {
            let mut command = Command::new(program);
            command
                .arg("-p")
                .arg(&home)
                .arg("-c")
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            pin::spawn(&mut command, cores)
        };
        let [first, second] = PROGRAMS;
        let child = start(first)
            .or_else(|_| start(second))
            .map_err(Error::io("start nginx"))?;
        Ok(Self { child, address })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended already; both are fine then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One process, connections kept alive on both sides, streams passed on at once, no log.
fn configuration(home: &Path, address: SocketAddr, upstream: SocketAddr) -> String {
    let home = home.display();
    format!(
        "daemon off; master_process off; pid {home}/pid; error_log /dev/null;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 100000000; client_max_body_size 64m;
  client_body_buffer_size 256k;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi; uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  upstream standin {{ server {upstream}; keepalive 8192; keepalive_requests 100000000; }}
  server {{
    listen {address} backlog=4096; tcp_nodelay on;
    location = /alive {{ return 200; }}
    location / {{
      proxy_pass http://standin; proxy_http_version 1.1; proxy_set_header Connection \"\";
      proxy_buffering off; proxy_request_buffering off;
    }}
  }}
}}
"
    )
}
