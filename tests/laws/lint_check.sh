#!/bin/bash
# Every unit of the catalogue, at its verified points, at its small point and at the corners of its parameter ranges,
# passes `verilator --lint-only -Wall`, is read by Yosys without a warning or a problem found by `check`, and is read by
# Icarus Verilog. A file that breaks a rule on purpose must fail. There are no waivers: signals that are meant to be
# unused are called unused_*.
#   tests/laws/lint_check.sh [UNIT...]   checks these units alone
set -u
cd "$(dirname "$0")/../../rtl" || exit 2  # names below are relative, so that none holds a blank
subbyte=${SUBBYTE:-$PWD/../build/subbyte}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# These corners are neither all-minimum nor all-maximum. A unit needs no line here.
more_corners='term_encoder TableBits=6 TableTerms=4 ShiftWidth=4 Lanes=8 Cols=2
term_encoder TableBits=7 TableTerms=4 ShiftWidth=4 Lanes=1 Cols=1
term_encoder TableBits=3 TableTerms=1 ShiftWidth=2 Lanes=2 Cols=3
bitserial_pe AccWidth=8 GuardBits=1 AlignBits=16 Lanes=16 ShiftWidth=4
bitserial_pe AccWidth=40 GuardBits=8 AlignBits=1 Lanes=1 ShiftWidth=2 Rounding=1
bitserial_pe Exact=1
column_accumulator Rows=1 ProductWidth=75
bitserial_tile Rows=2 Cols=2 Lanes=2 Exact=1
bitserial_tile Rows=1 Cols=3 Lanes=1 ShiftWidth=4
bitserial_tile Rows=16 Cols=2 Lanes=2 ShiftWidth=4 TableTerms=3 AccWidth=12 AlignBits=4'

# This prints one line per point: the unit, and then Name=value for every parameter.
points() {
  "$subbyte" units --json | python3 -c '
import json, re, sys
ENOUGH = {"rows": 2, "cols": 2}  # such an array has every neighbourhood, and 32 x 32 takes minutes
# A machine at its largest is many units at theirs; this one has two of each, and all that can grow beside them.
MACHINE = {"rows": 8, "cols": 2, "tile_rows": 2, "tile_cols": 2, "bus_bytes": 16}
seen = set()
catalogue = json.load(sys.stdin)
without = set(re.findall(r"SUBBYTE_UNIT\((\w+)\)", open("../kernels/without_rtl.def").read()))
catalogue["machines"] = [unit for unit in catalogue["machines"] if unit["name"] not in without]
machines = {unit["name"] for unit in catalogue["machines"]}
for unit in catalogue["units"] + catalogue["machines"]:
    names = {p["name"]: p["rtl_name"] for p in unit["parameters"]}
    corners = [{p["name"]: p[end] for p in unit["parameters"]} for end in ("min", "max")]
    if ENOUGH.keys() <= names.keys():
        corners[1].update(ENOUGH)
    if unit["name"] in machines:
        corners[1].update(MACHINE)
    for point in unit["points"] + [unit["small_point"]] + corners:
        line = " ".join([unit["name"]] + [f"{names[k]}={v}" for k, v in sorted(point.items())])
        if line not in seen:
            print(line)
        seen.add(line)'
  echo "$more_corners"
}

lint() {  # lint UNIT Name=value ... says nothing when all is well
  local unit=$1; shift
  local flags=() chparam=() icarus=()
  for setting in "$@"; do
    flags+=("-G$setting")
    chparam+=(-set "${setting%%=*}" "${setting#*=}")
    icarus+=("-P$unit.$setting")
  done
  local log
  log=$(verilator --lint-only -Wall --top-module "$unit" "${flags[@]}" $search "$unit.sv" 2>&1) ||
    { echo "FAIL verilator $unit $*"; echo "$log"; }
  local commands="read_verilog -sv $sources;"
  [ ${#chparam[@]} -gt 0 ] && commands+=" chparam ${chparam[*]} $unit;"
  if ! log=$(yosys -q -p "$commands hierarchy -check -top $unit; proc -norom; check -assert" 2>&1); then
    echo "FAIL yosys $unit $*"; echo "$log"
  elif grep -qi warning <<<"$log"; then
    echo "FAIL yosys warns: $unit $*"; echo "$log"
  fi
  log=$(iverilog -g2012 -t null -s "$unit" "${icarus[@]}" $search -Y .sv "$unit.sv" 2>&1) ||
    { echo "FAIL iverilog $unit $*"; echo "$log"; }
}
export -f lint

points > "$work/points" && grep -q . "$work/points" || { echo "lint: no points from $subbyte"; exit 1; }
[ $# -eq 0 ] || { grep -E "^($(IFS='|'; echo "$*")) " "$work/points" > "$work/some"; mv "$work/some" "$work/points"; }
# Modules are looked for in these folders. Yosys reads the parts, and of the generated modules the one that a unit
# names.
search=$(sed 's/^/-y /' search_path.txt | tr '\n' ' ')
units=$(sed -n 's/^SUBBYTE_UNIT(\([a-z0-9_]*\)).*/\1.sv/p' ../kernels/units.def ../kernels/machines.def | tr '\n' ' ')
sources=""
for folder in $(grep -vx '\.\|generated' search_path.txt); do sources+="$(echo "$folder"/*.sv) "; done
sources+="generated/term_encoder_reset.sv $units"
export search sources
xargs -P 2 -d '\n' -I{} bash -c 'lint {}' < "$work/points" > "$work/problems"
for table in generated/terms_*.sv generated/table_*.sv; do
  verilator --lint-only -Wall "$table" >> "$work/problems" 2>&1 || echo "FAIL verilator $table" >> "$work/problems"
done

for reference in reference/*.sv; do
  verilator --lint-only -Wall "$reference" 2>&1 || echo "FAIL verilator $reference"
  yosys -q -p "read_verilog -sv $reference; hierarchy -check -auto-top; proc -norom; check -assert" 2>&1 ||
    echo "FAIL yosys $reference"
done >> "$work/problems"

# The checks themselves are checked: a width mismatch and an undriven wire must be found.
echo 'module broken (input logic [3:0] a_i, output logic [7:0] b_o); assign b_o = a_i; endmodule' > "$work/broken.sv"
verilator --lint-only -Wall "$work/broken.sv" > /dev/null 2>&1 &&
  echo "FAIL: verilator misses a width mismatch" >> "$work/problems"
echo 'module broken (output logic b_o); wire a; assign b_o = a; endmodule' > "$work/broken.sv"
commands="read_verilog -sv $work/broken.sv; hierarchy -check -top broken; proc -norom; check -assert"
yosys -q -p "$commands" > /dev/null 2>&1 &&
  echo "FAIL: yosys misses an undriven wire" >> "$work/problems"

echo 'module broken #(parameter int unsigned Width = 4) (output logic [Width-1:0] b_o); assign b_o = 0; endmodule' \
  > "$work/broken.sv"
iverilog -g2012 -t null -s broken "$work/broken.sv" > /dev/null 2>&1 &&
  echo "FAIL: iverilog misses a type that it could not read" >> "$work/problems"

cat "$work/problems"
failures=$(grep -c ^FAIL "$work/problems")
echo "lint: $(wc -l < "$work/points") parameter points, $failures failures, $SECONDS s"
[ -s "$work/points" ] && [ "$failures" -eq 0 ]
