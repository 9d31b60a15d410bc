"""``toolkit params``: what a notebook can be given."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from toolkit.cli.output import add_format, print_json, table


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = subparsers.add_parser(
        "params",
        help="list the parameters that a notebook declares",
        description=(
            "List what the cell tagged 'parameters' declares; nothing is executed. "
            "Exit codes: 0 listed, 2 the notebook cannot be read."
        ),
    )
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    add_format(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print the list.

    Raises
    ------
    NotebookError : if the notebook cannot be read
    ParametersCellError : if its parameters cell cannot be
    """
    from toolkit.publish.fields import encode  # noqa: PLC0415 -- --help stays quick
    from toolkit.reproduce.parameters.schema import read_schema  # noqa: PLC0415
    from toolkit.reproduce.project import find_root  # noqa: PLC0415
    from toolkit.reproduce.sources import load_notebook  # noqa: PLC0415

    root = find_root(args.notebook.parent)
    schema = read_schema(load_notebook(args.notebook, root=root))
    if args.json:
        parameters = [
            {
                "name": parameter.name,
                "type": str(parameter.type),
                "required": parameter.required,
                "default": encode(parameter.default),
                "expression": parameter.expression,
                "description": parameter.description,
            }
            for parameter in schema.parameters
        ]
        print_json(notebook=schema.notebook, parameters=parameters)
    elif schema.parameters:
        rows = [
            [p.name, str(p.type), p.source or "(required)", p.description]
            for p in schema.parameters
        ]
        headers = ["parameter", "type", "default", "description"]
        print(table(headers, rows, markdown=args.md))
    else:
        print(f"{schema.notebook} declares no parameters")
    return 0
