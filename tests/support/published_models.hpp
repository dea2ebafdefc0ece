// Models with the keys that matter of their config.json on Hugging Face, and their published numbers of parameters.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace subbyte::tests {

struct PublishedModel {
  std::string_view name;
  std::uint64_t parameters;
  std::string_view config;  ///< the keys of the published config.json that say what the layers are, and some others
};

inline constexpr std::array kPublishedModels{
    PublishedModel{
        "opt-1.3b", 1315758080,
        R"({"model_type": "opt", "_remove_final_layer_norm": false, "activation_function": "relu", "dropout": 0.1,
           "do_layer_norm_before": true, "ffn_dim": 8192, "hidden_size": 2048, "max_position_embeddings": 2048,
           "num_attention_heads": 32, "num_hidden_layers": 24, "vocab_size": 50272, "word_embed_proj_dim": 2048})"},
    PublishedModel{"phi-2", 2779683840,
                   R"({"model_type": "phi", "hidden_act": "gelu_new", "hidden_size": 2560, "intermediate_size": 10240,
           "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32, "vocab_size": 51200,
           "partial_rotary_factor": 0.4, "qk_layernorm": false, "tie_word_embeddings": false})"},
    PublishedModel{"yi-6b", 6061035520,
                   R"({"model_type": "llama", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 11008,
           "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 4, "vocab_size": 64000,
           "rope_theta": 5000000.0, "tie_word_embeddings": false})"},
    PublishedModel{"llama-2-7b", 6738415616,
                   R"({"model_type": "llama", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 11008,
           "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32, "vocab_size": 32000,
           "tie_word_embeddings": false})"},
    PublishedModel{"llama-2-13b", 13015864320,
                   R"({"model_type": "llama", "hidden_act": "silu", "hidden_size": 5120, "intermediate_size": 13824,
           "num_attention_heads": 40, "num_hidden_layers": 40, "num_key_value_heads": 40, "vocab_size": 32000,
           "tie_word_embeddings": false})"},
    PublishedModel{"llama-3-8b", 8030261248,
                   R"({"model_type": "llama", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
           "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "vocab_size": 128256,
           "attention_bias": false, "rope_theta": 500000.0, "tie_word_embeddings": false})"},
    PublishedModel{"mixtral-8x7b", 46702792704,
                   R"({"model_type": "mixtral", "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
           "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "vocab_size": 32000,
           "num_experts_per_tok": 2, "num_local_experts": 8, "sliding_window": null, "tie_word_embeddings": false})"},
    PublishedModel{
        "qwen3-0.6b", 596049920,
        R"({"model_type": "qwen3", "attention_bias": false, "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024,
           "intermediate_size": 3072, "max_window_layers": 28, "num_attention_heads": 16, "num_hidden_layers": 28,
           "num_key_value_heads": 8, "tie_word_embeddings": true, "use_sliding_window": false,
           "vocab_size": 151936})"},
    PublishedModel{"bitnet-2b4t", 2412820480,
                   R"({"model_type": "bitnet", "hidden_act": "relu2", "hidden_size": 2560, "intermediate_size": 6912,
           "num_attention_heads": 20, "num_hidden_layers": 30, "num_key_value_heads": 5, "vocab_size": 128256,
           "tie_word_embeddings": true, "quantization_config": {"quant_method": "bitnet"}})"},
};

}  // namespace subbyte::tests
