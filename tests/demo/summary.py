#!/usr/bin/env python3
"""Joins the demo's records into one table: tests/demo/summary.py OUT_DIR FORMAT..."""
import json
import sys
from pathlib import Path


def record(path):
    return json.loads(Path(path).read_text())


def column(table, name):
    return [c["name"] for c in table["columns"]].index(name)


def metric(rec, name):
    return next(m["value"] for m in rec["metrics"] if m["name"] == name)


def main():
    out, formats = Path(sys.argv[1]), sys.argv[2:]
    sweep = record(next(out.glob("sweep/*.json")))["tables"][0]
    area = {}
    for row in sweep["rows"]:
        if row[column(sweep, "variant")] == "rows=8 cols=8":
            area[row[column(sweep, "format")]] = row[column(sweep, "area × cycles per token")]
    survey = record(out / "survey.json")["tables"][0]
    loss = {row[0]: row[column(survey, "loss increase")] for row in survey["rows"]}
    heads = [("format", "", "<12"), ("model, packed", "bytes", ">13"), ("bits/weight", "", ">11"),
             ("SQNR weights", "dB", ">12"), ("loss", "nats/token", ">10"), ("SQNR layer", "dB", ">10"),
             ("cycles/token", "RTL", ">12"), ("µs/token", "at clock", ">8"), ("mm² x cycles", "osu018", ">12")]
    for line in (0, 1):
        print(" ".join(format(head[line], head[2]) for head in heads))
    for name in formats:
        quantized, simulated = record(out / f"quantize-{name}.json"), record(out / f"simulate-{name}.json")
        table = quantized["tables"][0]
        total = table["rows"][-1]
        print(f"{name:<12} {total[column(table, 'packed')]:>13} {total[column(table, 'bits per weight')]:>11.3f} "
              f"{total[column(table, 'SQNR')]:>12.2f} {loss[name]:>+10.5f} {metric(simulated, 'layer_sqnr'):>10.2f} "
              f"{metric(simulated, 'cycles_per_token'):>12.1f} {1e6 / metric(simulated, 'tokens_per_s'):>8.2f} "
              f"{area[quantized['provenance']['format']]:>12.0f}")


if __name__ == "__main__":
    main()
