"""The embedded model: Llama as in Hugging Face transformers.

Weights are [out][in]; the rotary embedding turns the half-split pairs (i, i + head_dim / 2), not the adjacent
pairs of llama2.c.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32",
    "hidden_act": "silu",
    "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 4, "vocab_size": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    "tie_word_embeddings": False, "max_position_embeddings": 128, "bos_token_id": 0, "attention_bias": False,
}
POSITIONS = CONFIG["max_position_embeddings"]


class RMSNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["rms_norm_eps"]) * self.weight


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


def rotary_tables():
    head = CONFIG["hidden_size"] // CONFIG["num_attention_heads"]
    frequency = CONFIG["rope_theta"] ** (-torch.arange(0, head, 2, dtype=torch.float64) / head)
    angle = torch.outer(torch.arange(POSITIONS, dtype=torch.float64), frequency)
    angle = torch.cat((angle, angle), -1)
    return angle.cos().float(), angle.sin().float()


def rotate(x, cosine, sine):
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat((-second, first), -1) * sine


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        hidden, self.heads = CONFIG["hidden_size"], CONFIG["num_attention_heads"]
        self.q_proj, self.k_proj = linear(hidden, hidden), linear(hidden, hidden)
        self.v_proj, self.o_proj = linear(hidden, hidden), linear(hidden, hidden)

    def forward(self, x, rotary, mask):
        batch, time_steps, hidden = x.shape
        cosine, sine = (table[:time_steps] for table in rotary)
        q, k, v = (p(x).view(batch, time_steps, self.heads, -1).transpose(1, 2)
                   for p in (self.q_proj, self.k_proj, self.v_proj))
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        scores = q @ k.transpose(2, 3) / math.sqrt(hidden // self.heads) + mask[:time_steps, :time_steps]
        return self.o_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, time_steps, hidden))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        hidden, wide = CONFIG["hidden_size"], CONFIG["intermediate_size"]
        self.gate_proj, self.up_proj = linear(hidden, wide), linear(hidden, wide)
        self.down_proj = linear(wide, hidden)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm, self.self_attn = RMSNorm(CONFIG["hidden_size"]), Attention()
        self.post_attention_layernorm, self.mlp = RMSNorm(CONFIG["hidden_size"]), Mlp()

    def forward(self, x, rotary, mask):
        x = x + self.self_attn(self.input_layernorm(x), rotary, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(CONFIG["vocab_size"], CONFIG["hidden_size"])
        self.layers = nn.ModuleList(Layer() for _ in range(CONFIG["num_hidden_layers"]))
        self.norm = RMSNorm(CONFIG["hidden_size"])


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Body()
        self.lm_head = linear(CONFIG["hidden_size"], CONFIG["vocab_size"])
        self.rotary = rotary_tables()
        self.mask = torch.full((POSITIONS, POSITIONS), -math.inf).triu(1)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.05)

    def forward(self, tokens):
        x = self.model.embed_tokens(tokens)
        for layer in self.model.layers:
            x = layer(x, self.rotary, self.mask)
        return self.lm_head(self.model.norm(x))
