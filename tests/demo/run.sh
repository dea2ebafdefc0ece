#!/usr/bin/env bash
# The main job on the embedded trained model: quantize in six formats, simulate a layer in every engine, verify, synthesise, energy, sweep, report.
#   tests/demo/run.sh [BUILD_DIR] [OUT_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
subbyte=${1:-build}/subbyte
out=${2:-out/demo}
formats=(int8 int6 int4 int4-asym bitmod-fp4 bitmod-fp3)
layer=model.layers.0.self_attn.q_proj
mkdir -p "$out"
start=$SECONDS
step() { printf '\n== [%3d s] %s\n' $((SECONDS - start)) "$*"; }

# Beside them in the survey: what the field compares with.
others=(mxfp8-e4m3 mxfp6-e2m3 mxint8 nvfp4 four-over-six razer nvint4 mxfp4 nf4 flint4 nested8:view=4 nested8:view=3 ternary-5in8:rule=mse sherry:rule=weighted)

step "1/7 quantize every linear layer of the embedded model in ${#formats[@]} formats; the loss of these and ${#others[@]} more"
for format in "${formats[@]}"; do
  "$subbyte" quantize --model embedded --format "$format" --out "$out/$format.safetensors" --record "$out/quantize-$format.json" 2> /dev/null | tail -1
done
"$subbyte" survey --format "$(IFS=,; echo "${formats[*]},${others[*]}")" --record "$out/survey.json" --plot "$out/formats.svg" 2> /dev/null

step "2/7 simulate $layer in three engines (golden kernel, SystemC model, Verilated RTL), 16 tokens"
echo "(the first run builds the Verilated 8 x 8 tile, once plain and once with a waveform: a minute or two)"
for format in "${formats[@]}"; do
  echo "$format"
  waves=(); [ "$format" = bitmod-fp4 ] && waves=(--waves "$out/waves")
  "$subbyte" simulate --weights "$out/$format.safetensors" --model embedded --layer "$layer" --tokens 16 --engine golden,fast,systemc,rtl \
    --record "$out/simulate-$format.json" "${waves[@]}" | grep -E '^equal|^  cycles_per_token|differ|waves|\.fst|\.gtkw' || { echo "engines differ"; exit 1; }
done

step "3/7 verify the units on random stimuli, illegal codes and stalls (400 cases per unit for bitmod-fp4)"
"$subbyte" verify --unit all --format bitmod-fp4 --cases 400 --seed 1

step "4/7 synthesise the PE tile and the FP16 baseline"
"$subbyte" synth --out "$out/synth" > "$out/synth.txt"
sed -n '1,2p' "$out/synth.txt"; sed -n '/^Area per MAC/,$p' "$out/synth.txt" | cut -c1-160

step "5/7 energy of a 2 x 2 tile: transitions of the mapped netlist under the packed weights; then the time (no energy) of every layer of the model on the design"
echo "(zero delay: glitches are not in it; the 8 x 8 tile takes less per MAC, because more elements share its scale path, its term encoders and its control;"
echo " energy of layers on the design: subbyte simulate --layers all --energy, a minute or more per format)"
for format in "${formats[@]}"; do
  "$subbyte" energy --unit bitserial_tile --params rows=2,cols=2 --format "$format" --record "$out/energy-$format.json" > "$out/energy-$format.txt" 2> /dev/null
  printf '%-12s' "$format"; grep -E '^  energy per mac  ' "$out/energy-$format.txt"
done
"$subbyte" energy --unit fp16_mac_tile --params rows=2,cols=2 --record "$out/energy-fp16.json" > "$out/energy-fp16.txt" 2> /dev/null
printf '%-12s' "FP16 tile"; grep -E '^  energy per mac  ' "$out/energy-fp16.txt"
for format in int8 bitmod-fp4; do
  "$subbyte" simulate --weights "$out/$format.safetensors" --layers all --record "$out/layers-$format.json" > /dev/null 2>&1
done

step "6/7 sweep formats x tile shapes"
"$subbyte" sweep configs/sweeps/formats-by-tile.yaml --out "$out/sweep" > "$out/sweep.txt" 2> "$out/sweep.log"
cat "$out/sweep.txt"

step "7/7 report"
"$subbyte" report "$out"/sweep/*.json "$out"/survey.json "$out"/energy-*.json "$out"/layers-*.json "$out"/simulate-*.json "$out"/synth/record.json \
  "$out"/quantize-*.json \
  --title "Subbyte demo: one trained model, six formats" --out "$out/report.html"

step "done: what each format costs"
echo "Whole model: packed bytes, bits per weight, SQNR of the weights, loss above the unquantized model (weights only). Layer $layer, 16 tokens, design bitmod-8x8: SQNR of its output,"
echo "cycles per token (golden = SystemC = RTL), time at 50 MHz. mm² x cycles per token: the sweep's gate_proj layer on the 8 x 8 tile."
python3 tests/demo/summary.py "$out" "${formats[@]}"
cat <<EOF

report          $out/report.html
packed weights  $out/FORMAT.safetensors   (${formats[*]})
plot            $out/formats.svg   (loss against bits per weight)
waveform        $(ls "$out"/waves/*.gtkw | head -1)   (gtkwave opens it)
EOF
