// Assertions of column_accumulator for Verilator.
bind column_accumulator stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
