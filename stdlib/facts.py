"""What the scripts of this folder share: where the pinned packages of `requirements.txt` are, and the heads of tables."""

import datetime
import importlib.metadata
import importlib.util
from pathlib import Path


def package(name):
    """The folder of an installed package, without importing it: its own dependencies are not installed."""
    return Path(importlib.util.find_spec(name).submodule_search_locations[0])


def head(script, *packages):
    """The first line of a table: how it was made, from what, and when."""
    sources = " and ".join(
        part if " " in part else f"{part} {importlib.metadata.version(part)}" for part in packages
    )
    return f"# Made by {script} from {sources} on {datetime.date.today()}."
