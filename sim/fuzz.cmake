# The libFuzzer targets of the readers: cmake -DSUBBYTE_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++, then for each
#   sim/X_fuzz: X_fuzz -max_len=4096 -rss_limit_mb=1024 SCRATCH tests/corpus/X
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "SUBBYTE_FUZZ needs clang++ (CMAKE_CXX_COMPILER is ${CMAKE_CXX_COMPILER})")
endif()
set(fuzz_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1)
add_library(subbyte_fuzzed STATIC)
foreach(stem file_bytes output_file stored_tensor names config config_node format_file model npy safetensors safetensors_index llama_config llama2c gguf packed_file
    packed_layout packed_writer policy gguf_cursor gguf_metadata gguf_types gguf_llama gguf_blocks packed_import compressed_tensors tl2_files
    tokenizer tokenizer_encode tokenizer_pieces tokenizer_unicode tokenizer_files
    liberty liberty_file liberty_scanner liberty_tree liberty_units liberty_function cell_tables cell_tables_lookup structural_verilog gate_netlist
    static_timing synthesis_process memory_table memory_csv)
  target_sources(subbyte_fuzzed PRIVATE sim/${stem}.cpp)
endforeach()
# What unpacks stored bytes, instrumented too; the linker takes these before subbyte_quant's.
foreach(stem ggml_blocks ggml_block_codes packed_tensor packed_buffers layout bit_stream user_format user_format_checks codebook)
  target_sources(subbyte_fuzzed PRIVATE quant/${stem}.cpp)
endforeach()
target_compile_options(subbyte_fuzzed PRIVATE ${fuzz_flags})
target_compile_definitions(subbyte_fuzzed PRIVATE SUBBYTE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_link_libraries(subbyte_fuzzed PUBLIC subbyte_quant yaml-cpp fmt::fmt nlohmann_json::nlohmann_json
  ${XXHASH_LIBRARY})
foreach(reader npy safetensors safetensors_index llama_config llama2c gguf packed_file policy format_file tokenizer packed_import liberty gate_netlist memory_table)
  add_executable(${reader}_fuzz sim/${reader}_fuzz.cpp)
  target_compile_options(${reader}_fuzz PRIVATE ${fuzz_flags})
  target_link_libraries(${reader}_fuzz PRIVATE subbyte_fuzzed)
  target_link_options(${reader}_fuzz PRIVATE -fsanitize=fuzzer,address,undefined)
endforeach()
