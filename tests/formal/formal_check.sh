#!/usr/bin/env bash
# Proofs by Yosys (sat): the term encoder against the generated table of every format, combinational units against the table of
# their golden function, and the handshake of every stream.
# Every proof is also run on a unit broken on purpose, where it must fail, and its checks must be reachable.
set -euo pipefail
root=${SUBBYTE_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
all=$(mktemp -d)
trap 'rm -rf "$all"' EXIT
work=$all  # each of the two jobs below has a folder of its own

# yosys FILE.ys -> status of the last `sat -verify`; anything but a proof or a refutation is an error of this script.
yosys_says() {
  if yosys -q -l "$work/log" -s "$1" > "$work/out" 2>&1; then echo proven
  elif grep -q 'proof did fail\|proof finished\|reached maximum number' "$work/log" "$work/out"; then echo refuted
  else cat "$work/out" >&2; echo error; fi
}

fail() { echo "formal: $*" >&2; exit 1; }
proved() { echo "$*" | tee -a "$all/proofs"; }

# read_unit RTL_DIR HARNESS DEFINES...: commands that read the RTL and flatten the harness.
read_unit() {
  local rtl=$1 harness=$2; shift 2
  local sources; sources=$(ls "$rtl"/generated/*.sv "$rtl"/parts/*.sv; for unit in $units; do echo "$rtl/$unit.sv"; done)
  echo "read_verilog -sv -formal $* $(echo $sources) $root/tests/formal/$harness.sv"
  echo "hierarchy -check -top $harness; proc -norom; flatten; opt -full; memory_map; opt_clean"
}
units=$(sed -n 's/^SUBBYTE_UNIT(\([a-z0-9_]*\)).*/\1/p' "$root/kernels/units.def")

# A copy of the RTL with one change, for the refutations.
broken_rtl() {  # broken_rtl FILE SED_EXPRESSION
  rm -rf "$work/broken"; cp -r "$root/rtl" "$work/broken"
  sed -i "$2" "$work/broken/$1"
  cmp -s "$root/rtl/$1" "$work/broken/$1" && fail "the deliberate break of $1 changed nothing"
  echo "$work/broken"
}

# ---- the term encoder, format by format: reset, 21 writes, then as many free cycles as any term needs ----
encoder_steps() {  # table formats check from step 23 on, integers (one write) from step 3 on
  case $1 in terms_int*) echo "-maxsteps 10 -seq 2" ;; *) echo "-maxsteps 28 -seq 22" ;; esac
}
prove_encoder() {  # prove_encoder RTL REF EXTRA_DEFINES -> proven|refuted
  { read_unit "$1" term_encoder_formal "-DREF=$2" ${3:-}
    echo "sat -verify -prove trigger_o 0 -tempinduct-baseonly $(encoder_steps "$2") term_encoder_formal"; } > "$work/p.ys"
  yosys_says "$work/p.ys"
}
reach_encoder() {  # some compared term exists: proving that there is none must fail
  { read_unit "$root/rtl" term_encoder_formal "-DREF=$1" ${2:-}
    echo "sat -verify -prove checked_o 0 -tempinduct-baseonly $(encoder_steps "$1") term_encoder_formal"; } > "$work/p.ys"
  yosys_says "$work/p.ys"
}

encoders() {
  for table in "$root"/rtl/generated/terms_*.sv; do
    ref=$(basename "$table" .sv)
    [ "$ref" = terms_booth ] && continue
    [ "$(prove_encoder "$root/rtl" "$ref")" = proven ] || fail "term_encoder differs from $ref"
    [ "$(reach_encoder "$ref")" = refuted ] || fail "the proof of $ref compares nothing"
    proved "term_encoder = $ref for all legal codes, selectors and zeros"
  done
  [ "$(prove_encoder "$root/rtl" terms_bitmod_fp4 -DRESET_PROGRAM)" = proven ] || fail "the reset program is not bitmod-fp4"
  proved "the reset program is that of bitmod-fp4"

  broken=$(broken_rtl parts/term_decode.sv "s/(window == 3'b011)/(window == 3'b010)/")
  [ "$(prove_encoder "$broken" terms_int8)" = refuted ] || fail "a broken Booth digit was not noticed"
  broken=$(broken_rtl parts/term_decode.sv 's/has_special_i \&\& /1'"'"'b0 \&\& /')
  [ "$(prove_encoder "$broken" terms_bitmod_fp3)" = refuted ] || fail "a lost special value was not noticed"
  echo "broken encoders are refuted"
}

# ---- combinational units: every element of the output equals the golden function's table, for every input beat at once ----
# UNIT ELEMENTS BITS_IN BITS_OUT BITS_OF_A_SECOND_FIELD, then the file and the change that break it
combinational='ternary34_unpack 8 5 8 0 parts/ternary34_decode.sv s/place\[1\] ? third : second/second/
ternary34_pack 8 8 5 1 parts/ternary34_encode.sv s/ | (odd_high & both_low)//
ternary5_unpack 8 8 10 0 parts/ternary5_decode.sv s/{2.b00, fraction}/{2'"'"'b00, fraction[7:1], 1'"'"'b0}/
ternary2_unpack 32 2 2 0 ternary2_unpack.sv s/(in_data_i\[2\*i+1\] | in_data_i\[2\*i\])/in_data_i[2*i+1]/'
prove_combinational() {  # prove_combinational RTL SIGNAL UNIT ELEMENTS IN OUT FLAG -> proven|refuted
  { read_unit "$1" combinational_formal "-DUNIT=$3" "-DTABLE=table_$3" "-DELEMENTS=$4" "-DIN_BITS=$5" "-DOUT_BITS=$6" "-DFLAG_BITS=$7"
    echo "sat -verify -prove $2 0 combinational_formal"; } > "$work/p.ys"
  yosys_says "$work/p.ys"
}
combinational_units() {
  while read -r unit elements in out flag file change; do
    [ "$(prove_combinational "$root/rtl" trigger_o "$unit" "$elements" "$in" "$out" "$flag")" = proven ] || fail "$unit differs from its table"
    [ "$(prove_combinational "$root/rtl" checked_o "$unit" "$elements" "$in" "$out" "$flag")" = refuted ] || fail "the proof of $unit compares nothing"
    broken=$(broken_rtl "$file" "$change")
    [ "$(prove_combinational "$broken" trigger_o "$unit" "$elements" "$in" "$out" "$flag")" = refuted ] || fail "a broken $unit was not noticed"
    proved "$unit = table_$unit for every input; broken, it is refuted"
  done <<< "$combinational"
  [ "$(wc -l <<< "$combinational")" -eq "$(ls "$root"/rtl/generated/table_*.sv | wc -l)" ] || fail "a table has no proof"
}

# ---- the handshake of every stream, by induction over any number of cycles ----
# UNIT IN_BITS OUT_BITS PARAMS [DEFINES]
streams='term_encoder 52 11 .Lanes(2),.Cols(1) -DHAS_CONFIG
bitserial_pe 64 22 .Lanes(3),.AlignBits(2),.AccWidth(12)
group_dequant 38 33 .MantissaWidth(12)
column_accumulator 66 32 .Rows(2),.ProductWidth(23)
bitserial_tile 125 32 .Rows(1),.Cols(1),.Lanes(1),.AlignBits(2),.AccWidth(8) -DHAS_CONFIG
ternary34_unpack 10 16 .Groups(2)
ternary34_pack 16 12 .Groups(2)
ternary5_unpack 16 20 .Bytes(2)
ternary2_unpack 8 8 .Codes(4)'

stream_script() {  # stream_script RTL PROVEN_SIGNAL UNIT IN OUT PARAMS DEFINES -> script
  local rtl=$1 signal=$2; shift 2
  read_unit "$rtl" stream_formal "-DUNIT=$1" "-DIN_BITS=$2" "-DOUT_BITS=$3" "-DPARAMS=$4" ${5:-}
  echo "sat -verify -prove $signal 0 $method"
}
valid_free_of_ready() {  # out_valid must not depend on out_ready within a cycle
  { read_unit "$root/rtl" "$1" > /dev/null
    echo "read_verilog -sv $(ls "$root"/rtl/generated/term_encoder_reset.sv "$root"/rtl/parts/*.sv | tr '\n' ' ') $(for unit in $units; do printf '%s ' "$root/rtl/$unit.sv"; done)"
    echo "hierarchy -check -top $1; proc -norom; flatten; opt_clean"
    # The same selection must find the dependence that is there: ready of the input on ready of the output.
    echo 'select -assert-any o:in_ready_o %cie*:-$dff,$sdff,$dffe,$sdffe,$sdffce i:out_ready_i %i'
    echo 'select -assert-none o:out_valid_o %cie*:-$dff,$sdff,$dffe,$sdffe,$sdffce i:out_ready_i %i'; } > "$work/p.ys"
  yosys -q "$work/p.ys"
}
handshakes() {
  while read -r unit in out params defines; do
    method='-tempinduct -maxsteps 6'
    stream_script "$root/rtl" trigger_o "$unit" "$in" "$out" "$params" "${defines:-}" > "$work/p.ys"
    [ "$(yosys_says "$work/p.ys")" = proven ] || fail "$unit does not hold a waiting beat"
    method='-tempinduct-baseonly -maxsteps 40'
    stream_script "$root/rtl" checked_o "$unit" "$in" "$out" "$params" "${defines:-}" > "$work/p.ys"
    [ "$(yosys_says "$work/p.ys")" = refuted ] || fail "the handshake proof of $unit never sees a waiting beat"
    valid_free_of_ready "$unit" || fail "$unit: out_valid_o depends on out_ready_i"
    proved "$unit holds a waiting beat; its valid does not depend on ready"
  done <<< "$streams"
  broken=$(broken_rtl group_dequant.sv 's/!out_valid_q || out_ready_i/1'"'"'b1/')
  method='-tempinduct -maxsteps 6'
  stream_script "$broken" trigger_o group_dequant 38 33 '.MantissaWidth(12)' '' > "$work/p.ys"
  [ "$(yosys_says "$work/p.ys")" = refuted ] || fail "an overwritten output beat was not noticed"
  [ "$(wc -l <<< "$streams")" -eq "$(wc -w <<< "$units")" ] || fail "a unit of the catalogue has no handshake proof"
}

job() { work=$all/$1; mkdir "$work"; for part in "$@"; do "$part"; done; }
job encoders combinational_units & first=$!
job handshakes & second=$!
failed=0
wait "$first" || failed=1
wait "$second" || failed=1
[ "$failed" -eq 0 ] || exit 1
proofs=$(wc -l < "$all/proofs")
[ "$proofs" -ge 23 ] || fail "only $proofs proofs were made"
echo "formal: $proofs proofs in $SECONDS s"
