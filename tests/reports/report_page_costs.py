"""Records for the page's opening: what each format costs, as the demo measures it, and a person's own records."""
import json
import subprocess

from report_page_browser import expect

# Microjoules and microseconds per token of the embedded model on bitmod-8x8, as an early version measured them.
COSTS = {"int8": (60.7, 105), "int6": (46.2, 79.7), "int4": (31.5, 54.2), "int4-asym": (45.9, 79.2),
         "bitmod-fp4": (32.4, 55.9), "bitmod-fp3": (29.3, 50.4)}

SWEEP = """name: own
designs: [{folder}/one.yaml, {folder}/two.yaml]
workload: {{model: embedded, layer: model.layers.0.self_attn.q_proj, tokens: 4}}
formats: [int8, int6, int4, bitmod-fp4]
engines: [golden, fast]
energy: true
objectives: {{maximize: [sqnr_db], minimize: [energy_per_token_uj]}}
"""


def simulated(name, energy, time):
    """Returns a record of `simulate --layers all --energy`, as far as the page reads it."""
    metrics = [("layers", "", 15), ("tokens_per_s", "tokens/s", 1e6 / time), ("area", "um2", 11460119.0),
               ("bits_per_weight", "bits", 4.0)]
    made = {"program": "subbyte 0.2.0", "revision": "c649a67003b4", "date": "2026-11-30T15:40:00Z",
            "machine": {"cpu": "some CPU", "cores": 2}}
    places = ["unit", "weight buffer", "activation buffer", "DRAM"]
    columns = [{"name": part, "unit": "uJ" if part in places else "", "source": ""} for part in ["layer", *places]]
    rows = [[layer, energy * 8 * 0.9, energy * 8 * 0.02, energy * 8 * 0.03, energy * 8 * 0.05] for layer in "ab"]
    return {"title": f"15 layers in {name}:g128 on bitmod-8x8, 16 tokens", "kind": "simulate",
            "provenance": {"format": f"{name}:g128", "weights": f"{name}:g128", "layers": "all", "tokens": 16,
                           "design": {"name": "bitmod-8x8", "technology": "osu018"},
                           "technology_remark": "a library of 2004", "made_by": made},
            "metrics": [{"name": n, "quantity": "", "unit": u, "value": v, "source": "model"} for n, u, v in metrics] +
                       [{"name": "energy_per_token", "quantity": "energy", "unit": "J/token", "value": energy * 1e-6,
                         "half_width": energy * 1e-8, "source": "derived"}],
            "tables": [{"title": "Layers", "columns": columns, "rows": rows, "note": ""}],
            "bars": [{"title": "Energy by layer", "table": 0, "category": 0, "values": [1, 2, 3, 4], "stacked": True,
                      "log": False}]}


def demo_costs(folder):
    paths = []
    for name, (energy, time) in COSTS.items():
        paths.append(folder / f"cost-{name}.json")
        paths[-1].write_text(json.dumps(simulated(name, energy, time)))
    return paths


def run(program, *command):
    done = subprocess.run([program, *command], capture_output=True, text=True)
    expect(done.returncode == 0, f"subbyte {' '.join(command)} failed: {done.stderr}")


def own_records(folder, program, root):
    """Makes records by `evaluate` and by a sweep with energy over two small tiles, as a person would."""
    design = (root / "configs/designs/bitmod-4x4.yaml").read_text()
    for name, rows in (("one", 1), ("two", 2)):
        text = design.replace("name: bitmod-4x4", f"name: {name}").replace("rows: 4 ", f"rows: {rows} ")
        (folder / f"{name}.yaml").write_text(text.replace("cols: 4 ", "cols: 1 ").replace("lanes: 4 ", "lanes: 1 "))
    plan, loss = folder / "own.yaml", folder / "loss.json"
    plan.write_text(SWEEP.format(folder=folder))
    run(program, "evaluate", "--format", "int8,int6,int4,bitmod-fp4,nf4", "--tokens", "4000", "--record", str(loss))
    run(program, "sweep", str(plan), "--out", str(folder / "own"))
    return [loss, next((folder / "own").glob("own-*.json"))]
