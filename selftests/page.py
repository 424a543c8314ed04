#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
page.py PAGE: does what a page of documentation shows, and sees what it shows.

In the page's indented blocks a line that begins with "# " is a command, and the lines behind it are what it prints: each
of them must be found in the output, in that order; "..." stands for anything, as a line of its own for any lines, and
runs of blanks are one. "[fails]" is a command that must end with an error; all others must not. Commands run in the
page's folder, each in a shell of its own. Stops at the first that does otherwise.
"""

import os
import re
import subprocess
import sys

FAILS = "[fails]"


def commands(text):
    """The commands of a page, each with the lines behind it."""
    found = []
    for line in text.splitlines():
        if not line.startswith("    ") or not line.strip():
            if line.strip():
                found.append(None)  # what follows a paragraph is no output of what stands before it
            continue
        line = line[4:]
        if line.startswith("# "):
            found.append((line[2:], []))
        elif found and found[-1]:
            found[-1][1].append(line)
    return [c for c in found if c]


def pattern(line):
    """What a line of output has to look like: what is shown, anywhere in it."""
    parts = [r"\s+".join(re.escape(w) for w in part.split()) for part in line.split("...")]
    return re.compile(r".*".join(parts))


def missing(expected, output):
    """The first line that is not there, or None."""
    lines = iter(output.splitlines())
    for want in expected:
        if want.strip() == "...":
            continue
        if not any(pattern(want).search(line) for line in lines):
            return want
    return None


def run(command, expected):
    """Runs one; returns what is wrong, or None."""
    fails = FAILS in expected
    try:
        done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False, text=True, errors="replace")
    except subprocess.TimeoutExpired:
        return "does not come to its end", ""
    if fails != (done.returncode != 0):
        return f"exit {done.returncode}", done.stdout
    want = missing([line for line in expected if line != FAILS], done.stdout)
    return (f"does not print: {want}", done.stdout) if want else None


def main():
    with open(sys.argv[1], encoding="utf-8") as page:
        todo = commands(page.read())
    os.chdir(os.path.dirname(os.path.abspath(sys.argv[1])))
    for command, expected in todo:
        wrong = run(command, expected)
        if wrong:
            print(f"{command}\n{wrong[0]}\n{wrong[1]}", end="")
            return 1
    if not todo:
        print("the page has no commands")
        return 1
    print(f"{len(todo)} commands")
    return 0


if __name__ == "__main__":
    sys.exit(main())
