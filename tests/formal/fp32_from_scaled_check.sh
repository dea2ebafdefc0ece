#!/usr/bin/env bash
# Proves by Yosys (sat) that nvfp4_dot needs no rounder: its normaliser loses no bit, whatever the block's sum (13 bits
# at 16 elements of E2M1, 14 at 32; 12 at 16 of INT4) and its scales. The proof is run on narrowed and broken copies
# too, where it must fail.
set -euo pipefail
root=${SUBBYTE_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$root" "$work/tree"  # Yosys' scripts cannot quote a blank, so the tree is read through a path without one
parts=$work/tree/rtl/arithmetic

fail() { echo "formal: $*" >&2; exit 1; }

prove() {  # prove FOLDER WIDTH SIGNAL -> proven|refuted
  cat > "$work/p.ys" <<YS
read_verilog -sv -DWIDTH=$2 $1/fp32_from_scaled.sv $1/normalise.sv $work/tree/tests/formal/fp32_from_scaled_formal.sv
hierarchy -check -top fp32_from_scaled_formal; proc -norom; flatten; opt -full; opt_clean
sat -verify -prove $3 0 fp32_from_scaled_formal
YS
  if yosys -q -l "$work/log" -s "$work/p.ys" > "$work/out" 2>&1; then echo proven
  elif grep -q 'proof did fail' "$work/log" "$work/out"; then echo refuted
  else cat "$work/out" >&2; echo error; fi
}

broken() {  # broken FILE SED_EXPRESSION: a copy of the parts with one change
  rm -rf "$work/parts"; cp -r "$parts" "$work/parts"
  sed -i "$2" "$work/parts/$1"
  cmp -s "$parts/$1" "$work/parts/$1" && fail "the deliberate break of $1 changed nothing"
  [ "$(prove "$work/parts" 13 trigger_o)" = refuted ] || fail "not noticed: $1 with $2"
}

for width in 12 13 14; do
  [ "$(prove "$parts" "$width" trigger_o)" = proven ] || fail "a sum of $width bits loses a bit"
  [ "$(prove "$parts" "$width" checked_o)" = refuted ] || fail "the proof at $width bits compares nothing"
  echo "fp32_from_scaled holds every product of a $width-bit sum and two scales"
done
broken fp32_from_scaled.sv 's/MagWidth = Width + 7/MagWidth = Width + 6/'
broken fp32_from_scaled.sv "s/normalised\[MagWidth-2:0\], {(24-MagWidth)/normalised[MagWidth-2:1], {(25-MagWidth)/"
broken fp32_from_scaled.sv \
  "s/logic \[7:0\] biased/logic [6:0] biased/; s/8'(/7'(/g; s/{negative, biased/{negative, 1'b0, biased/"
broken normalise.sv 's/k < CountWidth; k++/k < CountWidth - 1; k++/'
echo "formal: 3 proofs, 4 broken copies refuted, $SECONDS s"
