"""Write the claimed outputs of notebooks anew: nbval compares with these.

Cells tagged ``nbval-check-output`` keep their outputs and get a count; every other
output, count and piece of metadata is taken out.

Usage: python .ci/claims.py NOTEBOOK ...
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

TAG = "nbval-check-output"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Leave nothing in a notebook but its sources, its tags and its claims."""
    notebook.metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if cell.cell_type == "code" and TAG not in tags:
            cell.outputs, cell.execution_count = [], None


def main(paths: list[str]) -> int:
    """Execute, normalise and write each notebook in place."""
    for path in map(Path, paths):
        notebook = nbformat.read(path, as_version=4)
        if any(TAG in cell.metadata.get("tags", []) for cell in notebook.cells):
            here = {"metadata": {"path": str(path.parent)}}
            NotebookClient(notebook, resources=here, timeout=600).execute()
        normalise(notebook)
        text = nbformat.writes(notebook, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
        sys.stdout.write(f"{path}: claims written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
