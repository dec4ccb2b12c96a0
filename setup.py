"""Everything is declared in setup.cfg; this file lets tools that look for it build the package."""

from setuptools import setup

setup()
