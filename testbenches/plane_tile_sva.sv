// Assertions of plane_tile for Verilator: a group ends with a chunk, whose planes are counted; the column accumulators move in
// lock-step, the queues of side data never overflow or run dry.
module scale_and_sum_sva #(
  parameter int unsigned Columns = 1
) (
  input logic               clk_i,
  input logic               rst_ni,
  input logic [Columns-1:0] col_in_ready,
  input logic [Columns-1:0] col_out_valid
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      columns_in_step : assert ((&col_in_ready || !(|col_in_ready)) && (&col_out_valid || !(|col_out_valid)))
        else $error("column accumulators out of step");
    end
  end
endmodule

module meta_queue_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       push_i,
  input logic       pop_i,
  input logic [1:0] count_q
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      no_overflow : assert (!(push_i && !pop_i && count_q == 2'd2)) else $error("side data queue overflows");
      no_underflow : assert (!(pop_i && count_q == 2'd0)) else $error("side data queue runs dry");
    end
  end
endmodule

module plane_tile_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       load1,
  input logic       last0,
  input logic       complete0_q,
  input logic [2:0] plane_q,
  input logic [2:0] last_plane_q
);
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      whole_chunks : assert (!(load1 && last0 && !complete0_q)) else $error("a group ends inside a chunk");
      counted : assert (plane_q <= last_plane_q) else $error("more planes than a chunk has");
    end
  end
endmodule

bind plane_tile plane_tile_sva u_plane_sva (.*);
bind plane_tile stream_sva #(.InWidth($bits(in_data_i)), .OutWidth($bits(out_data_o))) u_stream_sva (.*);
bind scale_and_sum scale_and_sum_sva #(.Columns($bits(col_in_ready))) u_sva (.*);
bind meta_queue meta_queue_sva u_sva (.*);
