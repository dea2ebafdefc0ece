#!/usr/bin/env bash
# Does the main job on the embedded trained model. What a person wants first comes first: what each format costs in
# accuracy and bytes. Then come cycles, silicon and energy of the same bits, a proof that RTL and kernel agree, and a
# report.
#   tests/demo/run.sh [BUILD_DIR] [OUT_DIR]
set -euo pipefail
cd "$(dirname "$0")/../.."
subbyte=${1:-build}/subbyte
out=${2:-out/demo}
formats=(int8 int6 int4 int4-asym bitmod-fp4 bitmod-fp3)
# These are beside them in the table of the survey, because the field compares with them.
others=(mxfp8-e4m3 mxfp6-e2m3 mxint8 nvfp4 four-over-six razer nvint4 mxfp4 nf4 flint4 nested8:view=4 nested8:view=3
        ternary-5in8:rule=mse sherry:rule=weighted)
layer=model.layers.0.self_attn.q_proj
mkdir -p "$out"

start=$SECONDS step_start=$SECONDS
# step NUMBER "WHAT" "HOW LONG IT TAKES" closes the step before with the time that it took.
took() { printf '   (that took %d s)\n' $((SECONDS - step_start)); }
step() {
  [ "$1" = 1 ] || took
  step_start=$SECONDS
  printf '\n== %s/7 %s (about %s)\n' "$1" "$2" "$3"
}
list() { local IFS=,; echo "$*"; }

step 1 "What does a format cost in accuracy and bytes? ${#formats[@]} formats and ${#others[@]} others on the model" \
  "15 s"
"$subbyte" survey --format "$(list "${formats[@]}" "${others[@]}")" --record "$out/survey.json" \
  --plot "$out/formats.svg" 2> /dev/null
for format in "${formats[@]}"; do
  "$subbyte" quantize --model embedded --format "$format" --out "$out/$format.safetensors" \
    --record "$out/quantize-$format.json" > /dev/null 2>&1
done
echo "The packed weights lie in $out/FORMAT.safetensors; everything below runs on these bits."

step 2 "How many cycles? $layer, 16 tokens, in four engines; the 8 x 8 tile is compiled once" "40 s"
for format in "${formats[@]}"; do
  printf '%-11s' "$format"
  "$subbyte" simulate --weights "$out/$format.safetensors" --model embedded --layer "$layer" --tokens 16 \
    --engine golden,fast,systemc,rtl --record "$out/simulate-$format.json" |
    grep -E '^equal|differ' || { echo "the engines differ"; exit 1; }
done

step 3 "What does it cost in silicon? Formats on three tile shapes, mapped to the osu018 library" "45 s"
"$subbyte" sweep configs/sweeps/formats-by-tile.yaml --out "$out/sweep" > "$out/sweep.txt" 2> "$out/sweep.log"
cat "$out/sweep.txt"

step 4 "And in energy? Transitions of a mapped 2 x 2 tile under the packed weights, beside an FP16 tile" "3 min"
for format in "${formats[@]}"; do
  printf '%-11s' "$format"
  "$subbyte" energy --unit bitserial_tile --params rows=2,cols=2 --format "$format" \
    --record "$out/energy-$format.json" 2> /dev/null | grep -E '^  energy per mac  '
done
printf '%-11s' "FP16 tile"
"$subbyte" energy --unit fp16_mac_tile --params rows=2,cols=2 --record "$out/energy-fp16.json" 2> /dev/null |
  grep -E '^  energy per mac  '
cat <<EOF
Glitches are in these figures; an 8 x 8 tile takes less per multiply-accumulate, because more elements share its scale
path, its term encoders and its control.
EOF
echo "The whole model on a 4 x 4 tile with its buffers and DRAM, which is what the report chooses by:"
for format in "${formats[@]}"; do
  printf '%-11s' "$format"
  "$subbyte" simulate --model embedded --format "$format" --design bitmod-4x4 --layers all --tokens 16 --energy \
    --record "$out/cost-$format.json" 2> /dev/null | sed -n 's/^  energy_per_token  *\(.*\)  \[.*/\1/p'
done

step 5 "Is the RTL right? The processing element on random stimuli, illegal codes and stalls, with a waveform" "10 s"
"$subbyte" verify --unit bitserial_pe --params lanes=4 --format bitmod-fp4 --cases 400 --seed 1 --waves "$out/waves"

step 6 "A whole machine: $layer on a core of 4 x 4 tiles in four engines; its RTL is compiled once" "40 s"
for format in "${formats[@]}"; do
  printf '%-11s' "$format"
  "$subbyte" simulate --weights "$out/$format.safetensors" --model embedded --layer "$layer" --tokens 16 \
    --design bitmod-core-4x4 --engine golden,fast,systemc,rtl --record "$out/core-$format.json" 2> /dev/null |
    sed -n 's/^  cycles  *\([0-9]* cycles\) .*/\1 in SystemC, RTL and fast alike/p' | grep . ||
    { echo "the engines differ"; exit 1; }
done
"$subbyte" sweep configs/sweeps/cores.yaml --out "$out/cores" > "$out/cores.txt" 2> "$out/cores.log"

step 7 "Report" "2 s"
"$subbyte" report "$out"/survey.json "$out"/cost-*.json "$out"/sweep/*.json "$out"/energy-*.json \
  "$out"/simulate-*.json "$out"/quantize-*.json "$out"/core-*.json \
  --title "Subbyte demo: one trained model, six formats" --out "$out/report.html"
took

printf '\n== What each format costs (all figures of this run, %d s)\n' $((SECONDS - start))
cat <<EOF
Of the whole model: packed bytes, bits per weight, the weights' signal-to-noise ratio, loss above the unquantized model.
Of $layer on the design bitmod-8x8, 16 tokens: the output's signal-to-noise ratio,
cycles per token (golden = SystemC = RTL), time at 50 MHz. Of gate_proj on that tile: area x cycles per token.
EOF
python3 tests/demo/summary.py "$out" "${formats[@]}"
cat <<EOF

== A model of seven billion parameters (Llama-2-7B) on whole machines, from its shape
1,024 bit-serial PEs and the published baseline of 768 FP16 units, the same buffers, 32 GB/s, 1 GHz (not checked;
subbyte synth --design maps them). Prefill of 256 tokens, then 256 steps of one token, with attention on a cache of
INT8, and with a vector unit of 32 lanes for what stands between the matrix layers. The FP16 machine decodes all weights
to 16 bits before they are stored.
EOF
python3 tests/demo/machine.py "$out"/cores/cores-*.json
cat <<EOF

report          $out/report.html
packed weights  $out/FORMAT.safetensors   (${formats[*]})
plot            $out/formats.svg   (loss against bits per weight)
waveform        gtkwave "$(ls "$out"/waves/*.gtkw | head -1)"
EOF
