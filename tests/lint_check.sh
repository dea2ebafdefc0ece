#!/bin/bash
# Every unit, at the default point, at the verified points and at the corners of its parameter ranges, passes
# `verilator --lint-only -Wall` and is read by Yosys without a warning or a problem found by `check`. A file that breaks a rule
# on purpose must fail. There are no waivers: signals that are meant to be unused are called unused_*.
set -u
cd "$(dirname "$0")/../rtl" || exit 2
failures=0
points=0

lint() {  # unit, then Name=value ...
  local unit=$1; shift
  local flags=() chparam=()
  for setting in "$@"; do
    flags+=("-G$setting")
    chparam+=(-set "${setting%%=*}" "${setting#*=}")
  done
  local log
  points=$((points + 1))
  if ! log=$(verilator --lint-only -Wall --top-module "$unit" "${flags[@]}" -y . -y parts -y generated "$unit.sv" 2>&1); then
    echo "FAIL verilator $unit $*"; echo "$log"; failures=$((failures + 1))
  fi
  local set_parameters=""
  [ ${#chparam[@]} -gt 0 ] && set_parameters="chparam ${chparam[*]} $unit;"
  if ! log=$(yosys -q -p "read_verilog -sv $sources; $set_parameters hierarchy -check -top $unit; proc -norom; check -assert" 2>&1); then
    echo "FAIL yosys $unit $*"; echo "$log"; failures=$((failures + 1))
  elif grep -qi warning <<<"$log"; then
    echo "FAIL yosys warns: $unit $*"; echo "$log"; failures=$((failures + 1))
  fi
}

sources="$(echo parts/*.sv generated/term_encoder_reset.sv) $(sed -n 's/^SUBBYTE_UNIT(\([a-z0-9_]*\)).*/\1.sv/p' ../kernels/units.def | tr '\n' ' ')"
for table in generated/terms_*.sv generated/table_*.sv; do
  verilator --lint-only -Wall "$table" || failures=$((failures + 1))
done

# The checks themselves: a width mismatch and an undriven wire must be found.
broken=$(mktemp -d)
trap 'rm -rf "$broken"' EXIT
echo 'module broken (input logic [3:0] a_i, output logic [7:0] b_o); assign b_o = a_i; endmodule' > "$broken/broken.sv"
verilator --lint-only -Wall "$broken/broken.sv" > /dev/null 2>&1 && { echo "FAIL: verilator misses a width mismatch"; failures=$((failures + 1)); }
echo 'module broken (output logic b_o); wire a; assign b_o = a; endmodule' > "$broken/broken.sv"
yosys -q -p "read_verilog -sv $broken/broken.sv; hierarchy -check -top broken; proc -norom; check -assert" > /dev/null 2>&1 &&
  { echo "FAIL: yosys misses an undriven wire"; failures=$((failures + 1)); }

lint term_encoder
lint term_encoder Lanes=1 Cols=1 ShiftWidth=4
lint term_encoder Lanes=8 Cols=2 TableBits=6 TableTerms=4 ShiftWidth=4
lint term_encoder TableBits=7 TableTerms=4 ShiftWidth=4 Lanes=1 Cols=1
lint term_encoder TableBits=3 TableTerms=1 ShiftWidth=2 Lanes=2 Cols=3
lint bitserial_pe
lint bitserial_pe AccWidth=8 GuardBits=1 AlignBits=16 Lanes=16 ShiftWidth=4
lint bitserial_pe AccWidth=40 GuardBits=8 AlignBits=1 Lanes=1 ShiftWidth=2 Rounding=1
lint bitserial_pe Exact=1
lint bitserial_pe Exact=1 Lanes=16 ShiftWidth=4
lint group_dequant
lint group_dequant MantissaWidth=64
lint group_dequant MantissaWidth=9
lint column_accumulator
lint column_accumulator Rows=1 ProductWidth=75
lint column_accumulator Rows=3 ProductWidth=20
lint bitserial_tile
lint bitserial_tile Rows=2 Cols=2 Lanes=2 Exact=1
lint bitserial_tile Rows=4 Cols=4 AlignBits=3 AccWidth=14 Rounding=1
lint bitserial_tile Rows=1 Cols=3 Lanes=1 ShiftWidth=4
lint bitserial_tile Rows=1 Cols=1 Lanes=1 Exact=1
lint bitserial_tile Rows=16 Cols=2 Lanes=2 ShiftWidth=4 TableTerms=3 AccWidth=12 AlignBits=4
lint ternary34_unpack
lint ternary34_unpack Groups=1
lint ternary34_unpack Groups=64
lint ternary34_pack
lint ternary34_pack Groups=1
lint ternary34_pack Groups=64
lint ternary5_unpack
lint ternary5_unpack Bytes=1
lint ternary5_unpack Bytes=64
lint ternary2_unpack
lint ternary2_unpack Codes=1
lint ternary2_unpack Codes=256

for unit in $(sed -n 's/^SUBBYTE_UNIT(\([a-z0-9_]*\)).*/\1/p' ../kernels/units.def); do
  grep -q "^lint $unit\$" "../tests/$(basename "$0")" || { echo "FAIL $unit is not linted"; failures=$((failures + 1)); }
done

echo "lint: $points parameter points, $failures failures"
[ "$failures" -eq 0 ]
