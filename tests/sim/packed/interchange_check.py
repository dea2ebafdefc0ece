#!/usr/bin/env python3
"""Takes files of other tools, which are written and read here without subbyte, through `subbyte import`, `unpack` and
`export`: GGUF blocks of every quantized type, and NVFP4 and MXFP4 safetensors of compressed-tensors, ModelOpt and
gpt-oss.

The dequantizers are written after ggml-quants.c, compressed-tensors and gpt-oss, and the values must be theirs bit for
bit; a GGUF file that was imported and exported must hold the same blocks. The check needs Python without any package.
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from interchange_files import (E2M1, TYPES, block, f32, nvfp4, nvfp4_codes, read_gguf,
                               read_safetensors, ue4m3, write_gguf,
                               write_safetensors)

SUBBYTE = os.environ.get("SUBBYTE", "build/subbyte")


def check(condition, text):
    if not condition:
        sys.exit("interchange_check: " + text)


def run(*args, status=0):
    result = subprocess.run([SUBBYTE, *map(str, args)], capture_output=True, text=True)
    check(result.returncode == status,
          "subbyte %s: status %d, expected %d\n%s%s" % (" ".join(map(str, args)), result.returncode,
                                                        status, result.stdout, result.stderr))
    return result.stdout if status == 0 else result.stderr


def decoded(folder, source, *options):
    run("import", source, "--out", folder / "packed.safetensors", *options)
    run("unpack", folder / "packed.safetensors", "--out", folder / "decoded.safetensors")
    return read_safetensors(folder / "decoded.safetensors")


def same(name, got, expected):
    """Checks that values are the same bit for bit; a zero's sign must be right only where the format has both
    (E2M1)."""
    expected_bytes = struct.pack("<%df" % len(expected), *expected)
    if got == expected_bytes:
        return
    for i, value in enumerate(expected):
        bits = got[4 * i:4 * i + 4]
        if bits != expected_bytes[4 * i:4 * i + 4]:
            there = struct.unpack("<f", bits)[0]
            if there == value == 0 and not name.startswith(("MXFP4", "NVFP4")):
                continue
            sys.exit("interchange_check: %s: element %d is %r, expected %r" % (name, i, there, value))


def check_gguf(folder, rng):
    rows, tensors, expected = 5, [], {}
    for i, (name, (kind, weights, size, decode)) in enumerate(TYPES.items()):
        blocks = [block(name, rng) for _ in range(rows * 512 // weights)]
        check(all(len(b) == size for b in blocks), name)
        tensors.append(("blk.%d.ffn_up.weight" % i, kind, [rows, 512], b"".join(blocks)))
        expected["model.layers.%d.mlp.up_proj.weight" % i] = (name, [v for b in blocks for v in decode(b)])
    write_gguf(folder / "all.gguf", tensors)
    values = decoded(folder, folder / "all.gguf")
    check(set(values) == set(expected), "layers %s" % sorted(values))
    for name, (kind, numbers) in expected.items():
        check(values[name][0] == [rows, 512], "shape of %s" % name)
        same(kind, values[name][1], numbers)
    for i, (name, (kind, weights, size, _)) in enumerate(TYPES.items()):
        layer = "model.layers.%d.mlp.up_proj" % i
        run("import", folder / "all.gguf", "--layer", layer, "--out", folder / "one.safetensors")
        run("export", folder / "one.safetensors", "--out", folder / "one.gguf", "--type", name)
        found = read_gguf(folder / "one.gguf")["blk.%d.ffn_up.weight" % i]
        check(found[0] == kind and found[1] == [rows, 512], "%s exported as %s" % (name, found[:2]))
        check(found[2][:len(tensors[i][3])] == tensors[i][3], "%s: exported blocks differ" % name)
    old = [("blk.0.ffn_up.weight", 42, [rows, 512], tensors[-1][3])]
    write_gguf(folder / "old.gguf", old)
    same("STQ1_0", decoded(folder, folder / "old.gguf")["model.layers.0.mlp.up_proj.weight"][1],
         expected["model.layers.%d.mlp.up_proj.weight" % (len(TYPES) - 1)][1])
    write_gguf(folder / "q2.gguf", [("blk.0.ffn_up.weight", 42, [1, 256], bytes(72))])
    check("has type Q2_0" in run("import", folder / "q2.gguf", "--out", folder / "x.safetensors", status=2),
          "Q2_0 is named")
    check(not (folder / "x.safetensors").exists(), "a refused import leaves a file")


def check_experts(folder, rng):
    """Checks a 3-D NVFP4 tensor with one scale per expert."""
    blocks = [[block("NVFP4", rng) for _ in range(4)] for _ in range(3)]
    scales = [0.5, 0.0123, 7.25]
    write_gguf(folder / "moe.gguf",
               [("blk.0.ffn_down_exps.weight", 40, [3, 2, 128], b"".join(b"".join(e) for e in blocks)),
                ("blk.0.ffn_down_exps.scale", 0, [3], struct.pack("<3f", *scales))])
    values = decoded(folder, folder / "moe.gguf")
    for e in range(3):
        numbers = [f32(E2M1[n] * f32(ue4m3(b[i // 16]) * f32(scales[e]))) for b in blocks[e]
                   for i, n in enumerate(nvfp4_codes(b))]
        same("NVFP4 expert", values["model.layers.0.mlp.experts.%d.down_proj.weight" % e][1], numbers)
    run("export", folder / "packed.safetensors", "--out", folder / "moe2.gguf")
    found = read_gguf(folder / "moe2.gguf")
    name = "model.layers.0.mlp.experts.1.down_proj"
    check(struct.unpack_from("<f", found[name + ".scale"][2])[0] == f32(0.0123), "the tensor scale is exported")
    check(found[name + ".weight"][2][:144] == b"".join(blocks[1]), "NVFP4 blocks with a tensor scale differ")


def nibbles(data):
    return [E2M1[n] for byte in data for n in (byte & 15, byte >> 4)]


def grouped(codes, scales, group):
    return [(code, scales[i // group]) for i, code in enumerate(codes)]


def check_checkpoints(folder, rng):
    rows, cols, name = 3, 96, "model.layers.0.mlp.up_proj"
    data = rng.randbytes(rows * cols // 2)
    scale_codes = bytes(rng.randrange(1, 0x7F) for _ in range(rows * cols // 16))
    scales = [ue4m3(c) for c in scale_codes]
    encode, decode = f32(2688 / 3.3), f32(3.3 / 2688)
    global_bytes = lambda value: struct.pack("<f", value)
    ct = folder / "ct"
    ct.mkdir()
    tensors = {name + ".weight_packed": ("U8", [rows, cols // 2], data),
               name + ".weight_scale": ("F8_E4M3", [rows, cols // 16], scale_codes),
               name + ".weight_global_scale": ("F32", [1], global_bytes(encode)),
               "model.norm.weight": ("F32", [2], bytes(8))}
    write_safetensors(ct / "model.safetensors", tensors)
    # A value of compressed-tensors is (block scale / global scale) in FP32, times the code.
    by_encode = [f32(code * f32(s / encode)) for code, s in grouped(nibbles(data), scales, 16)]
    by_decode = [f32(code * f32(s * encode)) for code, s in grouped(nibbles(data), scales, 16)]
    error = run("import", ct, "--out", folder / "x.safetensors", status=2)
    check("--global-scale encode" in error, "an unknown direction names the option: " + error)
    same("NVFP4", decoded(folder, ct, "--global-scale", "encode")[name + ".weight"][1], by_encode)
    same("NVFP4", decoded(folder, ct, "--global-scale", "decode")[name + ".weight"][1], by_decode)
    (ct / "config.json").write_text(json.dumps({"quantization_config": {"quant_method": "compressed-tensors"}}))
    same("NVFP4", decoded(folder, ct)[name + ".weight"][1], by_encode)
    # This is a file of ModelOpt.
    write_safetensors(folder / "mo.safetensors", {name + ".weight": ("U8", [rows, cols // 2], data),
                                                  name + ".weight_scale": ("F8_E4M3", [rows, cols // 16], scale_codes),
                                                  name + ".weight_scale_2": ("F32", [], global_bytes(decode))})
    # A value of ModelOpt is (block scale * weight_scale_2) in FP32, times the code.
    exact = [f32(code * f32(s * decode)) for code, s in grouped(nibbles(data), scales, 16)]
    same("NVFP4", decoded(folder, folder / "mo.safetensors")[name + ".weight"][1], exact)
    check_mxfp4(folder, rng, data)
    check_gpt_oss(folder, rng)


def check_mxfp4(folder, rng, data):
    rows, cols, name = 3, 96, "model.layers.0.mlp.up_proj"
    # MXFP4 of compressed-tensors has E8M0 in U8 and no global scale; a layer left in BF16 comes along.
    e8m0 = bytes(rng.randrange(100, 150) for _ in range(rows * cols // 32))
    write_safetensors(folder / "mx.safetensors", {name + ".weight_packed": ("U8", [rows, cols // 2], data),
                                                  name + ".weight_scale": ("U8", [rows, cols // 32], e8m0),
                                                  "lm_head.weight": ("BF16", [2, 3],
                                                                     struct.pack("<6H", *range(0x3F80, 0x3F86)))})
    values = decoded(folder, folder / "mx.safetensors")
    powers = [2.0 ** (c - 127) for c in e8m0]
    same("MXFP4", values[name + ".weight"][1], [code * s for code, s in grouped(nibbles(data), powers, 32)])
    same("BF16", values["lm_head.weight"][1],
         [struct.unpack("<f", struct.pack("<I", b << 16))[0] for b in range(0x3F80, 0x3F86)])


def check_gpt_oss(folder, rng):
    experts, rows, groups = 2, 3, 4
    data = rng.randbytes(experts * rows * groups * 16)
    e8m0 = bytes(rng.randrange(100, 150) for _ in range(experts * rows * groups))
    base = "model.layers.0.mlp.experts.gate_up_proj"
    write_safetensors(folder / "oss.safetensors", {base + "_blocks": ("U8", [experts, rows, groups, 16], data),
                                                   base + "_scales": ("U8", [experts, rows, groups], e8m0),
                                                   "block.1.mlp.mlp2_weight.blocks": ("U8", [rows, groups, 16],
                                                                                      data[:rows * groups * 16]),
                                                   "block.1.mlp.mlp2_weight.scales": ("U8", [rows, groups],
                                                                                      e8m0[:rows * groups])})
    values = decoded(folder, folder / "oss.safetensors")
    each = rows * groups * 16
    for e in range(experts):
        powers = [2.0 ** (c - 127) for c in e8m0[e * rows * groups:(e + 1) * rows * groups]]
        numbers = [code * s for code, s in grouped(nibbles(data[e * each:(e + 1) * each]), powers, 32)]
        same("MXFP4 gpt-oss", values["model.layers.0.mlp.experts.%d.gate_up_proj.weight" % e][1], numbers)
        if e == 0:
            same("MXFP4 gpt-oss", values["block.1.mlp.mlp2_weight.weight"][1], numbers)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = random.Random(20261121)
        check_gguf(folder, rng)
        check_experts(folder, rng)
        check_checkpoints(folder, rng)
    print("interchange_check: seven GGUF types and four safetensors conventions, bit for bit")


main()
