#!/usr/bin/env bash
# Everything that starts a tool works from a clone in a folder called `a b`, with a cache and results in folders like
# it. The clone is configured there by bootstrap.sh, and the rules that write and compile paths run; the rest is not
# compiled again: subbyte_in_a_blank is the program of this build with the clone as its source folder.
set -euo pipefail
root=${SUBBYTE_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${SUBBYTE_BINARY_DIR:-$root/build}
subbyte=$build/tests/subbyte_in_a_blank
clone="$build/tests/a b/subbyte"
work=$(mktemp -d "${TMPDIR:-/tmp}/subbyte a b.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

# step NAME PATTERN COMMAND... checks that the command ends well and prints a line with the pattern.
step() {
  local name=$1 pattern=$2 start=$SECONDS
  shift 2
  if ! "$@" > "$work/$name.log" 2>&1; then
    echo "FAILED $name: status other than 0"
  elif ! grep -qE -- "$pattern" "$work/$name.log"; then
    echo "FAILED $name: no '$pattern'"
  else
    echo "$name works ($((SECONDS - start)) s)"
    return
  fi
  tail -15 "$work/$name.log"
  failed=1
}

rm -rf "$clone"
refused=$("$subbyte" synth --unit group_dequant 2>&1 || true)
[[ $refused == *"$clone"* ]] || { echo "FAILED: $subbyte does not look for $clone: $refused"; exit 1; }
mkdir -p "$clone"
cp -r "$root"/{bootstrap.sh,CMakeLists.txt,configs,docs,kernels,models,quant,reports,rtl,sim,testbenches,tests} "$clone"

# bootstrap.sh runs in the clone, with a ninja that makes of the program only the two files in which paths stand.
mkdir "$work/programs"
cat > "$work/programs/ninja" <<STUB
#!/usr/bin/env bash
[ "\${!#}" = subbyte ] || exec "$(command -v ninja)" "\$@"  # it is cmake that asks
cd "\$2"
for made in sim/synthesis/synthesis_engine.cpp sim/base/CMakeFiles/subbyte_base.dir/paths.cpp.o; do
  # Only its own command is run, without those of what it waits for.
  (eval "\$("$(command -v ninja)" -t commands "\$made" | tail -1)")
done
STUB
printf '#!/bin/sh\necho install ok installed\n' > "$work/programs/dpkg-query"
chmod +x "$work"/programs/*
step bootstrap 'building subbyte' env PATH="$work/programs:$PATH" BUILD_DIR="$work/build" JOBS=2 \
  "$clone/bootstrap.sh" build
for made in synthesis/synthesis_engine.cpp base/CMakeFiles/subbyte_base.dir/paths.cpp.o; do
  [ -s "$work/build/sim/$made" ] || { echo "FAILED bootstrap: no $made"; failed=1; }
done

export SUBBYTE_CACHE="$work/the cache"
point=(--unit group_dequant --params mantissa_width=9)
step verify-with-waves "gtkwave '" "$subbyte" verify "${point[@]}" --format int4 --cases 40 --stalls 30 \
  --waves="$work/the waves"
step synth 'gate equivalents|GE' "$subbyte" synth "${point[@]}" --out "$work/the netlists"
step synth-check 'proven' "$subbyte" synth "${point[@]}" --check
step synth-sta 'sta' "$subbyte" synth "${point[@]}" --sta
step energy 'energy' "$subbyte" energy "${point[@]}" --format int4
step export 'netlist' "$subbyte" export "${point[@]}" --format int4 --cases 20 --netlist --out "$work/the export" --json

step export-make 'PASS' make -C "$work/the export" all icarus

# The four tools run on a library of one's own.
sed 's/^library *(.*)/library (own)/' /usr/share/qflow/tech/osu018/osu018_stdcells.lib > "$work/own cells.lib"
step own-library 'own' "$subbyte" synth --unit ternary2_unpack --liberty "$work/own cells.lib"

cat > "$work/the design.yaml" <<DESIGN
$(sed -e 's/rows: .*/rows: 1/; s/cols: .*/cols: 2/' "$clone/configs/designs/int8-8x8.yaml")
DESIGN
step simulate '^equal' "$subbyte" simulate --format int8 --design "$work/the design.yaml" --tokens 1 --engine golden,rtl

[ "$failed" = 0 ] && echo "a clone in a folder with a blank works, $SECONDS s"
exit "$failed"
