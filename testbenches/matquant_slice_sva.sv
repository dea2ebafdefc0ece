// Assertions of matquant_slice for Verilator.
bind matquant_slice stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o)), .OutIsInput(1'b1)) u_stream_sva (.*);
