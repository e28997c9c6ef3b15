# What the scripts share: finding what the system lacks, and installing it where that is possible.
# Sourced by the scripts beside this folder. Says clearly what to do where it can't install something.

# The release of npm's package `node` that need_node takes.
NODE_RELEASE=22

say() { printf '%s\n' "$*" >&2; }

die() { say "$@"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else return 1
  fi
}

# Prints the comment at the top of the script where --help or -h is among its arguments.
help_if_asked() {
  local word
  for word in "$@"; do
    case $word in --help | -h) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "scripts/${0##*/}"; exit 0 ;; esac
  done
}

# An estimate: about 1 minute that more cores don't shorten, 6 that they share. docs/extend/building.md has what was measured.
announce_first_build() {
  local cores
  cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
  say "A first build takes about $(((2 * cores + 5) / cores)) minutes on this machine."
}

# install WHAT DEBIAN FEDORA ALPINE BREW: installs a package by the system's own manager.
install() {
  local what=$1 debian=$2 fedora=$3 alpine=$4 brew=$5
  local command=()
  if command -v apt-get >/dev/null 2>&1; then
    command=(apt-get install -y --no-install-recommends)
    # shellcheck disable=SC2206 # a list of packages
    command+=($debian)
    as_root apt-get update -qq >/dev/null || true
  elif command -v dnf >/dev/null 2>&1; then
    # shellcheck disable=SC2206
    command=(dnf install -y $fedora)
  elif command -v apk >/dev/null 2>&1; then
    # shellcheck disable=SC2206
    command=(apk add $alpine)
  elif command -v brew >/dev/null 2>&1; then
    say "Installing $what: brew install $brew"
    # shellcheck disable=SC2086
    brew install $brew >&2 && return 0
    die "Vestibule needs $what. Install it: brew install $brew"
  else
    die "Vestibule needs $what, and this system has no package manager that this script knows. Install it by hand."
  fi
  say "Installing $what: ${command[*]}"
  # Debian starts a cluster of its own with the package; we only want the programs.
  as_root env DEBIAN_FRONTEND=noninteractive PG_CREATE_MAIN_CLUSTER=false "${command[@]}" >&2 ||
    die "Vestibule needs $what, and it could not be installed. As root: ${command[*]}"
}

# The directory of PostgreSQL's server programs, 15 or newer.
postgres_bin() {
  local dir version
  for dir in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin 2>/dev/null | sort -Vr) \
    "$(pg_config --bindir 2>/dev/null || true)" "$(dirname "$(command -v postgres 2>/dev/null || echo /none/postgres)")"; do
    [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] || continue
    version=$("$dir/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
    if [ "$version" -ge 15 ]; then printf '%s\n' "$dir"; return 0; fi
  done
  return 1
}

need_postgres() {
  [ -n "${DATABASE_URL:-}" ] && return 0
  postgres_bin >/dev/null && return 0
  if command -v apt-get >/dev/null 2>&1; then
    # postgresql-common first, with its switch off: no system cluster is created or started.
    as_root mkdir -p /etc/postgresql-common || true
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      printf 'create_main_cluster = false\n' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null || true
  fi
  install "PostgreSQL 15 or newer" postgresql postgresql-server postgresql postgresql@17
  postgres_bin >/dev/null ||
    die "The PostgreSQL of this system is older than 15. Install a newer one, or set DATABASE_URL to one that runs elsewhere."
}

# The allocator, jemalloc, is built by its own `configure` and `make`.
need_compiler() {
  command -v cc >/dev/null 2>&1 && command -v make >/dev/null 2>&1 && return 0
  install "a C toolchain" build-essential "gcc make" build-base "gcc make"
}

need_wrk() {
  command -v wrk >/dev/null 2>&1 || install wrk wrk wrk wrk wrk
}

need_rust() {
  local wanted have
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
  command -v cargo >/dev/null 2>&1 ||
    die "Vestibule is built with Rust $wanted or newer. Install it as https://rustup.rs says, then run this again."
  have=$(rustc --version | sed -E 's/rustc ([0-9]+\.[0-9]+).*/\1/')
  if [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" != "$wanted" ]; then
    die "Vestibule is built with Rust $wanted or newer; this is $have. Run: rustup update stable"
  fi
}

node_is_new() {
  command -v node >/dev/null 2>&1 && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] 2>/dev/null
}

# Where the system's Node.js is too old (Debian 12 has 18), npm's package `node` brings one for the tests alone.
need_node() {
  if node_is_new && command -v npm >/dev/null 2>&1; then return 0; fi
  command -v npm >/dev/null 2>&1 || install "Node.js 20 or newer" "nodejs npm" nodejs "nodejs npm" node
  node_is_new && return 0
  local own=${CARGO_TARGET_DIR:-target}/node
  PATH="$(mkdir -p "$own" && cd "$own" && pwd)/node_modules/node/bin:$PATH"
  export PATH
  node_is_new && return 0
  say "Installing Node.js $NODE_RELEASE for the tests into $own: this system's is $(node --version 2>/dev/null || echo missing)."
  npm install --prefix "$own" --no-audit --no-fund --silent "node@$NODE_RELEASE" >&2 || true
  hash -r
  node_is_new ||
    die "The tests need Node.js 20 or newer; this system's is $(node --version 2>/dev/null || echo missing), and npm's package \`node\` could not be installed. Install a newer one and run this again."
}

chromium_path() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" 2>/dev/null && return 0
  done
  return 1
}

need_chromium() {
  chromium_path >/dev/null || install Chromium chromium chromium chromium chromium
  CHROMIUM=$(chromium_path) || die "The browser tests need Chromium. Install it, or name it in CHROMIUM."
  export CHROMIUM
}

# On Debian it is in a folder of root's programs.
dnsmasq_is_there() { PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin" command -v dnsmasq >/dev/null 2>&1; }

need_dnsmasq() {
  dnsmasq_is_there || install "dnsmasq, the DNS server of a test" dnsmasq-base dnsmasq dnsmasq dnsmasq
  dnsmasq_is_there || die "The scenario of sending domains needs dnsmasq, and it was not found after its installation."
}

nats_is_there() { PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin" command -v nats-server >/dev/null 2>&1; }

# The tests start servers of their own. Debian's package starts one as a service.
need_nats() {
  nats_is_there && return 0
  install "nats-server, the NATS of the tests" nats-server nats-server nats-server nats-server
  if [ -d /run/systemd/system ]; then as_root systemctl disable --now nats-server >/dev/null 2>&1 || true; fi
  nats_is_there || die "The tests of several instances need nats-server, and it was not found after its installation."
}

need_python() {
  if command -v python3 >/dev/null 2>&1 && python3 -c 'import ensurepip, venv' 2>/dev/null; then return 0; fi
  install "Python 3 with venv" "python3 python3-venv" python3 "python3 py3-pip" python3
}

# Debian starts services with their packages: these run only where the scripts start them.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ] || ! command -v apt-get >/dev/null 2>&1; then "$@"; return; fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"
  (trap 'as_root rm -f "$policy"' EXIT && "$@")
}

cluster_is_there() {
  local program
  for program in etcd patroni haproxy nats-server; do
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$program" >/dev/null 2>&1 || return 1
  done
}

need_cluster() {
  cluster_is_there && return 0
  without_services install "etcd, Patroni, HAProxy and NATS" "etcd-server patroni haproxy nats-server" \
    "etcd patroni haproxy nats-server" "etcd patroni haproxy nats-server" "etcd haproxy nats-server"
  cluster_is_there || die "A cluster needs the programs etcd, patroni, haproxy and nats-server in PATH."
}
