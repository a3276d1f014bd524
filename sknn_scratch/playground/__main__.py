"""The playground from a terminal: python -m sknn_scratch.playground."""

import argparse
import errno
import sys
import webbrowser

from threadpoolctl import threadpool_limits

from .page import serve
from .problem import read_file


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or the page's button; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sknn_scratch.playground", description=__doc__)
    parser.add_argument("--data", metavar="FILE.csv", help="points of a CSV file with a header")
    parser.add_argument("--target", metavar="NAME", help="its column to predict")
    parser.add_argument(
        "--columns",
        nargs=2,
        metavar="NAME",
        default=(),
        help="its two columns to show, in place of the first two principal components",
    )
    parser.add_argument("--port", type=int, default=0, help="port of 127.0.0.1; any that is free by default")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args(arguments)
    if not options.data and (options.target or options.columns):
        parser.error("--target and --columns are for the CSV file of --data.")
    try:
        own = read_file(options.data, options.target, options.columns) if options.data else None
        page = serve(None, own, options.port)
    except (OSError, OverflowError, ValueError) as error:
        in_use = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        print(f"Port {options.port} is in use: choose another --port." if in_use else error, file=sys.stderr)
        return 2
    try:
        print(f"{page.url}\nThis address opens the playground, on this computer only. Ctrl-C ends it.", flush=True)
        if not options.no_browser:
            webbrowser.open(page.url)
        with threadpool_limits(1):  # products as small as these are slower on several threads
            page.wait()
    except KeyboardInterrupt:
        page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
