#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs cases of the modules named as arguments, one a line of standard input: MODULE ARGUMENT...

Answers with what the case prints, then a line "exit STATUS". The modules are loaded once, since that is what takes long on
emulated machines; each case runs in a process of its own, so that nothing of it stays, no socket in a netns above all.
"""

import importlib
import os
import sys
import traceback

import cryptography.hazmat.primitives.ciphers.aead  # noqa: F401 (what wire.Key takes, once and not in each child)


def run(module, arguments):
    """In a child: standard output and error are the answer."""
    os.dup2(1, 2)
    try:
        status = module.main(*arguments)
    except SystemExit as stop:
        print(stop.code)
        status = 1
    except Exception:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main(names):
    modules = {name: importlib.import_module(name) for name in names}
    print("ready", flush=True)
    for line in sys.stdin:
        name, *arguments = line.split()
        child = os.fork()
        if not child:
            run(modules[name], arguments)
        _, status = os.waitpid(child, 0)
        print("exit %d" % (os.waitstatus_to_exitcode(status) & 0xFF), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
