"""Check this export with nothing but Python 3.8 or newer: python3 verify.py (README.txt says what is checked)."""

import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

STATES = "proposed awaiting_approval waiting approved sending succeeded refused not_sent unknown not_executed denied"


def sha256(path: Path) -> str:
    if not path.is_file():
        return "missing"
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def problems(folder: Path) -> "Iterator[str]":
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    changed = [name for name, said in manifest["files"].items() if sha256(folder / name) != said["sha256"]]
    yield from (f"{name}: missing, or changed since it was exported" for name in changed)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in {"manifest.json", *manifest["files"]}:
            yield f"{name}: not in the manifest"
        if path.parent.name == "policies" and sha256(path) != path.stem:
            yield f"{name}: its text is not the one its name stands for"
    if changed:
        return
    seq, previous, transfers = 0, "0" * 64, {}
    with (folder / "events.jsonl").open(encoding="utf-8", newline="\n") as events:
        for event in map(json.loads, events):
            row = {name: value for name, value in event.items() if name not in ("hash", "previous_hash")}
            text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            digest = hashlib.sha256((previous + text).encode("utf-8")).hexdigest()
            if (event["seq"], event["previous_hash"], event["hash"]) != (seq + 1, previous, digest):
                yield f"events.jsonl: the chain breaks at event #{event['seq']}"
                return
            seq, previous = seq + 1, digest
            state = "proposed" if event["kind"] == "asked_again" else event["kind"]
            if state in (*STATES.split(), "cancelled", "expired", "blocked"):
                transfers[str(event["transfer_id"])] = (state, json.loads(event["data"])["amount"])
    if manifest["head"] != {"seq": seq, "hash": previous}:
        yield f"manifest.json: another chain head than that of the events, #{seq} {previous}"
    with (folder / "transfers.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if transfers.pop(row["id"], None) != (row["state"], row["amount"]):
                yield f"transfers.csv: T{row['id']} is {row['state']} with {row['amount']}; its events say otherwise"
    yield from (f"transfers.csv: T{number} is missing" for number in transfers)


if __name__ == "__main__":
    found = list(problems(Path(__file__).resolve().parent))
    print("\n".join(found or ["Whole. Now hold the chain head in manifest.json against another witness."]))
    sys.exit(bool(found))
