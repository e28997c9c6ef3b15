#!/usr/bin/env python3
"""Opens to the crate what the compiler reports as private: `cargo check --message-format json | open_up.py`."""
import json, re, sys
from pathlib import Path

PRIVATE = {"E0603", "E0616", "E0624", "E0451", "E0423", "E0532"}
ITEM = re.compile(r"^(\s*)((?:async |const |unsafe )*(?:fn|struct|enum|type|const|static|mod|trait|use|union)\b)")
done, fields = set(), set()
def open_line(file, number):
    if (file, number) in done: return
    done.add((file, number))
    lines = Path(file).read_text().splitlines(keepends=True)
    line = lines[number - 1]
    new = ITEM.sub(r"\1pub(crate) \2", line) if not line.lstrip().startswith("pub") else line
    if new != line:
        lines[number - 1] = new; Path(file).write_text("".join(lines)); print("opened", file, number, new.strip()[:80])
def open_field(name, text):
    if (name, text) in fields: return
    fields.add((name, text))
    for file in Path("src").rglob("*.rs"):
        code = file.read_text()
        m = re.search(rf"(?m)^(?:pub(?:\([^)]*\))? )?struct {text}\b[^{{;]*\{{(.*?)^\}}", code, re.S)
        if not m: continue
        body = re.sub(rf"(?m)^(\s+){name}:", rf"\1pub(crate) {name}:", m.group(1), count=1)
        if body != m.group(1):
            file.write_text(code[:m.start(1)] + body + code[m.end(1):]); print("opened", file, text, name)
for line in sys.stdin:
    message = json.loads(line).get("message") if line.startswith("{") else None
    if not message or not message.get("code"): continue
    code = message["code"]["code"]
    if code in ("E0616", "E0451") and (m := re.search(r"field `(\w+)` of (?:struct|union) `(?:[\w:]*::)?(\w+)", message["message"])):
        open_field(m.group(1), m.group(2)); continue
    if code in PRIVATE:
        for child in [message] + message.get("children", []):
            for span in child.get("spans", []):
                if not span["is_primary"] or child is not message: open_line(span["file_name"], span["line_start"])
