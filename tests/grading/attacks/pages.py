"""What people open after grading: nothing in it may be taken for more than a text."""

import csv
import json
from pathlib import Path

from lrcourse.grading.records import Records, read_records
from lrcourse.grading.reports import write_reports

RAW = ("<script>alert", "<img src=x", "<u>", "\x1b", "\x07", "\x00", "\x08")
FORMULAS = tuple("=+-@\t\r")


def faults_of_pages(records, folder: Path) -> list[str]:
    """Write the records and all that is made of them, and read it as a browser and a table do."""
    with Records(folder) as kept:
        for record in records:
            kept.append(record)
    write_reports(read_records(folder), folder)
    texts = {path: path.read_text("utf-8") for path in folder.rglob("*.html")}
    faults = [
        f"{path.name} has {raw!r} in it"
        for path, text in texts.items()
        for raw in RAW
        if raw in text
    ]
    printed = any("alert" in record["printed"] for record in records)
    if printed and not any("alert" in text for text in texts.values()):
        faults.append("no page shows what was printed")
    for path in folder.rglob("*.csv"):
        rows = csv.reader(path.read_text("utf-8").splitlines())
        cells = [cell for row in rows for cell in row if cell[1:] and cell.startswith(FORMULAS)]
        faults += [f"{path.name} has the formula {cell!r}" for cell in cells[:3]]
    lines = (folder / "records.jsonl").read_text("utf-8").splitlines()
    if len([json.loads(line) for line in lines]) != len(records):
        faults.append(f"{len(lines)} lines for {len(records)} records")
    return faults
