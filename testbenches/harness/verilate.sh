#!/bin/bash
# Builds one unit at one parameter point into a shared library with the C entry point of
# testbenches/harness/bench_abi.hpp.
# usage: verilate.sh --unit NAME --root SOURCE_TREE --folder RTL_FOLDER... --top FILE.sv --work FOLDER
#                    [--assertions FILE.sv]... [--waves] [--mutants] [--coverage] [--cflags "FLAGS"]
# FILE.sv of --top holds the module <unit>_bench (bench_top.cpp), which sets the parameters. Modules are looked for in
# the folders in the order given; the first holds the unit. The library is FOLDER/obj/library.so; FOLDER must be there,
# hold nothing but FILE.sv, have a plain path, and is removed by the caller. Prints the tools' output, and exits 1 when
# a step fails.
set -u
waves=0 mutants=0 coverage=0 cflags="" folders=() sources=()
while [ $# -gt 0 ]; do
  case $1 in
    --unit) unit=$2; shift 2 ;;
    --root) root=$2; shift 2 ;;
    --folder) folders+=("$2"); shift 2 ;;
    --work) work=$2; shift 2 ;;
    --top) top=$2; shift 2 ;;
    --assertions) sources+=("$2"); shift 2 ;;
    --cflags) cflags=$2; shift 2 ;;
    --waves) waves=1; shift ;;
    --mutants) mutants=1; shift ;;
    --coverage) coverage=1; shift ;;
    *) echo "verilate.sh: unknown option $1" >&2; exit 2 ;;
  esac
done

# Verilator's makefiles cannot hold a blank: a path with one is seen through a link. Others stay as they are, because
# they stand in the generated code, which the compiler cache then finds again.
seen() {  # seen PATH NAME: prints a path without blanks, quotes and the like
  case $1 in
    *[!A-Za-z0-9_./+-]*) ln -s "$1" "$work/$2"; echo "$work/$2" ;;
    *) echo "$1" ;;
  esac
}

root=$(seen "$root" root)
harness=$root/testbenches/harness
flags=(--cc --exe --prefix "V$unit" -Mdir "$work/obj" -O3 --output-split 15000 --output-split-cfuncs 400
       --x-assign fast --x-initial unique --no-timing --top-module "${unit}_bench" -Wno-lint -Wno-style -Wno-fatal)
for index in "${!folders[@]}"; do
  folders[index]=$(seen "${folders[$index]}" "rtl$index")
  flags+=(-y "${folders[$index]}")
done
linked=("${folders[0]}/$unit.sv" "$(seen "$top" top.sv)")
if [ "$mutants" = 0 ]; then
  flags+=(--assert)
  linked+=("$harness/stream_sva.sv")
  for index in "${!sources[@]}"; do linked+=("$(seen "${sources[$index]}" "assertions$index.sv")"); done
fi
[ "$waves" = 1 ] && flags+=(--trace-fst --trace-structs)
[ "$coverage" = 1 ] && flags+=(--coverage-line --coverage-toggle --coverage-max-width 8192)

# One class of symbols per library: hidden, bound inside, and no GNU unique objects, so that many points live in one
# process.
compile="-std=c++20 -fPIC -fvisibility=hidden -fno-gnu-unique -I$root -include $harness/bench_print.hpp"
compile+=" -DVERILATED=V$unit -DVERILATED_HEADER=V$unit.h -DVL_USER_STOP -DVL_USER_FATAL $cflags"
if ! log=$(verilator "${flags[@]}" -CFLAGS "$compile" -LDFLAGS "-shared -Wl,-Bsymbolic $cflags" \
           "${linked[@]}" "$harness/bench_main.cpp" -o library.so 2>&1); then
  echo "verilator failed on $unit:"; echo "$log"; exit 1
fi
# A tile compiled with -O1 runs as fast as with -O2 and compiles in half the time; -O0 is for code that runs once.
command -v ccache > /dev/null && cache=ccache || cache=""
if ! log=$(make -C "$work/obj" -f "V$unit.mk" -j"$(nproc)" OBJCACHE="$cache" \
           OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O2 2>&1); then
  echo "compiling the Verilated $unit failed:"; echo "$log"; exit 1
fi
