// Assertions of ternary5_unpack for Verilator.
bind ternary5_unpack stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o)), .OutIsInput(1'b1)) u_stream_sva (.*);
