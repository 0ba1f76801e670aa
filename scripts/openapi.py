"""Writes openapi.json, the API's contract, from the API's own code, or says that it is old.

python scripts/openapi.py           write it anew
python scripts/openapi.py --check   compare
"""

import argparse
import sys

from crossfade.entrypoints.api.openapi import contract_text
from toolbox import ROOT

CONTRACT = ROOT / "openapi.json"


def main() -> int:
    """0 where the file is, or now is, what the code says; 1 where it is old."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    if not parser.parse_args().check:
        CONTRACT.write_text(contract_text())
        return 0
    if CONTRACT.exists() and CONTRACT.read_text() == contract_text():
        return 0
    print("openapi.json is not what the code says: run `make types`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
