"""Prints as JSON what a program could notice of being launched by somebody else."""

import json
import os
import sys

modules = sorted(sys.modules)
print(
    json.dumps(
        {
            "argv": sys.argv,
            "main": __file__,
            "path": sys.path,
            "path_cache": sorted(sys.path_importer_cache),
            "modules": modules,
            "environment": dict(os.environ),
            "descriptors": sorted(int(name) for name in os.listdir("/dev/fd")),  # noqa: PTH208,
        }
    )
)
