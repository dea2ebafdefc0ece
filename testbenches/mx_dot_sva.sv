// Assertions of mx_dot for Verilator.
bind mx_dot stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
