#!/usr/bin/env bash
# Runs the whole of verify again with golden functions and models, and with the tile's parts as Verilated units, all
# built with ASan and UBSan. SUBBYTE_SANITIZE_CASES is the number of cases per unit and format (default 100).
set -euo pipefail
source_dir=${SUBBYTE_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
binary_dir=${SUBBYTE_BINARY_DIR:-$source_dir/build}-sanitize
cases=${SUBBYTE_SANITIZE_CASES:-100}

cmake -S "$source_dir" -B "$binary_dir" -G Ninja -DCMAKE_BUILD_TYPE=Release -DSUBBYTE_SANITIZE=ON \
  > "$binary_dir.log" 2>&1 ||
  { cat "$binary_dir.log"; exit 1; }
ninja -C "$binary_dir" subbyte >> "$binary_dir.log" 2>&1 || { tail -50 "$binary_dir.log"; exit 1; }
# A detector that detects nothing proves nothing, so the build must carry the sanitizers.
grep -q __asan_init "$binary_dir/subbyte" || { echo "build has no AddressSanitizer"; exit 1; }
export SUBBYTE_CACHE="$binary_dir/cache"
"$binary_dir/subbyte" verify --unit all --format all --engine golden,systemc --cases "$cases" --seed 11
# The compiler needs a quarter of an hour for a sanitized Verilated tile, so only the tile's parts are Verilated here.
for unit in term_encoder bitserial_pe group_dequant column_accumulator; do
  "$binary_dir/subbyte" verify --unit "$unit" --format bitmod-fp4 --cases "$cases" --seed 11
done
