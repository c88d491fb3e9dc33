# SPDX-License-Identifier: Apache-2.0
"""One small function per measurement. Each takes the Bench and returns (value, source command)."""
import json
import pathlib
import re
import shutil
import statistics

from measure import NotAvailable, fit, median_of_pairs, run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = "build/release"
VP = f"{BUILD}/bin/dixion-vp"
KERNELS = f"{BUILD}/bin/kernels_bench"
DRAM = f"{BUILD}/bin/dram_bench"
INTEGER_PROGRAM = f"{BUILD}/bench-firmware/integer_program.elf"
DIT = "dit-xl-2-256"
OUT = "out/bench"


class Bench:
    """What measurements share: repetitions, and runs that serve several rows."""

    def __init__(self, quick):
        self.quick = quick
        self.pairs = 3 if quick else 5
        self.memory = {}

    def once(self, key, work):
        """work(), the first time; later what it gave then, also if it was NotAvailable."""
        if key not in self.memory:
            try:
                self.memory[key] = (work(), None)
            except NotAvailable as reason:
                self.memory[key] = (None, reason)
        value, reason = self.memory[key]
        if reason is not None:
            raise reason
        return value


def need(path, why):
    if not (ROOT / path).exists():
        raise NotAvailable(f"{path} does not exist: {why}")


# --- kernels

def kernels_command(pattern):
    need(KERNELS, "Google Benchmark or Highway was not found when the build was configured")
    return [KERNELS, f"--benchmark_filter={pattern}", "--benchmark_min_time=0.2", "--benchmark_format=json"]


def kernel_results(command):
    """{name: {"rate": MACs per second of CPU time, "seconds": per iteration}}"""
    text = run(command).output
    return parse_kernels(text)


def parse_kernels(text):
    entries = json.loads(text[text.index("{\n"):text.rindex("}") + 1])["benchmarks"]
    unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    return {entry["name"]: {"rate": entry.get("items_per_second"), "seconds": entry["cpu_time"] * unit[entry["time_unit"]]} for entry in entries}


def bare_rate(kind):
    def measure(bench):
        command = kernels_command(f"^bare/{kind}$")
        return statistics.median(kernel_results(command)[f"bare/{kind}"]["rate"] for _ in range(bench.pairs)) / 1e9, command
    return measure


def matmul_ratio(bench):
    command = kernels_command("^(bare/int16|engine/matmul/256x.*)$")
    ratios = {}
    for _ in range(bench.pairs):
        results = kernel_results(command)
        bare = results.pop("bare/int16")["rate"]
        for name, result in results.items():
            ratios.setdefault(name, []).append(result["rate"] / bare)
    return min(statistics.median(values) for values in ratios.values()), command


# --- DRAM

def dram_rate(name, unit):
    """Items per second of CPU time of one benchmark of dram_bench, in `unit`."""
    command = [DRAM, f"--benchmark_filter=^{name}$", "--benchmark_min_time=0.5", "--benchmark_format=json"]

    def measure(bench):
        need(DRAM, "Google Benchmark was not found when the build was configured")
        return statistics.median(kernel_results(command)[name]["rate"] for _ in range(bench.pairs)) / unit, command
    return measure


# --- a functional forward pass

def dit_command(steps):
    need(f"traces/workloads/{DIT}.textproto", "the workload is missing")
    return [VP, "run", "--soc", "exion24", "--workload", DIT, "--mode", "functional", "--set", f"workload.steps={steps}",
            "--set", "workload.guidance=0", "--out", f"{OUT}/{DIT}-functional"]


EXTRA_STEPS = 2


def dit_runs(bench):
    """Per pair: CPU seconds of the whole run with one step, of one pass (the difference two more steps make), of the bare kernels."""
    def work():
        bare, rows = kernels_command("^bare/dit_forward$"), []
        for _ in range(bench.pairs):
            one, more = run(dit_command(1)).cpu, run(dit_command(1 + EXTRA_STEPS)).cpu
            rows.append((one, (more - one) / EXTRA_STEPS, kernel_results(bare)["bare/dit_forward"]["seconds"]))
        return rows
    return bench.once("dit", work)


def dit_forward(bench):
    return statistics.median(one_pass for _, one_pass, _ in dit_runs(bench)), dit_command(1 + EXTRA_STEPS)


def dit_forward_ratio(bench):
    return statistics.median(one_pass / bare for _, one_pass, bare in dit_runs(bench)), dit_command(1 + EXTRA_STEPS)


def dit_start(bench):
    return statistics.median(one - one_pass for one, one_pass, _ in dit_runs(bench)), dit_command(1)


# --- the hart

def instructions_of(result):
    """Instructions of a run, from its result.json."""
    return json.loads(result.read_text())["instructions"]


def integer_program():
    need(INTEGER_PROGRAM, "the benchmark program is not built")
    return [VP, "run", INTEGER_PROGRAM, "--out", f"{OUT}/integer_program"]


def qemu_command():
    need(INTEGER_PROGRAM, "the benchmark program is not built")
    if shutil.which("qemu-system-riscv64") is None:
        raise NotAvailable("qemu-system-riscv64 is not installed")
    return ["qemu-system-riscv64", "-M", "virt", "-bios", "none", "-nographic", "-kernel", INTEGER_PROGRAM]


def hart_mips(bench):
    command = integer_program()

    def rate():
        seconds = run(command).cpu
        return instructions_of(ROOT / OUT / "integer_program/result.json") / seconds
    return statistics.median(rate() for _ in range(bench.pairs)) / 1e6, command


def qemu_ratio(bench):
    command = integer_program()
    return median_of_pairs(bench.pairs, lambda: run(qemu_command()).cpu, lambda: run(command).cpu), command


# --- whole runs

def hello(what):
    command = [VP, "run", f"{BUILD}/firmware/hello.elf"]

    def measure(bench):
        runs = bench.once("hello", lambda: [run(command) for _ in range(bench.pairs)])
        return value_of(runs, what), command
    return measure


def value_of(runs, what):
    if what == "wall":
        return statistics.median(result.wall for result in runs)
    return max(result.peak_bytes for result in runs) / 1e6


def glyphs(bench):
    command = [VP, "run", "--workload", "glyphs", "--set", "workload.classes=5", "--out", f"{OUT}/glyphs"]
    return statistics.median(run(command).wall for _ in range(bench.pairs)), command


def timing(workload, soc, sets, what):
    command = [VP, "run", "--soc", soc, "--workload", workload, "--mode", "timing"]
    for entry in sets:
        command += ["--set", entry]
    command += ["--out", f"{OUT}/{workload}-{soc}"]

    def measure(bench):
        need(f"traces/workloads/{workload}.textproto", "the workload is missing")
        runs = bench.once(("timing", workload, soc), lambda: [run(command) for _ in range(3)])
        return value_of(runs, what), command
    return measure


LINE_STEPS = (50, 100, 200, 250, 500, 1000)


def command_line(what):
    """CPU time of runs in timing mode against the number of their commands."""
    def command(steps):
        return [VP, "run", "--soc", "exion24", "--workload", DIT, "--mode", "timing", "--set", f"workload.steps={steps}", "--out", f"{OUT}/{DIT}-line"]

    def points(bench):
        need(f"traces/workloads/{DIT}.textproto", "the workload is missing")
        result = []
        for steps in LINE_STEPS:
            runs = [run(command(steps)) for _ in range(bench.pairs)]
            result.append((commands_of(runs[0].output), statistics.median(one.cpu for one in runs)))
        return result

    def measure(bench):
        slope, intercept, r2 = bench.once("line", lambda: fit(points(bench)))
        return {"slope": slope * 1e6, "intercept": intercept, "r2": r2}[what], command(LINE_STEPS[-1])
    return measure


def commands_of(output):
    found = re.search(r"^\s*commands\s+([\d,]+)$", output, re.MULTILINE)
    if not found:
        raise NotAvailable("the summary names no commands")
    return int(found.group(1).replace(",", ""))
