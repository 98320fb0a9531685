"""Builds the compiled kernel where a compiler is; PEERLINT_BUILD is auto, require or skip."""

import os

from setuptools import setup

MODE = os.environ.get("PEERLINT_BUILD", "auto")
if MODE not in ("auto", "require", "skip"):
    raise SystemExit(f"PEERLINT_BUILD: expected auto, require or skip, found {MODE}")
extensions = []
if MODE != "skip":
    from Cython.Build import cythonize

    extensions = cythonize("src/peerlint/bulk/kernel/compiled/*.pyx")
    for extension in extensions:  # cythonize drops the flag
        extension.optional = MODE == "auto"
setup(ext_modules=extensions)
