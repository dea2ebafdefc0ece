// Assertions of nvfp4_dot for Verilator.
bind nvfp4_dot stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
