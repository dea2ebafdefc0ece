#!/usr/bin/env bash
# Sets up, builds, tests and demonstrates Subbyte on a bare Debian 12 machine.
#   ./bootstrap.sh build     installs packages, configures, and builds build/subbyte
#   ./bootstrap.sh test      builds everything, and runs every test
#   ./bootstrap.sh demo      builds the program, and runs the main job on the embedded model (tests/demo/run.sh)
#   ./bootstrap.sh packages  only installs the packages
# BUILD_DIR names the folder of the build (default: build), JOBS the number of jobs (default: one per core), and with
# SUBBYTE_NO_INSTALL=1 apt-get is never called.
set -euo pipefail
cd "$(dirname "$0")"

BUILD_DIR=${BUILD_DIR:-build}
JOBS=${JOBS:-$(nproc)}
PACKAGES=(g++ cmake ninja-build ccache git make python3
  verilator iverilog libsystemc-dev yosys opensta qflow-tech-osu018
  libyaml-cpp-dev libboost-dev libboost-program-options-dev nlohmann-json3-dev libfmt-dev libhwy-dev libxxhash-dev
  libtbb-dev gzip zlib1g-dev libgtest-dev libgmock-dev libbenchmark-dev
  chromium chromium-driver python3-selenium gtkwave xvfb imagemagick clang-format-14)

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf 'bootstrap.sh: %s\n' "$*" >&2; exit 2; }

install_packages() {
  local missing=()
  for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "${SUBBYTE_NO_INSTALL:-0}" = 1 ] && die "missing Debian packages: ${missing[*]}"
  command -v apt-get >/dev/null ||
    die "missing ${missing[*]}, and this is not a Debian machine: install them by hand and set SUBBYTE_NO_INSTALL=1"
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  say "installing ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

build() {  # build TARGET
  install_packages
  say "configuring $BUILD_DIR"
  cmake -S . -B "$BUILD_DIR" -G Ninja -DCMAKE_BUILD_TYPE=Release >&2
  say "building $1 with $JOBS jobs"
  ninja -C "$BUILD_DIR" -j "$JOBS" "$1" >&2
}

run_tests() {
  build all
  say "running the tests"
  ctest --test-dir "$BUILD_DIR" --output-on-failure -j "$JOBS"
}

case "${1:-}" in
  packages) install_packages ;;
  build) build subbyte ;;
  test) run_tests ;;
  demo) build subbyte; shift; exec tests/demo/run.sh "$BUILD_DIR" "$@" ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
