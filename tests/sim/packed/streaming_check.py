#!/usr/bin/env python3
"""`subbyte quantize` streams: a generated, sharded BF16 checkpoint of a few hundred MB is quantized in less resident
memory than twice its largest tensor plus 200 MB; a shard cut off meanwhile is an error with its offset, and neither
that nor SIGKILL leaves a file.

With --layers and --dim it makes a checkpoint of any size (--layers 32 --dim 4096: 7B, 13.5 GB) and reports time, rate
and memory; --dir keeps the checkpoint there.
"""
import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUBBYTE = os.environ.get("SUBBYTE", "build/subbyte")
BLOCK = 1 << 22
FIRST_LAYERS = 1 << 20  # bytes of output after which a run is interrupted


def check(condition, text):
    if not condition:
        sys.exit("streaming_check: " + text)


def bf16_block(seed):
    """Returns BLOCK bytes of finite BF16 values of both signs with magnitudes from 2^-7 to 2^-3."""
    rng = random.Random(seed)
    data = bytearray(BLOCK)
    data[0::2] = rng.randbytes(BLOCK // 2)
    high = bytes((byte & 0x80) | (0x3C + (byte & 1)) for byte in range(256))
    data[1::2] = rng.randbytes(BLOCK // 2).translate(high)
    return bytes(data)


def tensors_of(layer, dim, hidden):
    name = "model.layers.%d." % layer
    for part in ("q", "k", "v", "o"):
        yield name + "self_attn.%s_proj.weight" % part, (dim, dim)
    yield name + "mlp.gate_proj.weight", (hidden, dim)
    yield name + "mlp.up_proj.weight", (hidden, dim)
    yield name + "mlp.down_proj.weight", (dim, hidden)
    yield name + "input_layernorm.weight", (dim,)


def bytes_of(shape):
    size = 2
    for extent in shape:
        size *= extent
    return size


def write_shard(path, tensors, block):
    header, at = {}, 0
    for name, shape in tensors:
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + bytes_of(shape)]}
        at += bytes_of(shape)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for left in range(at, 0, -BLOCK):
            file.write(block[:left])


def write_checkpoint(folder, layers, dim, hidden, vocab):
    """Writes a shard for the embeddings and one per four layers; returns the bytes in all and of the largest tensor."""
    shards = [[("model.embed_tokens.weight", (vocab, dim)), ("lm_head.weight", (vocab, dim))]]
    for first in range(0, layers, 4):
        shards.append([t for layer in range(first, min(first + 4, layers)) for t in tensors_of(layer, dim, hidden)])
    block, weight_map = bf16_block(7), {}
    for number, tensors in enumerate(shards):
        name = "model-%05d-of-%05d.safetensors" % (number + 1, len(shards))
        write_shard(folder / name, tensors, block)
        weight_map.update({tensor: name for tensor, _ in tensors})
    sizes = [bytes_of(shape) for tensors in shards for _, shape in tensors]
    index = {"metadata": {"total_size": sum(sizes)}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    return sum(sizes), max(sizes)


def quantize(folder, out, form, threads):
    """Returns status, both outputs, seconds and peak resident bytes of the child, whose peak is above that of the fork
    of this small process."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        start = time.monotonic()
        child = subprocess.Popen([SUBBYTE, "quantize", "--model", str(folder), "--format", form,
                                  "--out", str(out), "--json",
                                  "--threads", str(threads)], stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        stdout.seek(0)
        stderr.seek(0)
        return child.returncode, stdout.read().decode(), stderr.read().decode(), seconds, usage.ru_maxrss * 1024


def check_memory(folder, out, size, largest, form, threads):
    status, stdout, stderr, seconds, peak = quantize(folder, out, form, threads)
    check(status == 0, "status %d: %s" % (status, stderr))
    limit = 2 * largest + 200 * 10**6
    check(size > limit, "the checkpoint of %d bytes is too small to prove anything about %d" % (size, limit))
    check(peak < limit, "%s: peak %.0f MB, expected below %.0f MB (twice the largest tensor + 200 MB)" %
          (form, peak / 1e6, limit / 1e6))
    total = json.loads(stdout)["total"]
    print("%s: %.2f GB in %.1f s, %.1f M weights/s, peak %.0f MB (limit %.0f MB), %.3f bits per weight, SQNR %.2f dB" %
          (form, size / 1e9, seconds, total["weights"] / seconds / 1e6, peak / 1e6, limit / 1e6,
           total["bits_per_weight"], total["sqnr_db"]))
    check(2 * total["weights"] > 0.9 * size, "only %d weights were quantized" % total["weights"])
    check(seconds > 2 or not stderr, "a run under two seconds says something on stderr: " + stderr)
    check(out.stat().st_size > total["bytes"], "the packed file is smaller than its layers")


def written_by(child):
    """Returns how many bytes a process has written so far, or nothing when it has ended."""
    try:
        return int(re.search(r"^wchar: (\d+)", Path(f"/proc/{child.pid}/io").read_text(), re.M)[1])
    except OSError:
        return None


def start_and_wait(folder, out):
    """Starts a run, and returns it when it has written its first layers."""
    child = subprocess.Popen([SUBBYTE, "quantize", "--model", str(folder), "--format", "int4",
                              "--out", str(out), "--threads", "1"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while child.poll() is None:
        if (written_by(child) or 0) > FIRST_LAYERS:
            return child
        time.sleep(0.001)
    sys.exit("streaming_check: quantize ended before it had written its first layers")


def check_interruptions(folder, results):
    child = start_and_wait(folder, results / "killed")
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stderr.close()
    check(not (results / "killed").exists(), "a killed quantize left its output")
    if [entry.name for entry in results.iterdir()]:
        print("note: this file system has no nameless files; a kill leaves",
              [entry.name for entry in results.iterdir()])
        for entry in results.iterdir():
            entry.unlink()
    child = start_and_wait(folder, results / "bus")
    child.send_signal(signal.SIGBUS)
    stderr = child.stderr.read()
    check(child.wait() == 2 and "became shorter while it was used" in stderr,
          "SIGBUS: %d: %s" % (child.returncode, stderr))
    child.stderr.close()
    check(not list(results.iterdir()), "SIGBUS left %s" % list(results.iterdir()))
    shard = sorted(folder.glob("model-*.safetensors"))[-1]
    child = start_and_wait(folder, results / "cut")
    os.truncate(shard, 1 << 20)
    stderr = child.stderr.read()
    check(child.wait() == 2, "a shard cut off meanwhile: status %d, expected 2: %s" % (child.returncode, stderr))
    child.stderr.close()
    check("%s: offset 1048576: truncated while it was read" % shard in stderr, "a shard cut off meanwhile: " + stderr)
    check(not list(results.iterdir()), "a failed quantize left %s" % list(results.iterdir()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--hidden", type=int, help="the hidden dimension (default: 4 dim)")
    parser.add_argument("--vocab", type=int, default=8192)
    parser.add_argument("--formats", default="int4:g128,nvfp4")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--dir", type=Path, help="the folder in which the checkpoint is made and kept")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.dir or Path(temporary) / "model"
        results = Path(args.dir or temporary) / "results"
        folder.mkdir(parents=True, exist_ok=True)
        results.mkdir(exist_ok=True)
        size, largest = write_checkpoint(folder, args.layers, args.dim, args.hidden or 4 * args.dim, args.vocab)
        for form in args.formats.split(","):
            check_memory(folder, results / "packed", size, largest, form, args.threads)
            (results / "packed").unlink()
        if args.dir is None:
            check_interruptions(folder, results)
    print("streaming_check: passed")


if __name__ == "__main__":
    main()
