#!/usr/bin/env python3
"""Licences, banned crates and unused dependencies, from `cargo metadata` alone: works offline and needs no build."""
import json
import pathlib
import re
import subprocess
import sys

# What a public administration may pass on together with EUPL-1.2 code.
LICENCES = {
    "MIT", "MIT-0", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD",
    "Unicode-3.0", "Zlib", "BSL-1.0", "CC0-1.0", "Unlicense", "CDLA-Permissive-2.0", "EUPL-1.2", "OpenSSL",
}
BANNED = {
    "ring": "one TLS provider: aws-lc-rs",
    "openssl": "one TLS provider: aws-lc-rs",
    "openssl-sys": "one TLS provider: aws-lc-rs",
    "native-tls": "one TLS provider: aws-lc-rs",
}
# Only one version of these, or TLS, SQL and HTTP are there twice.
SINGLE = {"reqwest", "sqlx-core", "rustls", "axum", "tokio", "chrono", "quick-xml"}
# Named in Cargo.toml, used by a feature or a derive and not by a path in the code.
USED_OTHERWISE = set()


def allowed(expression: str) -> bool:
    """An SPDX expression holds if its OR-parts have one whose AND-parts are all allowed."""
    expression = expression.replace("/", " OR ").replace("(", " ").replace(")", " ")
    return any(
        all(part.strip() in LICENCES for part in re.split(r"\bAND\b", option))
        for option in re.split(r"\bOR\b", expression)
    )


def compiled() -> list[tuple[str, str, str]]:
    """Name, version and licence of every package that is really compiled (metadata lists more than that)."""
    tree = subprocess.check_output(
        ["cargo", "tree", "--workspace", "--locked", "--edges", "normal,build,dev", "--prefix", "none",
         "--format", "{p}|{l}", "--no-dedupe"], text=True)
    packages = set()
    for line in tree.splitlines():
        package, _, licence = line.partition("|")
        if package.strip():
            name, version = package.split()[:2]
            packages.add((name, version, licence.strip()))
    return sorted(packages)


def code(text: str) -> str:
    """Rust without its comments: what only a comment names is not used. A `//` in a text is not one."""
    literal = r'"(?:\\.|[^"\\])*"' + "|" + r"'(?:\\.|[^'\\])'"
    return re.sub(rf"({literal})|/\*.*?\*/|//[^\n]*", lambda found: found.group(1) or "", text, flags=re.S)


def main() -> int:
    metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--locked", "--no-deps"]))
    problems = []
    versions: dict[str, set[str]] = {}
    packages = compiled()
    for name, version, licence in packages:
        versions.setdefault(name, set()).add(version)
        # "(A OR B) AND C": each conjunct must hold.
        conjuncts = re.split(r"\)\s*AND\s*|\s*AND\s*\(", licence) if "(" in licence else [licence]
        if not all(allowed(c) for c in conjuncts):
            problems.append(f"licence of {name} {version}: {licence or 'none'}")
        if name in BANNED:
            problems.append(f"{name} is banned: {BANNED[name]}")
    for name in SINGLE:
        if len(versions.get(name, ())) > 1:
            problems.append(f"{name} is there in several versions: {sorted(versions[name])}")
    for member in metadata["packages"]:
        folder = pathlib.Path(member["manifest_path"]).parent
        sources = [f for part in ("src", "tests") for f in (folder / part).rglob("*.rs") if "node_modules" not in f.parts]
        text = "\n".join(code(f.read_text()) for f in sources)
        for dependency in member["dependencies"]:
            name = (dependency["rename"] or dependency["name"]).replace("-", "_")
            # Two libraries have another name in code than on the shelf.
            name = {"iban_validate": "iban"}.get(name, name)
            if name not in USED_OTHERWISE and not re.search(rf"\b{name}\b", text):
                problems.append(f"{member['name']} does not use {dependency['name']}")
    for problem in sorted(problems):
        print(problem)
    print(f"{len(packages)} packages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
