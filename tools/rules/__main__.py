"""Writes prometheus/rules/<profile>/*.yml: ``python -m tools.rules`` (``make rules``)."""

import shutil

from tools.rules.files import RULES, rule_files


def main() -> None:
    """Replace what is there."""
    shutil.rmtree(RULES, ignore_errors=True)
    for path, text in rule_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(RULES.parents[1]))


if __name__ == "__main__":
    main()
