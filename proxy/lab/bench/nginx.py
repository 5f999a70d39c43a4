"""nginx as a peer: one worker, plain, or with ``mirror`` to a second server.

``mirror`` repeats requests to another server and throws the answers away. It knows no ids, keeps no journal and never
tries again, so it is what "mirroring" costs at the very least.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin")  # often not on the PATH of a user

_CONFIG = """\
daemon off;
worker_processes 1;
{user}pid {directory}/nginx.pid;
error_log stderr error;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  default_type application/octet-stream;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  client_max_body_size 0;
  client_body_buffer_size 1m;
  keepalive_timeout 75s;
  keepalive_requests 100000000;
  upstream blue {{ server 127.0.0.1:{blue}; keepalive 64; keepalive_requests 100000000; }}
{green_upstream}  server {{
    listen 127.0.0.1:{port} backlog=1024;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    location / {{
{mirror}      proxy_pass http://blue;
    }}
{green_location}  }}
}}
"""
_GREEN_UPSTREAM = "  upstream green {{ server 127.0.0.1:{green}; keepalive 64; keepalive_requests 100000000; }}\n"
_MIRROR = "      mirror /_green;\n      mirror_request_body on;\n"
# Reads are not mirrored, as they are not by anyone who mirrors in order to keep a second server alike.
_GREEN_LOCATION = """\
    location = /_green {
      internal;
      if ($request_method ~ "^(GET|HEAD|OPTIONS)$") { return 204; }
      proxy_pass http://green$request_uri;
    }
"""


def find_nginx() -> str | None:
    """The program, or None where it is not installed."""
    return shutil.which("nginx") or shutil.which("nginx", path=os.pathsep.join(_FOLDERS))


def nginx_version(program: str) -> str:
    """Such as ``1.22.1``."""
    told = subprocess.run([program, "-v"], check=False, capture_output=True, text=True)
    return told.stderr.strip().rpartition("/")[2] or "unknown"


def nginx_config(directory: Path, port: int, blue: int, green: int | None = None) -> str:
    """A configuration for one worker.

    Args:
        directory: for its temporary files.
        port: where it listens, on 127.0.0.1.
        blue: port of the server that answers.
        green: port of the server that gets a copy of every write; None for a plain proxy.
    """
    # As root, nginx would change to a user that cannot write into our folder.
    user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
    return _CONFIG.format(
        user=user,
        directory=directory,
        port=port,
        blue=blue,
        green_upstream=_GREEN_UPSTREAM.format(green=green) if green is not None else "",
        mirror=_MIRROR if green is not None else "",
        green_location=_GREEN_LOCATION if green is not None else "",
    )
