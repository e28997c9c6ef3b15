"""Measures the builds of a copy of this checkout; the checkout itself and its target folder stay as they are."""

import argparse
import contextlib
import datetime
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute() / "build-times"
TREE = PLACE / "tree"
TARGET = PLACE / "target"

# Row, what it measures, its goal. The order is the order of measuring: each row builds on the one before.
ROWS = {
    "cold": ("`scripts/run` with nothing built, until it is ready", "≤ 8 min"),
    "again": ("`scripts/run` again, nothing changed", "≤ 3 s"),
    "resolver": ("one resolver changed, `cargo build`", "≤ 12 s"),
    "model": ("one model changed, `cargo build`", "≤ 20 s"),
    "shared": ("`cargo build` after `cargo test` and back", "no dependency is compiled twice"),
    "test": ("`scripts/test` with nothing built", "≤ 20 min"),
}
DEFAULT = [row for row in ROWS if row != "test"]
EDITS = 3
JSON = ("--message-format", "json-render-diagnostics")

HELP = f"""\
rows:
{chr(10).join(f"  {row:<9} {what}" for row, (what, _) in ROWS.items())}

Everything happens in {PLACE.relative_to(ROOT) if PLACE.is_relative_to(ROOT) else PLACE}: a copy of the files that git
knows, changed where a row needs a change, and a target folder. The folder stays, so that `--rows resolver` is quick
the next time; `cold` and `test` begin by emptying the target folder. Keep the machine quiet meanwhile. What is
downloaded (crates, packages) and installed (PostgreSQL) is not part of a figure where it is there already.

A changed resolver or model is a changed error text, {EDITS} times; the median is printed. `features` needs no build: it
lists the dependencies that `cargo test` builds with other features than `cargo build`, and fails if there is one.
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def environment(**more):
    return {**os.environ, "CARGO_TARGET_DIR": str(TARGET), **more}


def cargo(*words):
    """Runs cargo in the copy; its messages go on to stderr. Returns the seconds it took and its JSON lines."""
    begin = time.monotonic()
    done = subprocess.run(["cargo", *words, "--locked"], cwd=TREE, env=environment(), stdout=subprocess.PIPE, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")]
    return time.monotonic() - begin, lines


def copy_tree():
    """Writes only what differs: cargo goes by the times of files."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    wanted = {name for name in names if name and (ROOT / name).is_file()}
    for name in wanted:
        source, copy = ROOT / name, TREE / name
        if not (copy.is_file() and copy.read_bytes() == source.read_bytes()):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            copy.chmod(source.stat().st_mode)
    for path in [path for path in TREE.rglob("*") if path.is_file() and "node_modules" not in path.parts]:
        if path.relative_to(TREE).as_posix() not in wanted:
            path.unlink()


def empty_target():
    shutil.rmtree(TARGET, ignore_errors=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def data_folder():
    """The private PostgreSQL may run as another user, who must be able to pass through."""
    with tempfile.TemporaryDirectory(prefix="vestibule-build-times-") as path:
        os.chmod(path, 0o711)
        yield path


def until_ready(data):
    """Seconds from starting `scripts/run` until the server can serve. The server is stopped again."""
    port = free_port()
    own = {"VESTIBULE_DATA_DIR": data, "VESTIBULE_PUBLIC_URL": f"http://127.0.0.1:{port}", "RUST_LOG": "warn"}
    begin = time.monotonic()
    run = subprocess.Popen(
        ["scripts/run", "--listen", f"127.0.0.1:{port}"],
        cwd=TREE, env=environment(**own), stdout=subprocess.DEVNULL, start_new_session=True,
    )
    try:
        while not is_ready(port):
            if run.poll() is not None:
                raise RuntimeError(f"scripts/run ended with {run.returncode}.")
            time.sleep(0.05)
    except BaseException:
        # The script and its cargo; the server stops its PostgreSQL by itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGTERM)
        raise
    seconds = time.monotonic() - begin
    run.terminate()
    run.wait()
    return seconds


def row_cold(_):
    empty_target()
    with data_folder() as data:
        return spell(until_ready(data))


def row_again(_):
    with data_folder() as data:
        until_ready(data)
        return spell(statistics.median(until_ready(data) for _ in range(EDITS)))


# The text of an error, or of what can't happen: changing it changes code and nothing else.
PROSE = re.compile(r'(?:Error::\w+\([^"\n]*|\.expect\()"[^"\\{}\n]+ [^"\\{}\n]+(?=")')


def editable(kind):
    """The first file of this kind (`graphql` or `model`) that has such a text."""
    for path in sorted((TREE / "src").rglob("*.rs")):
        parts = path.relative_to(TREE / "src").with_suffix("").parts
        if any(part in (kind, f"{kind}s") for part in parts) and not any("test" in part for part in parts):
            if PROSE.search(path.read_text().split("#[cfg(test)]")[0]):
                return path
    sys.exit(f"No file under src/ is named {kind} and has an error text to change. Name one: --resolver, --model.")


def changed_once(path):
    """Seconds that `cargo build` takes after each of several changes of one text; the median."""
    text = path.read_text()
    match = PROSE.search(text)
    if not match:
        sys.exit(f"{path.relative_to(TREE)} has no error text to change.")
    say(f"changing {path.relative_to(TREE)}:{text.count(chr(10), 0, match.start()) + 1}")
    seconds = []
    try:
        for edit in range(EDITS):
            path.write_text(text[: match.end()] + f" {time.time_ns()} {edit}" + text[match.end() :])
            seconds.append(cargo("build")[0])
    finally:
        path.write_text(text)
    return spell(statistics.median(seconds))


def row_resolver(args):
    cargo("build")
    return changed_once(TREE / args.resolver if args.resolver else editable("graphql"))


def row_model(args):
    cargo("build")
    return changed_once(TREE / args.model if args.model else editable("model"))


def units(lines):
    """Files of other people's crates in cargo's JSON, by what was compiled how. Host and target may differ in level."""
    found = {}
    for line in lines:
        if line["reason"] == "compiler-artifact" and not line["package_id"].startswith("path+"):
            unit = (line["package_id"], line["target"]["name"], *line["target"]["kind"], line["profile"]["opt_level"])
            found.setdefault(unit, set()).update(line["filenames"])
    return found


def row_shared(_):
    built = units(cargo("build", *JSON)[1])
    tested = units(cargo("test", "--workspace", "--no-run", *JSON)[1])
    twice = [unit for unit, files in tested.items() if unit in built and not files <= built[unit]]
    seconds, lines = cargo("build", *JSON)
    stale = units(line for line in lines if not line.get("fresh", True))
    for unit in sorted({*twice, *stale}):
        say(f"compiled twice: {' '.join(unit)}")
    return f"{len(twice)} for the tests, {len(stale)} back, which takes {spell(seconds)}"


def row_test(_):
    empty_target()
    begin = time.monotonic()
    subprocess.run(["scripts/test"], cwd=TREE, env=environment(), stdout=sys.stderr, check=True)
    return spell(time.monotonic() - begin)


def features(*words):
    """Name and version of each dependency with the features it is built with, one set per way of building it."""
    tree = ["cargo", "tree", "--locked", "--prefix", "none", "--no-dedupe", "--format", "{p}|{f}", *words]
    listed = subprocess.run(tree, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    found = {}
    for line in filter(None, listed.splitlines()):
        package, names = line.split("|")
        found.setdefault(package, set()).add(names)
    return found


def compare_features():
    build = features("--edges", "normal,build")
    test = features("--edges", "normal,build,dev", "--workspace")
    differing = [package for package in build if not build[package] <= test.get(package, set())]
    for package in sorted(differing):
        print(f"{package}\n  cargo build: {show(build[package])}\n  cargo test:  {show(test[package])}")
    print(f"{len(differing)} of {len(build)} packages are built with other features for the tests.")
    return 1 if differing else 0


def show(sets):
    return " and ".join(f"[{names}]" for names in sorted(sets))


def spell(seconds):
    return f"{seconds / 60:.1f} min" if seconds >= 100 else f"{seconds:.1f} s"


def memory():
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB"


def machine():
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    return (
        f"{datetime.date.today()}, {os.cpu_count()} cores, {memory()}, {platform.system()} {platform.machine()}, {rustc}; "
        f"load at the start {os.getloadavg()[0]:.1f}."
    )


def parsed():
    parser = argparse.ArgumentParser(
        prog="scripts/build-times",
        description="Measures the builds and prints them as a Markdown table.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=["features"], help="compare the features alone")
    parser.add_argument("--all", action="store_true", help="measure `scripts/test` too: about half an hour more")
    parser.add_argument("--rows", metavar="ROW,…", help=f"measure these rows alone (default: {','.join(DEFAULT)})")
    parser.add_argument("--resolver", metavar="FILE", help="the file that the row `resolver` changes")
    parser.add_argument("--model", metavar="FILE", help="the file that the row `model` changes")
    args = parser.parse_args()
    args.rows = list(ROWS) if args.all else args.rows.split(",") if args.rows else DEFAULT
    unknown = [row for row in args.rows if row not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}")
    return args


def main():
    args = parsed()
    if args.command == "features":
        return compare_features()
    TREE.mkdir(parents=True, exist_ok=True)
    copy_tree()
    heading = machine()
    measured = {}
    for row in [row for row in ROWS if row in args.rows]:
        say(f"\n== {ROWS[row][0]}")
        measured[row] = globals()[f"row_{row}"](args)
        say(f"== {measured[row]}")
    print(f"{heading}\n\n| what | goal | measured |\n| --- | --- | --- |")
    for row, figure in measured.items():
        print(f"| {ROWS[row][0]} | {ROWS[row][1]} | {figure} |")
    return 0


sys.exit(main())
