#!/usr/bin/env python3
"""Moves Rust modules by a table and rewrites every path that names them.

usage: house.py ROOT TABLE    TABLE lines: `old::module::path new::module::path` (longest prefix wins; items too)
"""
import re, subprocess, sys
from pathlib import Path

root, table_file = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
src = root / "src"
table = {}
for line in table_file.read_text().splitlines():
    line = line.split("#")[0].split()
    if len(line) == 2:
        table[tuple(line[0].split("::"))] = tuple(line[1].split("::"))

def module_of(file):
    parts = list(file.relative_to(src).with_suffix("").parts)
    if parts in (["lib"], ["main"]):
        return ()
    return tuple(parts)

def moved(path):
    for n in range(len(path), 0, -1):
        if path[:n] in table:
            return table[path[:n]] + path[n:]
    return path

GONE = {("models",)}
files = {module_of(f): f for f in sorted(src.rglob("*.rs")) if f.name not in ("main.rs",)}
modules = set(files)

# --- a small lexer: masks strings and comments so that code can be searched ---
def mask(text):
    out = list(text); i = 0; n = len(text)
    def blank(a, b):
        for k in range(a, b):
            if out[k] != "\n": out[k] = " "
    while i < n:
        two = text[i:i+2]
        if two == "//":
            j = text.find("\n", i); j = n if j < 0 else j; blank(i, j); i = j
        elif two == "/*":
            j = text.find("*/", i); j = n if j < 0 else j + 2; blank(i, j); i = j
        elif (m := re.compile(r'b?r(#*)"').match(text, i)) and (i == 0 or not (text[i-1].isalnum() or text[i-1] == "_")):
            j = text.find('"' + m.group(1), m.end()); j = n if j < 0 else j + 1 + len(m.group(1)); blank(i, j); i = j
        elif text[i] == '"':
            j = i + 1
            while j < n and text[j] != '"':
                j += 2 if text[j] == "\\" else 1
            blank(i, j + 1); i = j + 1
        elif m := re.compile(r"b?'(\\.[^']*|[^'\\])'").match(text, i):
            blank(i, m.end()); i = m.end()
        else:
            i += 1
    return "".join(out)

def expand(tree):
    """`a::{b, c as d, self}` to [(path, alias)]"""
    tree = tree.strip()
    if tree.startswith("{"):
        inner, depth, parts, cur = tree[1:-1], 0, [], ""
        for ch in inner:
            if ch == "{": depth += 1
            if ch == "}": depth -= 1
            if ch == "," and depth == 0: parts.append(cur); cur = ""
            else: cur += ch
        parts.append(cur)
        return [x for p in parts if p.strip() for x in expand(p)]
    if m := re.match(r"^((?:r#)?\w+)\s*::\s*(.*)$", tree, re.S):
        return [((m.group(1),) + p, a) for p, a in expand(m.group(2))]
    m = re.match(r"^(\*|(?:r#)?\w+)(?:\s+as\s+(\w+))?$", tree, re.S)
    assert m, tree
    return [((m.group(1),), m.group(2))]

def absolute(path, here, children, crate):
    """The path from the crate's root, or None where it is foreign."""
    head = path[0]
    if head == crate: return path[1:]
    if crate != "crate": return None
    if head == "self": return here + path[1:]
    if head == "super":
        k = 0
        while k < len(path) and path[k] == "super": k += 1
        return here[:len(here)-k] + path[k:]
    if head in children: return here + path
    return None

def root_path(to, new_here, crate):
    """From the root of the crate that holds it; `@name` is a crate of the workspace."""
    if to and to[0].startswith("@"):
        return (("crate",) if new_here and new_here[0] == to[0] and crate == "crate" else (to[0][1:],)) + to[1:]
    return (crate,) + to

def place(to):
    if to and to[0].startswith("@"):
        base = root / "crates" / to[0][1:].replace("_", "-") / "src"
        return base / (Path(*to[1:]).with_suffix(".rs") if len(to) > 1 else "lib.rs")
    return src / (Path(*to).with_suffix(".rs") if to else "lib.rs")

def rewrite(file, here, crate):
    text = file.read_text(); code = mask(text)
    new_here = moved(here)
    declared = set(re.findall(r"\bmod\s+(\w+)\s*;", code)) if here is not None else set()
    inline = [(m.start(), m.end()) for m in re.finditer(r"\bmod\s+\w+\s*\{", code)]
    spans = []
    for s, e in inline:
        depth, j = 1, e
        while depth and j < len(code):
            depth += {"{": 1, "}": -1}.get(code[j], 0); j += 1
        spans.append((e, j))
    def depth_at(pos): return sum(1 for s, e in spans if s <= pos < e)
    edits = []
    taken = []
    aliases = {}
    for m in re.finditer(r"(?m)^[ \t]*use\s+([^;]+);", code):
        if "$" in m.group(1): continue
        for path, alias in expand(m.group(1)):
            full = absolute(path, here + ("#",) * depth_at(m.start()), declared, crate)
            if full in modules and full[-1:] and alias is None: aliases[full[-1]] = full
    gone = {a for a, full in aliases.items() if full in GONE}
    for m in re.finditer(r"(?m)^([ \t]*)((?:pub(?:\([^)]*\))?\s+)?)use\s+([^;]+);", code):
        indent, vis, tree = m.group(1), m.group(2), m.group(3)
        if "$" in tree: continue
        d = depth_at(m.start()); at = here
        taken.append((m.start(), m.end()))
        items = []
        for path, alias in expand(tree):
            path_here = here + ("#",) * d
            full = absolute(path, path_here, declared if d == 0 else set(), crate)
            if full is None:
                items.append((path, alias)); continue
            if "#" in full:            # inside of an inline module
                items.append((path, alias)); continue
            if path[-1] == "*" and full[:-1] == here and d:
                items.append((path, alias)); continue
            if path[-1] == "self": full = full[:-1]
            if full in GONE: continue
            to = moved(full)
            if alias is None and to[:-1] == new_here and len(to) > len(new_here) and to in {moved(m) for m in modules} and full[-1] == to[-1]:
                continue           # its own part by now, declared in this file
            last = path[-1]
            if to[-1] != (full[-1]) and alias is None and last != "*":
                alias = full[-1]       # the module got another name: keep what the code calls it
            if path[0] in ("super", "self") or path[0] in declared:
                # keep it relative where nothing between changed
                if path[0] == "super" and path.count("super") == 1 and d == 0 and moved(here[:-1]) == new_here[:-1] and to[:len(new_here)-1] == new_here[:-1] and len(to) > len(new_here) - 1:
                    items.append((("super",) + to[len(new_here)-1:], alias)); continue
                if path[0] != "super" and d == 0 and to[:len(new_here)] == new_here and len(to) > len(new_here):
                    items.append(((("self",) if path[0] == "self" else ()) + to[len(new_here):], alias)); continue
            items.append((root_path(to, new_here, crate), alias))
        groups = {}
        for path, alias in items:
            groups.setdefault(path[:-1], []).append(path[-1] + (f" as {alias}" if alias else ""))
        for prefix in list(groups):
            if len(prefix) > 1 and prefix[-1] in groups.get(prefix[:-1], []):
                groups[prefix[:-1]].remove(prefix[-1]); groups[prefix].append("self")
        groups = {prefix: names for prefix, names in groups.items() if names}
        lines = []
        for prefix, names in groups.items():
            names = sorted(set(names))
            body = names[0] if len(names) == 1 else "{" + ", ".join(names) + "}"
            pre = "::".join(prefix)
            lines.append(f"{indent}{vis}use {pre + '::' if pre else ''}{body};")
        edits.append((m.start(), m.end(), "\n".join(lines)))
    heads = "|".join(map(re.escape, [crate] + (["super", "self"] if crate == "crate" else []))) 
    kids = [c for c in declared] + sorted(gone)
    pattern = rf"(?<![\w:$])((?:{heads}{'|' + '|'.join(kids) if kids and crate == 'crate' else ''})(?:::(?:r#)?\w+)+)"
    def path_edit(m, pos, in_doc=False):
        if any(s <= pos < e for s, e in taken): return
        path = tuple(m.group(1).split("::"))
        d = depth_at(pos)
        full = absolute(path, here + ("#",) * d, declared if d == 0 else set(), crate)
        if path[0] in gone: full = aliases[path[0]] + path[1:]
        if full is None or "#" in full: return
        to = moved(full)
        if to == full and moved(here) == here: return
        if path[0] == "super" and path.count("super") == 1 and d == 0 and moved(here[:-1]) == new_here[:-1] and to[:len(new_here)-1] == new_here[:-1] and len(to) > len(new_here)-1:
            new = ("super",) + to[len(new_here)-1:]
        elif path[0] not in ("super", crate) and d == 0 and to[:len(new_here)] == new_here and len(to) > len(new_here):
            new = (("self",) if path[0] == "self" else ()) + to[len(new_here):]
        else:
            new = root_path(to, new_here, crate)
        if new != path: edits.append((m.start(1), m.end(1), "::".join(new)))
    for m in re.finditer(pattern, code):
        path_edit(m, m.start())
    for m in re.finditer(r"\$crate((?:::\w+)+)", code):
        full = tuple(m.group(1)[2:].split("::")); to = moved(full)
        if to != full: edits.append((m.start(1), m.end(1), "::" + "::".join(to)))
    # links in doc comments
    for c in re.finditer(r"//[/!][^\n]*", text):
        for m in re.finditer(pattern, c.group(0)):
            if code[c.start()] != " ": continue
            class M:  # the same with an offset
                def __init__(s, m, o): s.m, s.o = m, o
                def group(s, k): return s.m.group(k)
                def start(s, k=0): return s.m.start(k) + s.o
                def end(s, k=0): return s.m.end(k) + s.o
            mm = M(m, c.start()); path_edit(mm, mm.start())
    # file modules are declared anew by their new parents
    decls = []
    if crate == "crate" and file.parent.is_relative_to(src):
        for m in re.finditer(r"(?m)^((?:[ \t]*#\[[^\n]*\]\n)*)([ \t]*)((?:pub(?:\([^)]*\))?\s+)?)mod\s+(\w+)\s*;\n", text):
            if depth_at(m.start(4)): continue
            child = here + (m.group(4),)
            if child not in modules: continue
            before = text[:m.start()]
            docs = re.search(r"(?:^[ \t]*///[^\n]*\n)*\Z", before, re.M)
            s = docs.start() if docs and docs.group(0) else m.start()
            decls.append((child, text[s:m.start(3)], m.group(3)))
            edits.append((s, m.end(), ""))
    for s, e, new in sorted(edits, reverse=True):
        text = text[:s] + new + text[e:]
    for vis in re.findall(r"pub\(in crate::[\w:]+\)", text):
        text = text.replace(vis, "pub(crate)")
    return text, decls

out, declarations = {}, {}
for here, file in files.items():
    text, decls = rewrite(file, here, "crate")
    out[here] = text
    for child, attrs, vis in decls:
        declarations[child] = (attrs, vis)
main = src / "main.rs"
if main.exists():
    main.write_text(rewrite(main, (), "vestibule")[0])
for folder in ("tests/portal", "benches"):
    for f in (root / folder).rglob("*.rs"):
        f.write_text(rewrite(f, (), "vestibule")[0])

# move, write, declare
new_files = {}
for here, file in files.items():
    to = moved(here)
    target = place(to)
    assert to not in new_files, f"two modules become {to}"
    new_files[to] = target
for here, file in files.items():
    target = new_files[moved(here)]
    if target != file:
        tmp = target.with_suffix(".rs.moving"); target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "mv", str(file), str(tmp)], check=True, cwd=root)
for here, file in files.items():
    target = new_files[moved(here)]
    tmp = target.with_suffix(".rs.moving")
    if tmp.exists(): subprocess.run(["git", "mv", str(tmp), str(target)], check=True, cwd=root)
    target.write_text(out[here])
known = set(new_files)
for to in sorted(list(known), key=len):
    for k in range(1, len(to)):
        parent = to[:k]
        if parent not in known:
            known.add(parent); f = place(parent); new_files[parent] = f
            f.parent.mkdir(parents=True, exist_ok=True)
            f.write_text(f"//! TODO: what {'::'.join(parent)} is.\n")
back = {moved(h): h for h in files}
children = {}
for to in known:
    if to: children.setdefault(to[:-1], []).append(to)
for parent, kids in children.items():
    if not parent and all(k[0].startswith("@") for k in kids): continue
    kids = [k for k in kids if not (len(k) == 1 and k[0].startswith("@"))]
    file = new_files[parent] if parent in new_files else src / "lib.rs"
    text = file.read_text()
    lines = ""
    tests = ""
    for kid in sorted(kids):
        old = back.get(kid)
        attrs, vis = declarations.get(old, ("", "pub ")) if old is not None else ("", "pub ")
        if old is None or moved(old[:-1]) != kid[:-1]:
            vis = "pub " if "cfg(test)" not in attrs else ""
        line = f"{attrs}{vis}mod {kid[-1]};\n"
        if "cfg(test)" in attrs: tests += line
        else: lines += line
    m = re.match(r"(?:(?://![^\n]*|#!\[[^\n]*\])?\n)*", text)
    cut = m.end() if m else 0
    text = text[:cut].rstrip("\n") + "\n\n" + lines + "\n" + text[cut:].lstrip("\n") + ("\n" + tests if tests else "")
    file.write_text(text)
