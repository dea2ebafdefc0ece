"""Hand-made result records with every chart kind, for report_page_check.py; texts are hostile on purpose."""

EVIL = "</script><b onclick=\"x\">'bold'</b> & \\ \"quoted\""


def column(name, unit="", source="", digits=4):
    return {"name": name, "unit": unit, "source": source, "digits": digits}


def area():
    return {
        "title": f"Area by module {EVIL}", "note": f"First line {EVIL}\nsecond line",
        "columns": [column("module"), column("unit"), column("area", "um2", f"Yosys {EVIL}", 6),
                    column("share", "%", "derived", 3)],
        "rows": [["mult", "tile", 5000.5, 50.0], ["add", "tile", 3000.25, 30.0], [EVIL, "decoder", 1500.0, 15.0],
                 ["empty", "decoder", 0, 0.0], ["unknown", "decoder", None, None], ["shift", "decoder", 500.0, 5.0],
                 ["total", "", 10000.75, 100.0]]}


def energy():
    return {
        "title": "Energy of a cycle", "note": "",
        "columns": [column("module"), column("clock", "pJ", "netlist"), column("register", "pJ", "netlist"),
                    column("logic", "pJ", "netlist")],
        "rows": [["a_rather_long_module_name_of_a_unit (own logic)", 1.5, 2.25, 3.125],
                 ["accumulator", 0.5, None, 0.75],
                 ["decoder", 4.0, 1.0, 0], ["total", 6.0, 3.25, 3.875]]}


def layers():
    return {
        "title": "Layers on two designs", "note": "",
        "columns": [column("layer"), column("design"), column("intensity", "MAC/byte", "derived"),
                    column("attained", "MAC/cycle", "rtl"),
                    column("peak", "MAC/cycle", "derived"), column("bandwidth", "bytes/cycle", "configuration")],
        "rows": [["small q", "8x8", 0.5, 6.9, 128, 16], ["small gate", "8x8", 32, 101, 128, 16],
                 ["small head", "8x8", 300, 90.5, 128, 16],
                 ["large q", "32x32", 0.5, 25, 2048, 64], ["large gate", "32x32", 32, 1500, 2048, 64]]}


def narrow_roofs():
    """Makes attained rates within a factor of two, over three decades of intensity, with two layers in one place."""
    head = layers()["columns"]
    return {"title": "Layers of one rate", "note": "",
            "columns": [*head[:3], column("attained", "MAC/s", "rtl"), column("peak", "MAC/s"),
                        column("bandwidth", "byte/s")],
            "rows": [["model.a.q", "8x8", 5, 7.5e9, 12.8e9, 2e9], ["model.a.k", "8x8", 5, 7.5e9, 12.8e9, 2e9],
                     ["model.b.gate", "8x8", 500, 12494947569, 12.8e9, 2e9],
                     ["total", "", None, None, None, None]]}


def formats():
    """Makes losses on a logarithmic axis, whose intervals end above zero, at zero and below it."""
    losses = [round(10 ** (-i / 8) * (1 + i % 4 / 5), 4) for i in range(18)]
    rows = [[f"format {i}", 2 + 0.4 * i, loss, i % 3 == 0, ["int", "float", "block"][i % 3], loss * (0.2, 1, 3)[i % 3]]
            for i, loss in enumerate(losses)]
    return {
        "title": "Number formats", "note": "",
        "columns": [column("format"), column("bits", "bit", "packed bytes"), column("loss", "nats", "evaluate"),
                    column("front"), column("kind"), column("loss half width", "nats", "evaluate")],
        "rows": rows + [["none", None, 1.0, True, "int", 0.5], ["zero loss", 8.0, 0.0, False, "int", 0.1],
                        ["large", 12, 1234567, False, "int", None]]}


def curve():
    rows = [[unit, mhz, base * (1 + mhz / 300), False] for unit, base in (("pe", 1000), ("dequant", 400))
            for mhz in (50, 100, 200, 400)]
    return {"title": "Area over the clock", "note": "",
            "columns": [column("unit"), column("clock", "MHz"), column("area", "um2", "synthesis", 5),
                        column("marked")], "rows": rows}


def twins():
    """Makes two formats in one place, one below the floor of the axis, with areas but without a front, and intervals of
    which one begins below zero."""
    return {"title": "Twins", "note": "",
            "columns": [column("format"), column("energy", "uJ", "netlist"), column("loss", "nats", "evaluate"),
                        column("area", "mm2"), column("energy half width", "uJ")],
            "rows": [["first", 20.0, 0.01, 4.0, 1.5], ["second", 20.01, 0.01001, 4.0, None],
                     ["lossless", 60.0, -2e-6, 16.0, 3.0], ["beaten", 50.0, 0.3, 1.0, 55.0]]}


def every_chart():
    return {
        "title": f"Every chart {EVIL}", "kind": "handmade",
        "provenance": {"file": EVIL, "tools": {"yosys": "0.23", EVIL: [1, EVIL]}, "seed": 7},
        "metrics": [{"name": "energy_per_mac", "quantity": "energy", "unit": "pJ", "value": 1.23456,
                     "source": f"netlist {EVIL}"},
                    {"name": "layer_time", "quantity": "time", "unit": "s", "value": 4.17e-05, "source": "rtl"},
                    {"name": "no_number", "quantity": "error", "unit": "dB", "value": None, "source": "derived"}],
        "tables": [area(), energy(), layers(), formats(), curve(), narrow_roofs(), twins()],
        "treemaps": [{"title": f"Area {EVIL}", "table": 0, "name": 0, "value": 2, "group": 1},
                     {"title": "Area, flat", "table": 0, "name": 0, "value": 2, "group": None}],
        "bars": [{"title": "Energy by module", "table": 1, "category": 0, "values": [1, 2, 3],
                  "stacked": True, "log": False},
                 {"title": "Energy side by side", "table": 1, "category": 0, "values": [1, 2],
                  "stacked": False, "log": True}],
        "rooflines": [{"title": "Roofline", "table": 2, "name": 0, "intensity": 2, "attained": 3,
                       "peak": 4, "bandwidth": 5, "design": 1},
                      {"title": "Narrow roofline", "table": 5, "name": 0, "intensity": 2,
                       "attained": 3, "peak": 4, "bandwidth": 5, "design": 1}],
        "scatters": [{"title": "Loss against bits", "table": 3, "x": 1, "y": 2, "series": 4,
                      "mark": 3, "log_x": False, "log_y": True, "label": 0,
                      "join": "marked", "half_y": 5},
                     {"title": "Area over the clock", "table": 4, "x": 1, "y": 2, "series": 0,
                      "mark": 3, "log_x": True, "log_y": False, "label": 0,
                      "join": "series"},
                     {"title": "Loss against energy", "table": 6, "x": 1, "y": 2, "series": 0, "mark": 0, "label": 0,
                      "log_x": True, "log_y": True, "join": "front", "size": 3, "half_x": 4, "floor_y": 0.0001}]}


def old_version():
    """Makes a record as they were before there were other charts than scatter plots. The next is of the same kind, so
    that the page compares the two."""
    return {"title": "layer in int8 on 8x8", "kind": "simulate", "metrics": [
        {"name": "cycles", "quantity": "time", "unit": "cycles", "value": 4121, "source": "rtl"}],
        "tables": [{"title": "Engines", "columns": [column("engine"), column("beats")], "rows": [["golden", 256]]}],
        "scatters": []}


def records():
    other = old_version()
    other["title"] = "layer in fp4 on 8x8"
    other["metrics"][0]["value"] = 2093
    return [every_chart(), old_version(), other]


# Each chart must show so many marks, which are the rows whose values can be drawn, without the total.
MARKS = {f"Area {EVIL}": 4 + 2, "Area, flat": 4, "Energy by module": 7, "Energy side by side": 5,
         "Roofline": 5, "Narrow roofline": 2, "Loss against bits": 19,
         "Area over the clock": 8, "Loss against energy": 4}  # a grouped treemap has its two frames as well
