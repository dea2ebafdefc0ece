#!/usr/bin/env python3
"""Mutation test of the RTL: would the benches and stimuli of `verify` notice a small change of a unit?

Yosys `mutate` draws mutants of each target and builds one netlist in which the input mutant_i selects one of them. What
another target covers (units inside the target, and shared parts) is left alone. The netlist is verilated once, and
tests/mutation/mutation_driver runs each mutant through what `verify` asks: golden bits and SystemC cycles. A mutant
that survives is handed to ABC, which compares a single step of the unit and then the unit from reset on
(tests/mutation/mutation_miter.sv): it proves the mutant equivalent, tells it apart after so many cycles, or leaves it
undecided. The score is killed / (mutants - proven equivalent), which must be at least
95 % per target. Targets are the units of `subbyte units --json` at their small points, and MORE_POINTS below.

  mutation_check.py            takes a sample of the mutants of each target, as the test run does; the survivors that
                               tests/mutation/mutation_survivors.md explains are neither proven again nor counted, one
                               more per target may survive, and all targets together must reach 95 %
  mutation_check.py --unit U   does the same for one unit, and with --sample 100 for a larger sample
  mutation_check.py --all      takes every mutant; tests/mutation/mutation_survivors.md must explain every survivor
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(os.environ.get("SUBBYTE_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BINARY = Path(os.environ.get("SUBBYTE_BINARY_DIR", ROOT / "build"))
SUBBYTE = Path(os.environ.get("SUBBYTE", BINARY / "subbyte"))
MORE_POINTS = {  # these come beside the small point of every unit; a unit needs no line here
    "term_encoder": [{"lanes": 2, "cols": 2}],
    "bitserial_pe": [{}, {"lanes": 2, "exact": 1}],
    "group_dequant": [{}],
}
SHARED = {  # these are parts of several units, each with the unit whose target covers it
    "accumulate_rounded": "bitserial_pe",
    "group_sum": "fp16_int8_mac_tile",
    "scale_and_sum": "bitserial_tile",
}
MUTANTS = 300  # so many are drawn per target
SAMPLE = 12    # the test run takes so many of them
ENOUGH = 0.95  # this share of a target's mutants must be killed; of a sample, all but one must be
PROOF_SECONDS = 60   # the proof of one survivor may take so long, beside Yosys' preparation
STEP_SECONDS = 20    # before it, the comparison of a single step may take so long
SAMPLE_SECONDS = 25  # it may take so long in a sample, where one survivor of a target may stay undecided
# Flip-flops stay as they are written, because enables and resets that Yosys would extract come with don't-cares, which
# hide mutants.
OPT = "opt -nodffe -nosdff"


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)
    if result.returncode:
        sys.exit(f"mutation: {command[0]} failed with {result.returncode}:\n{(result.stdout + result.stderr)[-3000:]}")
    return result.stdout


def sources(unit):
    """Returns the unit's file and those of the modules that it names, at any depth. Other files would shift the numbers
    that Yosys gives its cells."""
    folders = (ROOT / "rtl/search_path.txt").read_text().split()
    files = {path.stem: path for folder in folders for path in (ROOT / "rtl" / folder).glob("*.sv")}
    needed, new = set(), {unit}
    while new:
        stem = new.pop()
        needed.add(stem)
        new |= (set(re.findall(r"\w+", re.sub(r"//.*", "", files[stem].read_text()))) & files.keys()) - needed
    return " ".join(str(files[stem].relative_to(ROOT)) for stem in sorted(needed))

def covered_elsewhere(unit):
    """Returns the instance names of other units inside a unit, which are targets of their own, and of parts that
    another target covers."""
    catalogue = re.findall(r"SUBBYTE_UNIT\((\w+)\)", (ROOT / "kernels/units.def").read_text())
    parts = [part for part, owner in SHARED.items() if owner != unit]
    others = "|".join([name for name in catalogue if name != unit] + parts)
    text = re.sub(r"//.*", "", "".join((ROOT / file).read_text() for file in sources(unit).split()))
    found = re.findall(rf"\b(?:{others})\s+(?:#\s*\([^;]*?\)\s*)?(u_\w+)\s*\(", text, re.S)
    return sorted(set(found))


def targets(only):
    """Returns (unit, parameters that are not the default, parameter names in the RTL) of every target."""
    catalogue = json.loads(run([str(SUBBYTE), "units", "--json"]))["units"]
    if only is not None and only not in [unit["name"] for unit in catalogue]:
        sys.exit(f"mutation: unknown unit '{only}'")
    for unit in catalogue:
        if only not in (None, unit["name"]):
            continue
        default = {parameter["name"]: parameter["default"] for parameter in unit["parameters"]}
        small = {name: value for name, value in unit["small_point"].items() if value != default[name]}
        names = {parameter["name"]: parameter["rtl_name"] for parameter in unit["parameters"]}
        points = [small] + [point for point in MORE_POINTS.get(unit["name"], []) if point != small]
        yield from ((unit["name"], point, names) for point in points)


class Target:
    """One unit at one parameter point, with its mutants 1 .. MUTANTS (`commands[i - 1]`)."""

    def __init__(self, unit, parameters, names, arguments):
        seed = arguments.seed
        self.thorough = arguments.all
        self.unit = unit
        self.parameters = ",".join(f"{name}={value}" for name, value in parameters.items())
        self.name = f"{unit} {self.parameters}".strip()
        self.folder = BINARY / "mutation" / re.sub(r"\W+", "_", f"{self.name}_{seed}")
        self.folder.mkdir(parents=True, exist_ok=True)
        chosen = " ".join(f"-set {names[name]} {value}" for name, value in parameters.items())
        inside = covered_elsewhere(unit)
        self.composed = bool(inside)
        own = f"select -set own c:* {' '.join(f'c:*{name}.* %d' for name in inside)}" if inside else ""
        which = "@own" if inside else ""
        run(["yosys", "-q", "-p", f"""
            read_verilog -sv {sources(unit)}
            {f'chparam {chosen} {unit}' if chosen else ''}
            hierarchy -check -top {unit}; proc -norom; setattr -mod -unset keep_hierarchy *
            flatten; {OPT}; opt_clean -purge
            write_rtlil {self.folder}/unit.il
            {own}
            mutate -list {MUTANTS} -seed {seed} -ctrl mutant_i 16 1 -o {self.folder}/mutants.ys {which}
            script {self.folder}/mutants.ys
            opt_clean; rename -top {unit}; splitnets -driver
            write_verilog -noattr {self.folder}/{unit}.sv""".replace("\n", ";\n")])
        self.commands = (self.folder / "mutants.ys").read_text().splitlines()
        self.rtlil = (self.folder / "unit.il").read_text()

    def describe(self, mutant):
        """Names a mutant by its mode, its cell (with file and line), its port and its bit. That is what a reader needs,
        and explanations have these names."""
        words = self.commands[mutant - 1].split()
        value = {words[i]: words[i + 1] for i in range(len(words) - 1) if words[i].startswith("-")}
        control = f"^{value['-ctrlbit']}" if "-ctrlbit" in value else ""
        return f"{self.name}: {value['-mode']} {value['-cell']} {value['-port']}[{value['-portbit']}{control}]"

    def drive(self, mutants, cases, seed):
        return json.loads(run([str(BINARY / "tests/mutation_driver"), "--unit", self.unit,
                               "--params", self.parameters,
                               "--netlist", str(self.folder), "--mutants", ",".join(map(str, mutants)),
                               "--cases", str(cases), "--seed", str(seed)]))

    def port_bits(self, port):
        found = re.search(rf"^\s+wire (?:width (\d+) )?(?:in|out)put \d+ \\{port}$", self.rtlil, re.M)
        return int(found.group(1) or 1)

    def prove(self, mutant):
        """Returns 'proven', 'differs' (ABC found an input that tells them apart) or 'undecided'.

        Narrowed words make most proofs smaller, but leave some units less alike: the undecided get a second chance."""
        if self.same_step(mutant):
            return "proven"
        first = self.prove_after("wreduce", mutant)
        return first if first != "undecided" or not self.thorough else self.prove_after("", mutant)

    def same_step(self, mutant):
        """Returns whether the mutant makes of every state and input the outputs and the next state that the unit makes,
        in registers that are read. Then it is equivalent, whatever states occur, and as no register stands between
        the change and where it ends, the proof takes seconds. Otherwise the mutant may still be equivalent."""
        change = re.sub(r"-ctrl (\S+) \d+ \d+", r"-ctrl \1 1 1", re.sub(r" -src \S+", "", self.commands[mutant - 1]))
        file, script = self.folder / f"step_{mutant}", self.folder / f"step_{mutant}.ys"
        script.write_text(f"""
read_rtlil {self.folder}/unit.il
{change}
techmap
opt_clean
aigmap
setundef -anyseq
delete -input w:mutant_i
""" + "".join(f"""
design -save unconnected
connect -set mutant_i 1'{chosen}
write_aiger -zinit {file}.{chosen}.aig
design -load unconnected
""" for chosen in (0, 1)))
        run(["yosys", "-q", "-s", str(script)])
        cut = "; ".join(f"read {file}.{chosen}.aig; strash; comb; write {file}.{chosen}.cut.aig" for chosen in (0, 1))
        compare = f"miter {file}.0.cut.aig {file}.1.cut.aig; fraig; iprove"
        return self.ask_abc(mutant, f"{cut}; {compare}", STEP_SECONDS) == "proven"

    def prove_after(self, narrowing, mutant):
        change = re.sub(r" -(ctrl \S+ \d+ \d+|src \S+)", "", self.commands[mutant - 1])
        defines = f"-DIN_BITS={self.port_bits('in_data_i')} -DOUT_BITS={self.port_bits('out_data_o')}"
        if "\\cfg_valid_i" in self.rtlil:
            defines += " -DHAS_CONFIG"
        script = self.folder / f"proof_{mutant}.ys"
        script.write_text(f"""
read_rtlil {self.folder}/unit.il
rename {self.unit} gold
design -stash gold
read_rtlil {self.folder}/unit.il
{change}
rename {self.unit} gate
design -stash gate
design -copy-from gold -as gold gold
design -copy-from gate -as gate gate
read_verilog -sv {defines} tests/mutation/mutation_miter.sv
hierarchy -check -top mutation_miter
proc -norom
flatten
{narrowing}
{OPT}
techmap
setundef -undriven -anyseq
opt -fast -nodffe -nosdff
dffunmap
aigmap
write_aiger -zinit {self.folder}/proof_{mutant}.aig
""")
        run(["yosys", "-q", "-s", str(script)])
        file = self.folder / f"proof_{mutant}.aig"
        limits = (5, 15, PROOF_SECONDS) if self.thorough else (3, 12, SAMPLE_SECONDS)
        return self.ask_abc(mutant, f"read {file}; strash; scorr; bmc3 -T {limits[0]}; pdr -T {limits[1]}", limits[2])

    def ask_abc(self, mutant, commands, seconds):
        try:
            text = subprocess.run(["yosys-abc", "-q", f"{commands}; print_status"], capture_output=True, text=True,
                                  timeout=seconds).stdout
        except subprocess.TimeoutExpired:
            return "undecided"
        status = re.search(r"^Status = (-?\d)", text, re.M)
        if status is None:
            sys.exit(f"mutation: yosys-abc did not answer for {self.describe(mutant)}:\n{text[-2000:]}")
        return {"1": "proven", "0": "differs"}.get(status.group(1), "undecided")


def check_the_check(target, killed, sample):
    """A check that cannot fail proves nothing: without stimuli no mutant is killed, and no killed mutant is proven
    equivalent."""
    if any(mutant["killed"] for mutant in target.drive(sample, 0, 1)["mutants"]):
        sys.exit(f"mutation: {target.name}: a mutant was killed without a stimulus")
    if target.composed and not target.thorough:
        return  # because the same proof of a whole tile takes a minute
    for mutant in killed[:2]:
        if target.prove(mutant) == "proven":
            sys.exit(f"mutation: killed and 'proven' equivalent: {target.describe(mutant)}")


def without_serials(text):
    """Leaves out the serial numbers, which Yosys counts through all files; source lines stay when a file comes in."""
    return re.sub(r"(\.sv:\d+)\$\d+", r"\1", text)


def judge(target, sample, arguments, explained):
    start = time.time()
    result = target.drive(sample, arguments.cases, arguments.seed)
    killed = [mutant["mutant"] for mutant in result["mutants"] if mutant["killed"]]
    unknown = [mutant["mutant"] for mutant in result["mutants"] if not mutant["killed"]]
    check_the_check(target, killed, sample)
    known = [] if arguments.all else [mutant for mutant in unknown
                                      if f"`{without_serials(target.describe(mutant))}`" in explained]
    unknown = [mutant for mutant in unknown if mutant not in known]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        proofs = dict(zip(unknown, pool.map(target.prove, unknown)))
    equivalent = sum(proof == "proven" for proof in proofs.values())
    survivors = [(mutant, proof) for mutant, proof in proofs.items() if proof != "proven"]
    score = len(killed) / max(1, len(sample) - equivalent - len(known))
    lines = [f"{target.name}: {len(sample)} mutants, {len(killed)} killed, {equivalent} proven equivalent, "
             f"{len(known)} explained, {len(survivors)} survivors, score {100 * score:.1f} % "
             f"({result['stimuli']} stimuli, {result['beats']} beats, {time.time() - start:.0f} s)"]
    lines += [f"  survivor {mutant} ({proof}): {target.describe(mutant)}" for mutant, proof in survivors]
    if score < ENOUGH and (arguments.all or len(survivors) > 1):
        lines.append(f"  FAIL: expected a score of at least {100 * ENOUGH:.0f} %")
    if arguments.all:
        lines += [f"  FAIL: not explained in tests/mutation/mutation_survivors.md: {target.describe(mutant)}"
                  for mutant, _ in survivors
                  if f"`{without_serials(target.describe(mutant))}`" not in explained]
    print("\n".join(lines), flush=True)
    return len(killed), len(sample) - equivalent - len(known), any("FAIL" in line for line in lines)


def check(target, arguments, explained):
    target = Target(*target, arguments)
    everything = range(1, len(target.commands) + 1)
    size = min(arguments.sample, len(everything))
    sample = list(everything) if arguments.all else sorted(random.Random(arguments.seed).sample(everything, size))
    return judge(target, sample, arguments, explained)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help=f"take all {MUTANTS} mutants of each target")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"take so many mutants of each (default {SAMPLE})")
    parser.add_argument("--unit", help="check one unit alone")
    parser.add_argument("--cases", type=int, default=2000, help="random cases per unit and format, as in `verify`")
    parser.add_argument("--seed", type=int, default=1, help="draws the mutants, the sample and the stimuli")
    arguments = parser.parse_args()
    survivors = (ROOT / "tests/mutation/mutation_survivors.md").read_text()
    explained = without_serials(" ".join(survivors.split()))  # a name may go on in the next line
    drawn = MUTANTS if arguments.all else arguments.sample
    print(f"mutation: {drawn} of {MUTANTS} mutants per target, seed {arguments.seed}")
    start = time.time()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda target: check(target, arguments, explained), list(targets(arguments.unit))))
    score = sum(killed for killed, _, _ in results) / max(1, sum(counted for _, counted, _ in results))
    print(f"mutation: {len(results)} targets, score {100 * score:.1f} %, {time.time() - start:.0f} s")
    return 1 if score < ENOUGH or any(failed for _, _, failed in results) else 0


if __name__ == "__main__":
    sys.exit(main())
