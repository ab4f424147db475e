"""What a reader needs and may not find: then it ends with status 77, by which the test knows that nothing was shown."""

import importlib
import sys
from types import ModuleType
from typing import NoReturn


def skip(reason: str) -> NoReturn:
    print(reason)
    sys.exit(77)


def need(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        skip(f"{name} cannot be imported: {error}")
