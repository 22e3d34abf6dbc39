"""Prints how much of OWASP's ASVS 5.0, levels 1 and 2, is met, by docs/security/asvs.csv."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "docs/security/asvs.csv"
Row = dict[str, str]


def rows() -> list[Row]:
    """The requirements: {requirement, level, subject, status, test, reason}."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shares(of: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    """Lines of (what, level 1, level 2, both)."""
    counted = {level: Counter(row["status"] for row in of if row["level"] == level) for level in "12"}
    both = counted["1"] + counted["2"]
    columns = (counted["1"], counted["2"], both)

    def line(what: str, *statuses: str) -> tuple[str, str, str, str]:
        first, second, all_of_them = (str(sum(column[one] for one in statuses)) for column in columns)
        return what, first, second, all_of_them

    def share(column: Counter[str]) -> str:
        return f"{column['met'] / (column['met'] + column['not yet']):.0%}"

    return [
        line("requirements", "met", "not yet", "not applicable"),
        line("not applicable, with the reason", "not applicable"),
        line("applicable", "met", "not yet"),
        line("met, with a test", "met"),
        line("not yet, with the reason", "not yet"),
        ("share of the applicable ones that is met", share(counted["1"]), share(counted["2"]), share(both)),
    ]


def main() -> None:
    """Prints the table of the page."""
    print("| | level 1 | level 2 | both |\n|---|---|---|---|")
    for line in shares(rows()):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
