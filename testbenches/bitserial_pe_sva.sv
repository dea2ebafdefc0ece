// Assertions of bitserial_pe for Verilator.
bind bitserial_pe stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
