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
    print(f"{'format':<12} {'model, packed':>13} {'bits/weight':>11} {'SQNR weights':>12} {'loss':>10} {'SQNR layer':>10} {'cycles/token':>12} "
          f"{'µs/token':>8} {'mm² x cycles':>12}")
    print(f"{'':<12} {'bytes':>13} {'':>11} {'dB':>12} {'nats/token':>10} {'dB':>10} {'RTL':>12} {'at clock':>8} {'osu018':>12}")
    for name in formats:
        quantized, simulated = record(out / f"quantize-{name}.json"), record(out / f"simulate-{name}.json")
        total = quantized["tables"][0]["rows"][-1]
        table = quantized["tables"][0]
        print(f"{name:<12} {total[column(table, 'packed')]:>13} {total[column(table, 'bits per weight')]:>11.3f} "
              f"{total[column(table, 'SQNR')]:>12.2f} {loss[name]:>+10.5f} {metric(simulated, 'layer_sqnr'):>10.2f} {metric(simulated, 'cycles_per_token'):>12.1f} "
              f"{1e6 / metric(simulated, 'tokens_per_s'):>8.2f} {area[quantized['provenance']['format']]:>12.0f}")


if __name__ == "__main__":
    main()
