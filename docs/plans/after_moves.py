#!/usr/bin/env python3
"""After move_modules.py: describes the new folders, drops emptied modules, opens `pub(super)` to the crate.

usage: after_moves.py ROOT
"""
import re, subprocess, sys
from pathlib import Path

root = Path(sys.argv[1]).resolve(); src = root / "src"
WORDS = {
    "accounts": "Accounts: the tenant that every other row belongs to. Its settings and branding, its sections, the URLs of its portal,\n//! and the budgets that limit what one account may send.",
    "audit_log": "The audit log in the API. Rows are written by [`crate::base::audit`], in the transaction of what they record.",
    "base": "What every feature stands on: ids, time, secrets, errors, addresses, the database, who acts, and the audit rows.\n//! Nothing here knows a feature.",
    "bulk_jobs": "Bulk jobs: one change for many contacts (invitations, login emails, imports), done item by item by the worker.",
    "contacts": "Contacts: the people of an account. Their details and access, lists and filters, imports, and the counts of `portalStats`.",
    "invitations": "Invitations: who was asked to join the portal, by whom, and what became of it.",
    "magic_links": "Magic links: single-use and reusable links into one section of a portal, and the login emails that carry one.",
    "messages": "Messages: each row is the promise to send one email. The worker claims it, renders it and marks what became of it;\n//! suppressed addresses get nothing.",
    "messages/emails": "What the emails say, as HTML and as text.",
    "sign_in": "Sign-in: a folder per method (`password`, `challenge` for codes and links by email, `google`), the sessions they open,\n//! and the access tokens that carry them.",
    "sign_in/challenge/pages": "The pages of a challenge: waiting for its email, and the second confirmation.",
    "sign_in/profile": "The profile: a person's own sessions, password and identities.",
    "sign_in/sessions": "Sessions: opened by every method of sign-in, refreshed, listed and ended.",
    "team": "The team: members with their roles, API keys with their scopes, and staff sign-in links.",
}
for name, words in WORDS.items():
    file = src / f"{name}.rs"
    if file.exists(): file.write_text(re.sub(r"//! TODO: what [^\n]*\n", lambda _: f"//! {words}\n", file.read_text(), count=1))
left = [str(f) for f in src.rglob("*.rs") if "TODO: what" in f.read_text()]
if left: print("undescribed:", left)
lib = src / "lib.rs"
for name in ("auth", "http", "models"):
    file = src / f"{name}.rs"
    if file.exists() and not re.search(r"(?m)^(?!//|\s*$)", file.read_text()):
        subprocess.run(["git", "rm", "-qf", str(file)], check=True, cwd=root)
        lib.write_text(lib.read_text().replace(f"pub mod {name};\n", ""))
jobs = src / "jobs.rs"
if jobs.exists():
    subprocess.run(["git", "rm", "-qf", str(jobs)], check=True, cwd=root)
    lib.write_text(lib.read_text().replace("pub mod jobs;\n", ""))
for file in src.rglob("*.rs"):
    text = file.read_text(); new = text.replace("pub(super)", "pub(crate)")
    if new != text: file.write_text(new)
