"""Makes the embedded default model: generates its text, trains it, measures it, writes every file here.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 train.py        # about 10 minutes on an idle core
    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 train.py --steps 50 --out /tmp/try     # a short trial elsewhere

Needs the Debian packages python3-torch, python3-numpy and libopenblas0-pthread (the reference BLAS that
python3-torch pulls in by itself is ten times slower and rounds differently). Everything is seeded and runs
in one thread. The text is grammar.py's, the model llama.py's.
"""
import argparse
import hashlib
import json
import math
import pathlib
import platform
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import grammar
from llama import CONFIG, POSITIONS, Llama

SEEDS = {"lexicon": grammar.LEXICON_SEED, "initial_weights": 1, "training_text": 2, "validation_text": 3,
         "entropy_text": 4}
BATCH, LEARNING_RATE, WARMUP, WEIGHT_DECAY = 16, 4e-3, 100, 0.05
VALIDATION_ROWS, SAVED_ROWS, ENTROPY_ROWS, ACTIVATION_TOKENS = 2048, 128, 16384, 64
ROW = POSITIONS + 1  # tokens: one more than targets
SMALLEST_SCALE = 1.00136e-5


def tokens_of(documents):
    return torch.tensor([d.tokens for d in documents])


def mean_of(rows_of_values):
    """Mean over tokens, and its standard error from the spread of row means (rows are independent)."""
    values = np.asarray(rows_of_values, dtype=np.float64)
    row_means = values.mean(1)
    error = row_means.std(ddof=1) / math.sqrt(len(values))
    return {"mean": float(row_means.mean()), "standard_error": float(error)}


@torch.no_grad()
def losses(model, tokens):
    """Cross-entropy in nats, [rows][targets]."""
    return np.concatenate([F.cross_entropy(model(part[:, :-1]).transpose(1, 2), part[:, 1:], reduction="none")
                           .double().numpy() for part in tokens.split(32)])


def learning_rate(step, steps):
    return min(1.0, (step + 1) / WARMUP) * (0.5 * (1 + math.cos(math.pi * step / steps)) * 0.99 + 0.01)


def train(steps, validation):
    """Every step sees text that no other step has seen. Returns the model and the curve."""
    torch.manual_seed(SEEDS["initial_weights"])
    model = Llama()
    decayed = [p for p in model.parameters() if p.dim() == 2]
    plain = [p for p in model.parameters() if p.dim() != 2]
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98))
    source, curve, window, start = grammar.random.Random(SEEDS["training_text"]), [], [], time.time()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * learning_rate(step, steps)
        documents = [grammar.Document(source, ROW) for _ in range(BATCH)]
        tokens = tokens_of(documents)
        loss = F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        window.append((loss.item(), sum(sum(d.surprisal) for d in documents) / BATCH / (ROW - 1)))
        if (step + 1) % max(1, steps // 40) == 0:
            train_loss, bound = np.mean(window, 0)
            curve.append({"step": step + 1, "train_loss": float(train_loss),
                          "train_text_surprisal": float(bound),
                          "validation_loss": float(losses(model, validation[:SAVED_ROWS]).mean())})
            window = []
            print(f"{time.time() - start:6.0f} s", json.dumps(curve[-1]), flush=True)
    return model, curve


def round_to_nearest(weight, bits, group=128):
    """Symmetric integers, one FP16 scale s = FP16(max|w| / qmax) per group of inputs, ties to even."""
    top = 2 ** (bits - 1) - 1
    w = weight.double().numpy().reshape(weight.shape[0], -1, group)
    scale = (np.abs(w).max(-1, keepdims=True).astype(np.float32) / np.float32(top)).astype(np.float64)
    scale = np.maximum(scale, SMALLEST_SCALE).astype(np.float16).astype(np.float64)
    levels = np.clip(np.rint(w / scale), -top, top)
    return torch.from_numpy((levels * scale).astype(np.float32).reshape(weight.shape))


def linear_layers(model):
    return {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}


def quantized_losses(model, validation, reference):
    """Validation loss with every linear layer quantized, classifier included; paired difference to FP32."""
    result, layers = {}, linear_layers(model)
    originals = {name: module.weight.data for name, module in layers.items()}
    for bits in (8, 6, 5, 4, 3):
        for name, module in layers.items():
            module.weight.data = round_to_nearest(originals[name], bits)
        measured = losses(model, validation)
        result[f"int{bits}:g128"] = {"validation_loss": mean_of(measured)["mean"],
                                     "difference_to_fp32": mean_of(measured - reference)}
        print(f"int{bits}:g128", json.dumps(result[f"int{bits}:g128"]), flush=True)
    for name, module in layers.items():
        module.weight.data = originals[name]
    return result


@torch.no_grad()
def recorded_inputs(model, tokens):
    """FP16 input of every linear layer for a row of tokens, by the layer's name."""
    inputs, hooks = {}, []
    for name, module in linear_layers(model).items():
        hooks.append(module.register_forward_hook(
            lambda _, given, __, name=name: inputs.__setitem__(name, given[0][0].numpy().astype(np.float16))))
    model(tokens[None])
    for hook in hooks:
        hook.remove()
    return inputs


def write_safetensors(path, tensors, metadata):
    """The safetensors format: u64 length, JSON header padded with spaces to a multiple of 8, the data."""
    kinds = {np.dtype("float32"): "F32", np.dtype("float16"): "F16"}
    header, offset = {"__metadata__": metadata}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": kinds[value.dtype], "shape": list(value.shape),
                        "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for value in tensors.values():
            file.write(np.ascontiguousarray(value).tobytes())


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def write_model(out, model, validation):
    """Writes everything but training.json; returns the SHA-256 of the model file."""
    metadata = {"generator": "subbyte configs/workloads/embedded/train.py", "format": "pt",
                "rotary": "half-split"}
    tensors = {name: value.numpy().astype(np.float32) for name, value in model.state_dict().items()}
    write_safetensors(out / "model.safetensors", tensors, metadata)
    write_json(out / "config.json", CONFIG)
    write_json(out / "vocab.json", grammar.ID)
    np.save(out / "validation.npy", validation[:SAVED_ROWS].numpy().astype(np.uint8))
    tokens = validation[0, :ACTIVATION_TOKENS]
    inputs = recorded_inputs(model, tokens)
    assert all(np.isfinite(value).all() for value in inputs.values())
    write_safetensors(out / "activations.safetensors", inputs, {
        "generator": metadata["generator"], "tokens": " ".join(str(t) for t in tokens.tolist()),
        "what": "FP16 input of each linear layer, [token][input]: first tokens of row 0 of validation.npy"})
    return hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest()


def recipe(steps, model):
    return {
        "command": f"OPENBLAS_NUM_THREADS=1 /usr/bin/python3 train.py --steps {steps}", "seeds": SEEDS,
        "optimizer": {"name": "AdamW", "betas": [0.9, 0.98], "learning_rate": LEARNING_RATE,
                      "warmup_steps": WARMUP, "schedule": "cosine to 1 %", "weight_decay": WEIGHT_DECAY,
                      "gradient_norm_clip": 1.0},
        "steps": steps, "rows_per_step": BATCH, "training_tokens": steps * BATCH * (ROW - 1),
        "parameters": sum(p.numel() for p in model.parameters()), "unit": "nats per token",
        "machine": {"processor": platform.machine(), "torch": torch.__version__, "numpy": np.__version__},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    documents = grammar.rows(SEEDS["validation_text"], VALIDATION_ROWS, ROW)
    validation, bound = tokens_of(documents), np.array([d.surprisal[1:] for d in documents])
    large = grammar.rows(SEEDS["entropy_text"], ENTROPY_ROWS, ROW)
    entropy = mean_of([d.entropy[1:] for d in large])
    print("source entropy", json.dumps(entropy), flush=True)
    model, curve = train(arguments.steps, validation)
    model.eval()
    reference = losses(model, validation)
    result = {
        **recipe(arguments.steps, model),
        "entropy": {"source": entropy, "source_tokens": ENTROPY_ROWS * (ROW - 1),
                    "validation_text_surprisal": mean_of(bound)},
        "validation": {"rows": VALIDATION_ROWS, "tokens": reference.size, "loss": mean_of(reference),
                       "loss_above_bound": mean_of(reference - bound),
                       "loss_of_validation_npy": float(reference[:SAVED_ROWS].mean())},
        "round_to_nearest": quantized_losses(model, validation, reference), "curve": curve,
    }
    result["model_sha256"] = write_model(arguments.out, model, validation)
    write_json(arguments.out / "training.json", result)
    print(json.dumps({key: result[key] for key in ("entropy", "validation", "model_sha256")}, indent=1))


if __name__ == "__main__":
    main()
