// Assertions of fp4_quant for Verilator.
bind fp4_quant stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
