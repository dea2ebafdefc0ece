"""Reads and writes GGUF blocks, GGUF files and safetensors files for interchange_check.py. The dequantizers are written
after ggml-quants.c (ggml_type numbers, block sizes, order of weights); nothing here uses subbyte."""
import json
import struct

E2M1 = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, -0.0, -0.5, -1.0, -1.5, -2.0, -3.0, -4.0, -6.0]


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def f16(bits):
    return struct.unpack("<e", struct.pack("<H", bits))[0]


def ue4m3(code):
    exponent, mantissa = code >> 3 & 15, code & 7
    return mantissa * 2.0 ** -9 if exponent == 0 else (8 + mantissa) * 2.0 ** (exponent - 10)


# Each ggml type has (number, weights, bytes, decode), where decode turns one block into floats.
def q4_0(b):
    d = f16(struct.unpack("<H", b[:2])[0])
    return [d * ((b[2 + j] & 15) - 8) for j in range(16)] + [d * ((b[2 + j] >> 4) - 8) for j in range(16)]


def q8_0(b):
    d = f16(struct.unpack("<H", b[:2])[0])
    return [d * q for q in struct.unpack("<32b", b[2:])]


def tq1_0(b):
    d = f16(struct.unpack("<H", b[52:])[0])
    out = [0.0] * 256
    trit = lambda byte, n: ((byte * 3 ** n & 255) * 3 >> 8) - 1
    for n in range(5):
        for m in range(32):
            out[32 * n + m] = d * trit(b[m], n)
        for m in range(16):
            out[160 + 16 * n + m] = d * trit(b[32 + m], n)
    for n in range(4):
        for j in range(4):
            out[240 + 4 * n + j] = d * trit(b[48 + j], n)
    return out


def tq2_0(b):
    d = f16(struct.unpack("<H", b[64:])[0])
    return [d * ((b[32 * (i // 128) + i % 32] >> 2 * (i % 128 // 32) & 3) - 1) for i in range(256)]


def stq1_0(b):
    d = f16(struct.unpack("<H", b[40:])[0])
    out = [0.0] * 256
    for g in range(64):
        slot = b[g // 2] >> 4 * (g % 2) & 15
        first = -1 if b[32 + g // 8] >> g % 8 & 1 else 1
        signs = [first, -first if slot & 1 else first, -first if slot & 2 else first]
        lanes = [lane for lane in range(4) if lane != slot >> 2]
        for lane, sign in zip(lanes, signs):
            out[64 * (g // 16) + g % 16 + 16 * lane] = d * sign
    return out


def mxfp4(b):
    d = 2.0 ** (b[0] - 127)
    return [d * E2M1[b[1 + j] & 15] for j in range(16)] + [d * E2M1[b[1 + j] >> 4] for j in range(16)]


def nvfp4(b):
    out = []
    for s in range(4):
        d, q = ue4m3(b[s]), b[4 + 8 * s:12 + 8 * s]
        out += [d * E2M1[byte & 15] for byte in q] + [d * E2M1[byte >> 4] for byte in q]
    return out


def nvfp4_codes(b):
    return [n for s in range(4) for half in (0, 4) for n in (byte >> half & 15 for byte in b[4 + 8 * s:12 + 8 * s])]


def random_f16(rng):
    return rng.randrange(0, 0x7C00) | (rng.getrandbits(1) << 15 if rng.random() < 0.5 else 0)


def pack5(trits):
    """Packs five trits as ggml does: v is in base 3 with the first trit most significant, and the byte is
    ceil(256 v / 243)."""
    value = 0
    for trit in trits:
        value = value * 3 + trit
    return (value * 256 + 242) // 243


def block(name, rng):
    d = struct.pack("<H", random_f16(rng) if name in ("Q4_0",) else rng.randrange(1, 0x7C00))
    if name == "Q4_0":
        return d + rng.randbytes(16)
    if name == "Q8_0":
        return d + bytes(rng.choice([b for b in range(256) if b != 128]) for _ in range(32))
    if name == "TQ1_0":
        fives = bytes(pack5([rng.randrange(3) for _ in range(5)]) for _ in range(48))
        fours = bytes(pack5([rng.randrange(3) for _ in range(4)] + [0]) for _ in range(4))
        return fives + fours + d
    if name == "TQ2_0":
        return bytes(sum(rng.randrange(3) << 2 * n for n in range(4)) for _ in range(64)) + d
    if name == "STQ1_0":
        return rng.randbytes(40) + d
    if name == "MXFP4":
        return bytes([rng.randrange(0, 240)]) + rng.randbytes(16)
    return bytes(rng.randrange(0, 0x7F) for _ in range(4)) + rng.randbytes(32)


TYPES = {"Q4_0": (2, 32, 18, q4_0), "Q8_0": (8, 32, 34, q8_0), "TQ1_0": (34, 256, 54, tq1_0),
         "TQ2_0": (35, 256, 66, tq2_0),
         "MXFP4": (39, 32, 17, mxfp4), "NVFP4": (40, 64, 36, nvfp4), "STQ1_0": (43, 256, 42, stq1_0)}


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def write_gguf(path, tensors, keys=b"", count=0):
    """Writes tensors, each given as (name, type, shape with the outermost first, bytes)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), count) + keys
    data = b""
    for name, kind, shape, payload in tensors:
        head += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in reversed(shape))
        head += struct.pack("<IQ", kind, len(data))
        data += payload + bytes(-len(payload) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + data)


def read_gguf(path):
    """Returns {name: (type, shape, offset of the data, file)}; skips metadata of the types that the exporter writes."""
    data = path.read_bytes()
    version, tensors, keys = struct.unpack_from("<IQQ", data, 4)
    at = 24
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}

    def skip(kind, at):
        if kind == 8:
            return at + 8 + struct.unpack_from("<Q", data, at)[0]
        if kind == 9:
            inner, count = struct.unpack_from("<IQ", data, at)
            at += 12
            for _ in range(count):
                at = skip(inner, at)
            return at
        return at + sizes[kind]

    for _ in range(keys):
        at = skip(8, at)
        at = skip(struct.unpack_from("<I", data, at)[0], at + 4)
    found = {}
    for _ in range(tensors):
        end = skip(8, at)
        name = data[at + 8:end].decode()
        dims = struct.unpack_from("<I", data, end)[0]
        shape = struct.unpack_from("<%dQ" % dims, data, end + 4)[::-1]
        kind, offset = struct.unpack_from("<IQ", data, end + 4 + 8 * dims)
        found[name] = (kind, list(shape), offset)
        at = end + 16 + 8 * dims
    base = at + -at % 32
    assert version == 3, version
    return {name: (kind, shape, data[base + offset:]) for name, (kind, shape, offset) in found.items()}


def write_safetensors(path, tensors):
    """Writes tensors, which are given as {name: (dtype, shape, bytes)}."""
    header, data = {}, b""
    for name, (dtype, shape, payload) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(payload)]}
        data += payload
    body = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(body)) + body + data)


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    values = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", name
        begin, end = entry["data_offsets"]
        values[name] = (entry["shape"], data[8 + size + begin:8 + size + end])
    return values
