"""The bundled scope and its page."""

from argparse import ArgumentParser

from toolkit.cli.scope import add_parser


def run(*arguments: str) -> int:
    parser = ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["scope", *arguments])
    code: int = args.run(args)
    return code
