"""Stands before the real module on the path of commands that tests run, which find it missing, as most users do."""

raise ModuleNotFoundError("hidden by the tests")
