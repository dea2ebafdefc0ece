#!/usr/bin/env bash
# Proves by Yosys (sat) that the term encoder gives the generated table of every format, that combinational units give
# the table of their golden function, and that every stream keeps the handshake. Every proof is also run on a unit that
# is broken on purpose, where it must fail, and its checks must be reachable. Units, parameter points and widths are
# those of `subbyte units --json`, so that a new unit needs no line here.
#   tests/formal/formal_check.sh [UNIT...]   proves these units alone
set -euo pipefail
root=${SUBBYTE_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
all=$(mktemp -d)
trap 'rm -rf "$all"' EXIT
work=$all  # each of the jobs below has a folder of its own
ln -s "$root" "$all/tree"  # Yosys' scripts cannot quote a blank, so the tree is read through a path without one
root=$all/tree

# `yosys FILE.ys` gives the status of the last `sat -verify`; anything but a proof or a refutation is an error of this
# script.
yosys_says() {
  if yosys -q -l "$work/log" -s "$1" > "$work/out" 2>&1; then echo proven
  elif grep -q 'proof did fail\|proof finished\|reached maximum number' "$work/log" "$work/out"; then echo refuted
  else cat "$work/out" >&2; echo error; fi
}

# These commands of Yosys make one flat module of whatever was read, with what the proofs need besides.
flat='proc -norom; setattr -mod -unset keep_hierarchy *; flatten'
flat_memory="$flat; opt -full; memory_map; opt_clean"

fail() { echo "formal: $*" >&2; exit 1; }
proved() { echo "$*" | tee -a "$all/proofs"; }

# read_rtl RTL_DIR prints the command that reads $unit and the modules that it names, at any depth.
read_rtl() { echo "read_verilog -sv -formal $(sed "s|^|$1/|" "$all/sources.$unit" | tr '\n' ' ')"; }
# read_encoder RTL_DIR REF DEFINES... prints commands that read the encoder, its reference and its harness, and flatten.
read_encoder() {
  local unit=term_encoder
  read_rtl "$1"
  echo "read_verilog -sv -DREF=$2 ${3:-} $root/rtl/generated/$2.sv $root/tests/formal/term_encoder_formal.sv"
  echo "hierarchy -check -top term_encoder_formal; $flat_memory"
}
units=$(sed -n 's/^SUBBYTE_UNIT(\([a-z0-9_]*\)).*/\1/p' "$root/kernels/units.def")
only=$*

# Two files have a line per proof: $all/streams has UNIT IN_BITS OUT_BITS PARAMS [-DHAS_CONFIG], and $all/combinational
# has UNIT ELEMENTS IN OUT FLAG bits.
catalogue() {
  "${SUBBYTE:-$root/build/subbyte}" units --json | python3 -c '
import json, re, sys
from pathlib import Path
all, rtl, only = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
folders = (rtl / "search_path.txt").read_text().split()
files = {path.stem: path for folder in folders for path in (rtl / folder).glob("*.sv")}
words = {stem: set(re.findall(r"\w+", re.sub("//.*", "", path.read_text()))) & files.keys()
         for stem, path in files.items()}
def sources(unit):
    needed, new = set(), {unit}
    while new:
        needed |= new
        new = set().union(*(words[stem] for stem in new)) - needed
    return needed
streams, combinational = open(f"{all}/streams", "w"), open(f"{all}/combinational", "w")
for unit in json.load(sys.stdin)["units"]:
    with open(f"{all}/sources." + unit["name"], "w") as listed:
        print(*sorted(str(files[stem].relative_to(rtl)) for stem in sources(unit["name"])), sep="\n", file=listed)
    if only and unit["name"] not in only:
        continue
    params = ",".join(".%s(%d)" % (p["rtl_name"], unit["small_point"][p["name"]]) for p in unit["parameters"])
    beats, element = unit["beats"], unit.get("element")
    config = "-DHAS_CONFIG" if unit["has_config"] else ""
    print(unit["name"], beats["input_bits"], beats["output_bits"], params, config, file=streams)
    if element:
        fields = element["output_fields"] + [0]
        assert len(fields) <= 3, unit["name"] + ": the harness knows two output fields"
        print(unit["name"], element["count"], element["input_bits"], fields[0], fields[1], file=combinational)
' "$all" "$root/rtl" $only || fail "no catalogue from subbyte units --json"
  [ -n "$only" ] || [ "$(wc -l < "$all/streams")" -eq "$(wc -w <<< "$units")" ] ||
    fail "the program has other units than units.def"
}

# Makes a copy of the RTL with one change, for the refutations.
broken_rtl() {  # broken_rtl FILE SED_EXPRESSION
  rm -rf "$work/broken"; cp -r "$root/rtl" "$work/broken"
  sed -i "$2" "$work/broken/$1"
  cmp -s "$root/rtl/$1" "$work/broken/$1" && fail "the deliberate break of $1 changed nothing"
  echo "$work/broken"
}

# ---- the term encoder, format by format: reset, 21 writes, then as many free cycles as any term needs ----
encoder_steps() {  # formats with a table check from step 23 on, and integers (one write) from step 3 on
  case $1 in terms_int*) echo "-maxsteps 10 -seq 2" ;; *) echo "-maxsteps 28 -seq 22" ;; esac
}
prove_encoder() {  # prove_encoder RTL REF EXTRA_DEFINES -> proven|refuted
  { read_encoder "$1" "$2" "${3:-}"
    echo "sat -verify -prove trigger_o 0 -tempinduct-baseonly $(encoder_steps "$2") term_encoder_formal"
  } > "$work/p.ys"
  yosys_says "$work/p.ys"
}
reach_encoder() {  # some term is compared, so proving that there is none must fail
  { read_encoder "$root/rtl" "$1" "${2:-}"
    echo "sat -verify -prove checked_o 0 -tempinduct-baseonly $(encoder_steps "$1") term_encoder_formal"
  } > "$work/p.ys"
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
  [ "$(prove_encoder "$root/rtl" terms_bitmod_fp4 -DRESET_PROGRAM)" = proven ] ||
    fail "the reset program is not bitmod-fp4"
  proved "the reset program is that of bitmod-fp4"

  broken=$(broken_rtl codes/term_decode.sv "s/(window == 3'b011)/(window == 3'b010)/")
  [ "$(prove_encoder "$broken" terms_int8)" = refuted ] || fail "a broken Booth digit was not noticed"
  broken=$(broken_rtl codes/term_decode.sv 's/has_special_i \&\& /1'"'"'b0 \&\& /')
  [ "$(prove_encoder "$broken" terms_bitmod_fp3)" = refuted ] || fail "a lost special value was not noticed"
  echo "broken encoders are refuted"
}

# ---- combinational units: every element of the output equals the golden function's table, for all input beats at once
# A proof must notice these changes, as UNIT FILE SED_EXPRESSION. A unit without one here is broken by Yosys' `mutate`.
breaks='ternary34_unpack codes/ternary34_decode.sv s/place\[1\] ? third : second/second/
ternary34_pack codes/ternary34_encode.sv s/ | (odd_high & both_low)//
ternary5_unpack codes/ternary5_decode.sv s/{2.b00, fraction}/{2'"'"'b00, fraction[7:1], 1'"'"'b0}/
ternary2_unpack ternary2_unpack.sv s/(in_data_i\[2\*i+1\] | in_data_i\[2\*i\])/in_data_i[2*i+1]/'
prove_combinational() {  # prove_combinational SIGNAL UNIT_COMMANDS -> proven|refuted, of $unit
  { echo "$2"
    echo "read_verilog -sv -DUNIT=$unit -DTABLE=table_$unit -DELEMENTS=$elements" \
         "-DIN_BITS=$in -DOUT_BITS=$out -DFLAG_BITS=$flag" \
         "$root/rtl/generated/table_$unit.sv $root/tests/formal/combinational_formal.sv"
    echo "hierarchy -check -top combinational_formal; $flat_memory"
    echo "sat -verify -prove $1 0 combinational_formal"; } > "$work/p.ys"
  yosys_says "$work/p.ys"
}
broken_combinational() {  # -> refuted when some mutant is, or the change in the list
  local file change mutant
  read -r _ file change <<< "$(grep "^$unit " <<< "$breaks" || true)"
  if [ -n "$file" ]; then
    prove_combinational trigger_o "$(read_rtl "$(broken_rtl "$file" "$change")")"
    return
  fi
  { read_rtl "$root/rtl"
    echo "hierarchy -check -top $unit; $flat; opt -full; opt_clean; write_rtlil $work/unit.il"
    echo "mutate -list 8 -seed 1 -o $work/mutants $unit"; } > "$work/m.ys"
  yosys -q "$work/m.ys" || return 0
  while read -r mutant; do
    [ "$(prove_combinational trigger_o "read_rtlil $work/unit.il
$mutant")" = refuted ] && { echo refuted; return; }
  done < "$work/mutants"
}
combinational_units() {
  local proven=0
  while read -r unit elements in out flag; do
    [ -f "$root/rtl/generated/table_$unit.sv" ] ||
      fail "$unit has no table (SUBBYTE_UPDATE=1 term_encoder_test writes it)"
    [ "$(prove_combinational trigger_o "$(read_rtl "$root/rtl")")" = proven ] || fail "$unit differs from its table"
    [ "$(prove_combinational checked_o "$(read_rtl "$root/rtl")")" = refuted ] ||
      fail "the proof of $unit compares nothing"
    [ "$(broken_combinational)" = refuted ] || fail "a broken $unit was not noticed"
    proved "$unit = table_$unit for every input; broken, it is refuted"
    proven=$((proven + 1))
  done < "$all/combinational"
  [ -n "$only" ] || [ "$proven" -eq "$(ls "$root"/rtl/generated/table_*.sv | wc -l)" ] || fail "a table has no proof"
}

# ---- the handshake of every unit at its small point, by induction over any number of cycles ----
# stream_says RTL SIGNAL METHOD DEFINE -> proven|refuted, of $unit with $in, $out, $params, $config
stream_says() {
  { read_rtl "$1"
    echo "read_verilog -sv -DUNIT=$unit -DIN_BITS=$in -DOUT_BITS=$out -DPARAMS=$params $config $4" \
         "$root/tests/formal/stream_formal.sv"
    echo "hierarchy -check -top stream_formal; $flat_memory"
    echo "sat -verify -prove $2 0 $3 stream_formal"; } > "$work/p.ys"
  yosys_says "$work/p.ys"
}
valid_free_of_ready() {  # out_valid must not depend on out_ready within a cycle
  { read_rtl "$root/rtl"
    echo "chparam $(sed 's/\.\([A-Za-z0-9]*\)(\([0-9]*\)),*/-set \1 \2 /g' <<< "$params") $unit"
    echo "hierarchy -check -top $unit; $flat; opt_clean"
    # Through registers as well, the selection must find the dependence that is there, because a unit that is held back
    # stops its input.
    echo 'select -assert-any o:in_ready_o %ci* i:out_ready_i %i'
    echo 'select -assert-none o:out_valid_o %cie*:-$dff,$sdff,$dffe,$sdffe,$sdffce i:out_ready_i %i'; } > "$work/p.ys"
  yosys -q "$work/p.ys"
}
handshake() {  # handshake UNIT IN OUT PARAMS [CONFIG]
  local start=$SECONDS
  work=$(mktemp -d "$all/XXXXXX")
  unit=$1 in=$2 out=$3 params=$4 config=${5:-}
  [ "$(stream_says "$root/rtl" trigger_o '-tempinduct -maxsteps 6' '')" = proven ] ||
    fail "$unit does not hold a waiting beat"
  [ "$(stream_says "$root/rtl" checked_o '-tempinduct-baseonly -maxsteps 60' -DREACH)" = refuted ] ||
    fail "the handshake proof of $unit never sees a waiting beat"
  [ "$(stream_says "$root/rtl" trigger_o '-tempinduct-baseonly -maxsteps 60' -DDEAF)" = refuted ] ||
    fail "$unit loses beats when it is not told to wait, and the proof does not notice"
  valid_free_of_ready || fail "$unit: out_valid_o depends on out_ready_i"
  local seconds=$((SECONDS - start))
  proved "$unit holds a waiting beat (deaf to ready, it is refuted); its valid does not depend on ready ($seconds s)"
}
broken_handshake() {  # a change of the RTL itself
  work=$(mktemp -d "$all/XXXXXX")
  unit=group_dequant in=38 out=33 params='.MantissaWidth(12)' config=''
  broken=$(broken_rtl group_dequant.sv 's/!out_valid_q || out_ready_i/1'"'"'b1/')
  [ "$(stream_says "$broken" trigger_o '-tempinduct -maxsteps 6' '')" = refuted ] ||
    fail "an overwritten output beat was not noticed"
}

# ---- two jobs at a time ----
wait_for_a_slot() { while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do wait -n || touch "$all/failed"; done; }
part() { work=$all/$1; mkdir "$work"; "$1"; }
catalogue
if [ -z "$only" ]; then part encoders & fi
wait_for_a_slot 2
part combinational_units &
while read -r line; do
  wait_for_a_slot 2
  handshake $line &
done < "$all/streams"
wait_for_a_slot 2
broken_handshake &
wait_for_a_slot 1
for job in $(jobs -p); do wait "$job" || touch "$all/failed"; done
[ ! -e "$all/failed" ] || exit 1
proofs=$(wc -l < "$all/proofs")
expected=$(($(wc -l < "$all/streams") + $(wc -l < "$all/combinational")))
# Of the tables of terms, terms_booth has no proof, and the reset program has one more.
[ -n "$only" ] || expected=$((expected + $(ls "$root"/rtl/generated/terms_*.sv | wc -l)))
[ "$proofs" -eq "$expected" ] || fail "$proofs proofs were made, expected $expected"
echo "formal: $proofs proofs in $SECONDS s"
